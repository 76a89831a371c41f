"""Synthetic runs on disk: a rush that went wrong, one that held, one cut off half-way with half-written files."""

import random
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from loket.load.histogram import Histogram
from loket.records import Event, FaultEntry, Ledger, Origin, Row, Second, Shift, encode
from loket.report.page import write_report
from loket.run_directory import RunDirectory
from loket.verdict import (
    CheckResult,
    CheckVerdict,
    FaultSpan,
    FunnelStep,
    GateResult,
    GateVerdict,
    MissingCode,
    Verdict,
    Violation,
    Word,
)

ORIGIN = Origin(mono_ns=5_000_000_000_000, unix_ns=1_796_000_000_000_000_000)
OPENS_S, RUSH_S, END_S = 20, 40, 75
NAME = "20261130T005320-quota_rush"
PEOPLE, PLACES = 2000, 200
FAULT = FaultSpan(
    fault="simponi_slow",
    link="simponi",
    what="latency 3,000 ms ± 800 ms",
    requested_s=22.0,
    confirmed_s=22.013,
    healed_s=42.021,
)
# Each step with its median in milliseconds and the people that take it per person who arrives.
STEPS = (
    ("register", 18, 1.0),
    ("login", 9, 1.0),
    ("draft", 7, 1.0),
    ("verify_nik", 310, 1.0),
    ("upload_document", 42, 1.0),
    ("availability", 4, 2.0),
    ("hold_slot", 30, 1.6),
    ("request_billing", 12, 0.1),
    ("billing_code", 6, 1.4),
    ("pay", 45, 0.09),
    ("status", 5, 0.12),
)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows as NDJSON."""
    path.write_bytes(b"".join(encode(row) for row in rows))


def _slowness(step: str, second: int) -> float:
    """How much longer than its median a step takes in this second."""
    at_opening = 1 + 22 * max(0.0, 1 - abs(second - OPENS_S - 2) / 6)
    behind_simponi = 14 if FAULT.requested_s <= second < 44 and step in ("billing_code", "pay") else 1
    return at_opening * behind_simponi


def load_seconds(seed: int = 7) -> list[Second]:
    """A minute and a quarter of load: people wait for the opening, rush in, and fade away."""
    rng = random.Random(seed)
    rows = []
    for second in range(-3, END_S):
        rate = 6 if second < OPENS_S else 60 * 0.93 ** (second - OPENS_S)
        for step, median_ms, each in STEPS:
            if second < OPENS_S and step in ("hold_slot", "request_billing", "billing_code", "pay", "status"):
                continue
            sent = round(rate * each * rng.uniform(0.85, 1.15))
            if not sent:
                continue
            times_us = [
                int(1000 * median_ms * _slowness(step, second) * rng.lognormvariate(0, 0.45)) for _ in range(sent)
            ]
            unknown = sent // 25 if step == "hold_slot" and second in (21, 22, 23) else 0
            errors = sent // 12 if step == "billing_code" and 24 <= second < 40 else 0
            refused = (sent - unknown) * 6 // 10 if step == "hold_slot" and second > 24 else 0
            rows.append(
                Second(
                    worker="w1",
                    second=second,
                    step=step,
                    sent=sent,
                    ok=sent - unknown - errors - refused,
                    refused=refused,
                    errors=errors,
                    unknown=unknown,
                    response=Histogram.of(times_us).encode(),
                )
            )
    return rows


def booking_events(missing: int, seed: int = 7) -> list[Event]:
    """Places taken within seconds of the opening; codes late while SIMPONI is slow; `missing` never shown."""
    rng = random.Random(seed)
    moments: list[tuple[float, dict[str, object]]] = [(0.5, {"type": "slot_opened", "slot": "s1", "capacity": PLACES})]
    for number in range(PLACES):
        who = {"application_id": f"a{number:04}", "applicant": f"p{number:04}"}
        held = OPENS_S + rng.expovariate(1 / 3.0)
        asked = held + rng.uniform(0.4, 1.5)
        slow = FAULT.requested_s <= asked < 42
        shown = asked + (rng.uniform(4, 18) if slow else rng.uniform(0.1, 0.6))
        moments.append((held, {"type": "held", "slot": "s1", **who}))
        moments.append((asked, {"type": "billing_requested", **who}))
        if slow:
            moments.append((asked + 3, {"type": "bill_attempt_failed", "reason": "timeout", "attempt": 1, **who}))
        if number >= PLACES - missing:
            continue
        moments.append((shown - 0.1, {"type": "bill_issued", "billing_code": f"8{number:014}", **who}))
        moments.append((shown, {"type": "code_shown", **who}))
        if number % 17:
            moments.append((shown + rng.uniform(2, 14), {"type": "paid", "slot": "s1", **who}))
        else:
            moments.append((shown + 32, {"type": "released", "slot": "s1", "reason": "expired", **who}))
    moments.sort(key=lambda each: each[0])
    return [
        msgspec.convert({"seq": seq, "unix_ns": ORIGIN.unix_ns + int(second * 1e9), **fields}, Event)
        for seq, (second, fields) in enumerate(moments, start=1)
    ]


def shift_rows(ends: bool = True) -> list[Shift]:
    """The worker's record: late for a moment at the opening."""
    rng = random.Random(3)
    rows = [Shift(mono_ns=ORIGIN.mono_ns - 10**9, worker="w1", type="begin", pid=4711)]
    for tick in range(4 * END_S):
        busy = 1.0 if OPENS_S * 4 <= tick < (OPENS_S + 15) * 4 else 0.25
        rows.append(
            Shift(
                mono_ns=ORIGIN.mono_ns + tick * 250_000_000,
                worker="w1",
                type="tick",
                send_lateness_ms=busy * rng.uniform(0.3, 6),
                loop_lag_ms=busy * rng.uniform(0.2, 9),
                cpu_share=busy * rng.uniform(0.4, 0.62),
            )
        )
    if ends:
        rows.append(Shift(mono_ns=ORIGIN.mono_ns + END_S * 10**9, worker="w1", type="end"))
    return rows


