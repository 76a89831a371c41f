"""A worker's own health, told from its ticks and its sendings: what is doubted, from when on, and what is not."""

import msgspec
import pytest

from loket.load.validity import doubts
from tests.load.written_run import LongRun

BEHIND = "worker w0 was behind for {} s on end (limit 1 s): its loop or a request more than 250 ms late in every tick"


@pytest.fixture
def run():
    """A run with nothing to doubt, of twenty seconds."""
    return LongRun()


@pytest.fixture
def judge(tmp_path):
    """Writes the run and gives its doubts, as pairs of reason and second."""
    return lambda run: [(doubt.reason, doubt.second) for doubt in doubts(run.write(tmp_path), run.plan)]


@pytest.mark.parametrize("field", ["loop_lag_ms", "send_lateness_ms"])
@pytest.mark.parametrize(("ticks", "said"), [(3, None), (4, "1.0"), (7, "1.8")])
def test_a_second_behind_is_doubted_although_it_is_no_standstill(field, ticks, said, run, judge):
    """Neither one hiccup nor a p99 over a long run would have told; it began with the last tick in time."""
    for number in range(20, 20 + ticks):
        run.change_tick(number, **{field: 300.0})
    assert judge(run) == ([(BEHIND.format(said), 4.75)] if said else [])


def test_hiccups_with_a_breath_between_them_are_not_behind(run, judge):
    """Every other tick is in time."""
    for number in range(20, 60, 2):
        run.change_tick(number, loop_lag_ms=400.0)
    assert judge(run) == []


def test_a_standstill_is_not_told_as_being_behind_too(run, judge):
    """One cause, one doubt: the worker was last seen alive in second 4.75."""
    for number in range(20, 24):
        run.change_tick(number, loop_lag_ms=1_200.0)
    assert judge(run) == [("worker w0 stood still for 1200 ms (limit 500 ms)", 4.75)]


def test_late_sending_is_dated_where_the_worst_of_it_began(run, judge):
    """One late request in second 2 is not what made the p99; those of seconds 10 to 12 are."""
    late = {8: 400, **dict.fromkeys(range(40, 52), 300)}
    rows = []
    for row in run.operations:
        late_ns = late.get(row.user, 0) * 1_000_000
        rows.append(msgspec.structs.replace(row, intended_ns=row.intended_ns - late_ns))
    run.operations = rows
    ((reason, second),) = judge(run)
    assert reason == "worker w0 sent too late: p99 400 ms after the intended start (limit 250 ms)"
    assert second == 9.8
