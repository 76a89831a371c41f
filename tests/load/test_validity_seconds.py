"""In which second: each doubt about a recorded run names the one in which its cause began."""

import msgspec
import pytest

from loket.load.validity import doubts
from loket.records import Ledger
from tests.load.written_run import LongRun

# The tick that follows request 40; its instant is second 10.25.
AFTER_40 = 41


@pytest.fixture
def run():
    """A run with nothing to doubt, of twenty seconds."""
    return LongRun()


@pytest.fixture
def judge(tmp_path):
    """Writes the run and gives its doubts, as pairs of reason and second."""
    return lambda run, **more: [(doubt.reason, doubt.second) for doubt in doubts(run.write(tmp_path), run.plan, **more)]


def test_a_whole_run_is_not_doubted(run, judge):
    """Nothing is missing, and nothing is said."""
    assert judge(run) == []


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        ("operations", "worker w0's journal and ledger differ (invoked, ok, failed, unknown): "),
        ("people", "worker w0 wrote 79 arrivals and 80 departures, and counted 80 people"),
    ],
)
def test_a_line_that_is_missing_is_dated_by_the_first_tick_that_lacks_it(book, reason, run, judge):
    """Request 40 was sent, and person 40 came, in second 10.1; the tick after that counts one more than is written."""
    del getattr(run, book)[80]
    ((said, second),) = judge(run)
    assert said.startswith(reason)
    assert second == 10.25


def test_a_journal_that_was_cut_off_is_dated_where_it_stops(run, judge):
    """A worker that came to its end wrote more than this."""
    del run.operations[40:]
    ((_, second),) = judge(run)
    assert second == 5.25


def test_a_row_that_is_missing_in_the_series_is_dated_by_its_own_second(run, judge):
    """The journal tells what the series should have had."""
    del run.series[7]
    ((reason, second),) = judge(run)
    assert reason.endswith("(sent, ok, failed, unknown, dropped): (76, 76, 0, 0, 0), (80, 80, 0, 0, 0)")
    assert second == 7.0


def test_a_tick_that_is_missing_is_dated_by_the_one_before(run, judge):
    """It may have been the one that told of a standstill."""
    del run.shift[AFTER_40]
    assert judge(run) == [("worker w0's record has a hole: 1 of its rows are missing", 10.0)]


def test_rows_of_a_shift_that_was_not_counted_are_no_hole(run, judge):
    """Earlier records have no numbers in them."""
    run.shift = [msgspec.structs.replace(row, seq=0) for row in run.shift]
    del run.shift[AFTER_40]
    assert judge(run) == []


@pytest.mark.parametrize(
    ("file", "line", "second"),
    [
        ("journal/operations-w0.ndjson", 81, 9.85),
        ("journal/people-w0.ndjson", 81, 9.85),
        ("journal/shift-w0.ndjson", 42, 10.0),
        ("series/load-w0.ndjson", 8, 6.0),
    ],
)
def test_a_torn_line_is_dated_by_the_line_before(file, line, second, run, tmp_path):
    """It is a doubt and no error, the rest is read, and what follows from it is not told as well."""
    directory = run.write(tmp_path)
    lines = (tmp_path / file).read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"', b"\0", 1)
    (tmp_path / file).write_bytes(b"".join(lines))
    found = [doubt for doubt in doubts(directory, run.plan) if "has a hole" not in doubt.reason]
    assert [doubt.second for doubt in found] == [second]
    assert found[0].reason.startswith(f"{file.split('/')[1]}, line {line}: ")


def test_a_worker_whose_files_are_gone_is_named(run, judge):
    """The master knows among how many it shared the people out."""
    run.workers = 3
    assert judge(run) == [("no record of workers w1, w2 is left", 0.0)]


def test_a_run_that_does_not_say_how_many_workers_it_had_is_not_doubted_for_it(run, judge):
    """Earlier records do not tell."""
    run.workers = 0
    assert judge(run) == []