def plan_document() -> dict[str, object]:
    """The part of a resolved plan that a report reads."""
    load = {
        "people": PEOPLE,
        "places": PLACES,
        "days": 1,
        "opens_at_s": 20.0,
        "rush_s": 40.0,
        "profile": "kepri_island",
    }
    return {
        "name": "quota_rush",
        "seed": 20230130,
        "experiment": {"title": "t", "office": "belakang_padang", "load": load},
    }


def write_evidence(root: Path, missing: int) -> RunDirectory:
    """Everything but the verdict."""
    run = RunDirectory(root)
    run.create()
    run.plan.write_bytes(msgspec.json.encode(plan_document()))
    run.origin_file.write_bytes(msgspec.json.encode(ORIGIN))
    write_rows(run.series / "load-w1.ndjson", load_seconds())
    write_rows(run.journal / "shift-w1.ndjson", shift_rows())
    write_rows(run.events_file, booking_events(missing))
    entries = (("requested", 22.0), ("confirmed", 22.013), ("heal_requested", 42.0), ("healed", 42.021))
    write_rows(
        run.faults_file,
        [
            FaultEntry(
                mono_ns=ORIGIN.mono_ns + int(second * 1e9),
                source="timeline",
                type=kind,
                link="simponi",
                fault="simponi_slow",
                detail=FAULT.what,
            )
            for kind, second in entries
        ],
    )
    return run


def held_verdict() -> Verdict:
    """Every gate passed, every invariant held."""
    return Verdict(
        verdict=Word.HELD,
        exit_code=0,
        title="The quota opens while SIMPONI answers slowly",
        scenario="quota_rush",
        seed=20230130,
        started_at="2026-11-30T00:53:20+00:00",
        duration_s=96.4,
        sentences=("2,000 people came for 200 places.", "Nobody is without a payment code."),
        gates=(
            GateResult(gate="hold_slot.p95[rush] < 800ms", verdict=GateVerdict.PASSED, figure="612 ms", samples=1140),
            GateResult(gate="billing_code.missing == 0", verdict=GateVerdict.PASSED, figure="0", samples=200),
            GateResult(gate="recovery(simponi_slow) < 30s", verdict=GateVerdict.PASSED, figure="4 s", samples=380),
        ),
        checks=(
            CheckResult(
                number=1,
                name="no_overbooking",
                promise="No slot is given to more people than it has places.",
                verdict=CheckVerdict.HOLDS,
                examined=214,
            ),
            CheckResult(
                number=13,
                name="money_honoured",
                promise="Every payment leads to a passport appointment or a refund.",
                verdict=CheckVerdict.HOLDS,
                examined=187,
            ),
            CheckResult(
                number=20,
                name="queue_order",
                promise="Queue numbers are served in their order.",
                verdict=CheckVerdict.NOT_CHECKED,
                examined=0,
                note="The scenario has no queue.",
            ),
        ),
        faults=(FAULT,),
        funnel=tuple(
            FunnelStep(step=step, people=people)
            for step, people in zip(
                ("arrived", "register", "login", "verify_nik", "upload_document", "hold_slot", "billing_code", "pay"),
                (2000, 1996, 1996, 1961, 1958, 200, 198, 187),
                strict=True,
            )
        ),
        outcomes={
            "confirmed": 187,
            "sold_out": 1746,
            "no_code": 2,
            "forgot": 11,
            "refused": 35,
            "gave_up": 15,
            "failed": 4,
        },
        ledgers={
            "arrivals": msgspec.structs.asdict(Ledger(scheduled=2000, sent=2000, ok=1996, failed=4)),
            "requests": msgspec.structs.asdict(
                Ledger(scheduled=15_200, sent=15_130, dropped=50, cancelled=20, ok=14_000, failed=1_100, unknown=30)
            ),
        },
        versions={"loket": "0.1.0", "python": "3.11.2", "locust": "2.47.0", "bokeh": "3.9.2"},
        overhead_s={"stack started": 2.1, "audit": 0.8},
    )


