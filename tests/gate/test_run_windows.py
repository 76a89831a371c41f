"""Windows from a plan and from the faults' log, and what is read from and written to a run directory."""

from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram

from loket.gate.histogram_files import write_histograms
from loket.gate.phases import Phases, Span, fault_windows
from loket.load.histogram import Histogram
from loket.load.plan import LoadPlan
from loket.records import FaultEntry, Second, Shift, encode
from loket.run_directory import RunDirectory

ORIGIN_NS = 5_000_000_000


def entry(second, kind, fault="slow", source="timeline"):
    return FaultEntry(mono_ns=ORIGIN_NS + int(second * 1e9), source=source, type=kind, fault=fault)


def test_phases_follow_one_another_without_a_gap():
    """Closed until the opening, then the rush, then the drain."""
    plan = LoadPlan(
        scenario="quota_rush", seed=1, office="batam", people=1, places=1, days=1, opens_at_s=15.0, rush_s=30.0,
        drain_s=20.0, patience_s=30.0, payment_deadline_s=18.0, profile=None, service_url="", bank_url="",
        direct_url="", admin_token="", run_directory="",
    )  # fmt: skip
    assert Phases.of(plan) == Phases(closed=Span(0, 15), rush=Span(15, 45), drain=Span(45, 65))


FAULT_LOGS = [
    ([entry(9, "requested"), entry(10, "confirmed"), entry(20, "heal_requested"), entry(21, "healed")], Span(10, 21)),
    ([entry(10, "confirmed"), entry(20, "failed"), entry(23, "healed")], Span(10, 23)),
    ([entry(10, "confirmed"), entry(11, "confirmed"), entry(20, "healed"), entry(21, "healed")], Span(10, 21)),
    ([entry(10, "confirmed")], Span(10)),
    ([entry(10, "requested"), entry(11, "failed"), entry(12, "healed")], None),
    ([entry(10, "confirmed", source="engine")], None),
]


@pytest.mark.parametrize(("log", "window"), FAULT_LOGS)
def test_a_fault_lasts_from_its_confirmation_to_its_heal(log, window):
    """Requests and the engine's own lines make no window; a fault never healed lasts to the end."""
    assert fault_windows(log, ORIGIN_NS).get("slow") == window


@pytest.fixture
def run(tmp_path: Path, build) -> RunDirectory:
    """A directory with two workers' seconds, one of them in the warm-up."""
    run = RunDirectory(tmp_path)
    run.create()
    for worker in ("w0", "w1"):
        rows = [build.second(second, [1.0, 2.0], worker=worker) for second in (-1, 9, 10, 11)]
        (run.series / f"load-{worker}.ndjson").write_bytes(b"".join(map(encode, rows)))
        shift = encode(Shift(mono_ns=0, worker=worker, type="begin"))
        (run.journal / f"shift-{worker}.ndjson").write_bytes(shift)
    return run


PHASES = Phases(closed=Span(0, 10), rush=Span(10, 40), drain=Span(40, 60))


def test_histograms_are_written_for_each_step_phase_and_measure_with_data(run):
    """Another program's HDR reader finds the phase's samples; a phase without any has no file."""
    written = write_histograms(run, PHASES)
    assert {name.removesuffix(".response.hdr") for name in written if "response" in name} == {
        "hold_slot.closed",
        "hold_slot.rush",
    }
    rush = HdrHistogram.decode((run.histograms / "hold_slot.rush.response.hdr").read_bytes().strip())
    assert rush.get_total_count() == 8
    assert rush.get_max_value() == pytest.approx(2000, rel=1e-3)


def test_service_times_stand_beside_response_times(run):
    """Both measures are kept: their difference is what the generator or the queue in front of it added."""
    (run.series / "load-w0.ndjson").write_bytes(
        encode(Second(worker="w0", second=12, step="pay", sent=1, ok=1, service=Histogram.of([500]).encode()))
    )
    assert "pay.rush.service.hdr" in write_histograms(run, PHASES)
