"""Workers whose hosts have other monotonic clocks: their people come when the run says, or the run is in doubt."""

from pathlib import Path

import pytest

from loket.load.validity import doubts
from tests.load.conftest import ROOT

pytestmark = pytest.mark.slow
OTHER_CLOCK = Path(__file__).parent / "other_clock"


def clock(ahead_s: float, speed: float = 1.0) -> dict[str, str]:
    """The environment of a worker that lives by such a clock."""
    return {"OTHER_CLOCK": f"{ahead_s}:{speed}", "PYTHONPATH": f"{OTHER_CLOCK}:{ROOT}"}


def test_hosts_whose_clocks_differ_by_hours_play_one_run(rush):
    """Everybody arrives within a tick of their second, every row is on the master's clock, nothing is doubted."""
    plan = rush.plan()
    master = rush.start_master(plan, 2)
    workers = [rush.join(environ=clock(7_200.0)), rush.join(environ=clock(-3_600.0))]
    assert master.wait(60) == 0, rush.processes.log(master)
    assert [worker.wait(30) for worker in workers] == [0, 0]
    assert doubts(rush.directory, plan) == []
    origin_ns = rush.directory.origin().mono_ns
    offsets_s = sorted(next(rush.directory.clock(worker)).offset_ns / 1e9 for worker in ("w0", "w1"))
    assert offsets_s == pytest.approx([-7_200.0, 3_600.0], abs=0.1)
    instants_s = [(row.mono_ns - origin_ns) / 1e9 for worker in ("w0", "w1") for row in rush.directory.shifts(worker)]
    assert min(instants_s) > -5.0
    assert max(instants_s) < 30.0


def test_a_clock_that_runs_fast_makes_the_run_doubtful(rush):
    """A thirtieth too fast: after a few seconds its people are a tenth of a second early, and the run says so."""
    plan = rush.plan(rush_s=4.0)
    master = rush.start_master(plan, 1)
    worker = rush.join(environ=clock(50.0, speed=1 + 1 / 30))
    assert master.wait(60) == 0, rush.processes.log(master)
    assert worker.wait(30) == 0
    (doubt,) = doubts(rush.directory, plan)
    assert doubt.reason.startswith("worker w0's clock drifted by ")