def wrong_verdict() -> Verdict:
    """Two codes missing, a slot overbooked, a gate failed, a defect planted."""
    held = held_verdict()
    failed = (
        GateResult(
            gate="hold_slot.p95[rush] < 800ms",
            verdict=GateVerdict.FAILED,
            figure="1243 ms",
            samples=1140,
        ),
        GateResult(gate="billing_code.missing == 0", verdict=GateVerdict.FAILED, figure="2", samples=200),
        GateResult(
            gate="billing_code.wait.p99[fault] < 30s",
            verdict=GateVerdict.FAILED,
            figure="never",
            samples=143,
            note="2 of 143 people never saw a code; only 143 samples, 299 bound a p99",
        ),
        held.gates[2],
    )
    violated = CheckResult(
        number=11,
        name="code_liveness",
        promise="Who holds a place and asks for a payment code gets one, or the place goes back.",
        verdict=CheckVerdict.VIOLATED,
        examined=200,
        violations=(
            Violation(
                sentence="Application a0198 holds a place and never got its payment code.",
                witness=(
                    " 23.104 s  service  held               a0198  s1",
                    " 24.233 s  service  billing_requested  a0198",
                    " 27.233 s  service  bill_attempt_failed  attempt 1: timeout",
                    " 91.020 s  audit    no code, place still held",
                ),
            ),
        ),
        violation_count=2,
    )
    return msgspec.structs.replace(
        held,
        verdict=Word.WRONG,
        exit_code=3,
        sentences=(
            "2 people held a place, asked for the payment code and never got one.",
            "Holding a place took 1,243 ms at the 95th percentile; the gate asks for less than 800 ms.",
        ),
        gates=failed,
        checks=(held.checks[0], violated, *held.checks[1:]),
        missing_codes=(
            MissingCode(
                application_id="a0198",
                applicant="p0198",
                asked_s=24.233,
                last_step="bill_attempt_failed",
                fate="never_issued",
                waited_s=51.2,
                failed_attempts=1,
                last_error="timeout",
                faults_active=("simponi_slow",),
            ),
            MissingCode(
                application_id="a0199",
                applicant="p0199",
                asked_s=25.9,
                last_step="billing_requested",
                fate="never_issued",
                faults_active=("simponi_slow",),
            ),
        ),
        defects=("M15",),
    )


def write_verdict(run: RunDirectory, verdict: Verdict) -> None:
    run.verdict.write_bytes(msgspec.json.encode(verdict))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A directory with everything but the verdict, by the number of missing codes; made once, to be copied."""

    @cache
    def record(missing: int) -> Path:
        root = tmp_path_factory.mktemp("recorded") / NAME
        return write_evidence(root, missing).root

    return record


@pytest.fixture
def wrong_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """A 75 s rush with a slow SIMPONI, two missing codes, a violated invariant and failed gates."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path / NAME)))
    write_verdict(run, wrong_verdict())
    return run


@pytest.fixture
def held_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """The same rush, held."""
    run = RunDirectory(Path(shutil.copytree(recorded(0), tmp_path / NAME)))
    write_verdict(run, held_verdict())
    return run


@pytest.fixture(scope="session")
def wrong_report(tmp_path_factory: pytest.TempPathFactory, recorded: Callable[[int], Path]) -> Path:
    """The page of the wrong run, written once for all tests that only read it."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path_factory.mktemp("reported") / NAME)))
    write_verdict(run, wrong_verdict())
    return write_report(run)


@pytest.fixture
def short_run(wrong_run: RunDirectory) -> RunDirectory:
    """The wrong run with three rows of load, for tests that look at anything else many times."""
    series = wrong_run.series / "load-w1.ndjson"
    series.write_bytes(b"".join(series.read_bytes().splitlines(keepends=True)[-3:]))
    return wrong_run


@pytest.fixture
def interrupted_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """Killed: no verdict, a series that breaks off in a row, an unreadable event, a worker without its end."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path / NAME)))
    series = run.series / "load-w1.ndjson"
    series.write_bytes(series.read_bytes()[:40_000])
    events = run.events_file.read_bytes().splitlines(keepends=True)
    run.events_file.write_bytes(b"".join(events[:150]) + b'{"seq": "x\xff"}\n' + b"".join(events[150:]))
    write_rows(run.journal / "shift-w1.ndjson", shift_rows(ends=False)[:60])
    return run


@pytest.fixture
def empty_run(tmp_path: Path) -> RunDirectory:
    """A directory with its folders and nothing in them."""
    run = RunDirectory(tmp_path / "empty")
    run.create()
    return run


@pytest.fixture
def altered(short_run: RunDirectory) -> Callable[..., RunDirectory]:
    """The short run with fields of its verdict replaced."""

    def alter(**fields: object) -> RunDirectory:
        write_verdict(short_run, msgspec.structs.replace(wrong_verdict(), **fields))
        return short_run

    return alter