def from_tick(run, first, what, **changes):
    """From that tick on the ledger says so of `what`."""
    for number in range(first, len(run.shift)):
        ledger = msgspec.structs.replace(getattr(run.shift[number], what), **changes)
        run.change_tick(number, **{what: ledger})


@pytest.mark.parametrize(
    ("what", "column", "reason"),
    [
        ("arrivals", "dropped", "5 people were turned away: the workers were full"),
        ("requests", "dropped", "5 requests never left: this host had no socket for them"),
        ("arrivals", "cancelled", "5 of 80 people never came: the run ended before"),
    ],
)
def test_a_column_that_should_stay_empty_is_dated_by_the_first_tick_that_it_is_not(what, column, reason, run, judge):
    """People turned away, requests without a socket, people who never came."""
    from_tick(run, AFTER_40, what, **{column: 5})
    assert (reason, 10.25) in judge(run)


def test_whoever_was_turned_away_is_told_how_much_room_there_was(run, judge):
    """So that the limit of open files can be raised, or the people shared among more workers."""
    run.change_tick(0, room=15, open_files=230)
    from_tick(run, AFTER_40, "arrivals", dropped=5)
    reasons = [reason for reason, _ in judge(run)]
    assert (
        "5 people were turned away: the workers were full (worker w0 has room for 15 at once, with 230 open files)"
        in reasons
    )


def test_people_who_do_not_add_up_are_dated_by_the_first_tick_that_does_not(run, judge):
    """Whoever came is inside or has left, at every tick."""
    for number in range(AFTER_40, len(run.shift)):
        left = msgspec.structs.replace(run.shift[number].arrivals, ok=number - 1)
        run.change_tick(number, arrivals=left)
    reason = "worker w0's ledger of people does not add up: sent 80 is not ok 79 + failed 0 + unknown 0"
    assert (reason, 10.25) in judge(run)


def test_requests_that_do_not_add_up_are_dated_by_the_first_tick_that_does_not(run, judge):
    """A person inside has at most one request planned or on its way, and here nobody is inside."""
    for number in range(AFTER_40, len(run.shift)):
        planned = msgspec.structs.replace(run.shift[number].requests, scheduled=number + 1)
        run.change_tick(number, requests=planned)
    reason = "worker w0's ledger of requests does not add up: scheduled 81 is not sent 80 + dropped 0 + cancelled 0"
    assert judge(run) == [(reason, 10.25)]


def test_two_ledgers_that_are_wrong_do_not_make_one_that_is_right(run, tmp_path):
    """Each worker's is added up by itself: one request too many here and one too few there is two mistakes."""
    directory = run.write(tmp_path)
    for worker, more in (("w0", 1), ("w1", -1)):
        end = run.shift[-1]
        ledger = msgspec.structs.replace(end.requests, scheduled=end.requests.scheduled + more)
        rows = [*run.shift[:-1], msgspec.structs.replace(end, requests=ledger)]
        for name in ("journal/operations", "journal/people", "series/load"):
            (tmp_path / f"{name}-{worker}.ndjson").write_bytes((tmp_path / f"{name}-w0.ndjson").read_bytes())
        (tmp_path / f"journal/shift-{worker}.ndjson").write_bytes(
            b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        )
    plan = msgspec.structs.replace(run.plan, people=160)
    reasons = [doubt.reason for doubt in doubts(directory, plan)]
    assert len([reason for reason in reasons if "ledger of requests does not add up" in reason]) == 2


def test_a_run_of_people_whom_nobody_scheduled_is_wrong_from_its_beginning(run, judge):
    """The schedule is fixed before second 0."""
    run.plan = msgspec.structs.replace(run.plan, people=81)
    assert judge(run) == [("80 people were scheduled where the plan has 81", 0.0)]


def test_lost_ticks_do_not_date_what_the_ledger_never_had(run, judge):
    """A ledger that is empty to the end has no second to name, and the doubt stands without one."""
    for number in range(len(run.shift)):
        run.change_tick(number, requests=Ledger())
    run.operations, run.series = [], []
    assert judge(run) == [("nothing happened: of 0 requests none succeeded", None)]
