"""Whether a run can be trusted: each doubt fires on the run that deserves it, and on no other."""

import msgspec
import pytest

from loket.load.validity import doubts
from loket.records import Ledger, OperationType
from loket.run_directory import RunDirectory
from tests.load.written_run import (
    GOOD_REQUESTS,
    ORIGIN_NS,
    PEOPLE,
    PLAN,
    operations,
    seconds,
    shift,
    visits,
    whole,
    write_run,
)


@pytest.fixture
def judge(tmp_path):
    """Writes a run of one worker and gives the reasons to doubt it."""
    directory = RunDirectory(tmp_path)
    directory.create()

    def judge(shifts, history=None, plan=PLAN, people=None, series=None, halted=False):
        arrived = shifts[-1].arrivals.sent if shifts else 0
        requests = shifts[-1].requests if shifts else Ledger()
        rows = history if history is not None else operations()
        write_run(directory, shifts, rows, people or visits(arrived), series or seconds(requests))
        return doubts(directory, plan, halted=halted)

    return judge


def test_a_good_run_is_not_doubted(judge):
    """Refusals, failures and unknowns are the service's affair."""
    assert judge(whole(shift(1))) == []


def test_a_lost_worker_is_named_with_its_last_second(judge):
    """A shift without `end` is a worker that was lost."""
    (doubt,) = judge([shift(0, "begin"), shift(8, people_inside=7)])
    assert doubt.reason == "worker w0 was lost: its record stops with 7 people inside"
    assert doubt.second == 2.0


def test_a_worker_lost_before_its_first_line_is_named(judge):
    """Its file is there and empty."""
    assert judge([])[0].reason == "worker w0 was lost before its first word"


def test_a_standstill_is_doubted(judge):
    """One tick with a lag beyond the limit, in its second."""
    (doubt,) = judge(whole(shift(4, loop_lag_ms=800.0)))
    assert doubt.reason == "worker w0 stood still for 800 ms (limit 500 ms)"
    assert doubt.second == 0.0, "where it was last seen alive"


@pytest.mark.parametrize(("ticks", "count"), [(11, 0), (12, 1), (30, 1)])
def test_three_busy_seconds_are_saturation_and_fewer_are_not(judge, ticks, count):
    """A short burst of work is no saturation; three seconds without a breath are."""
    busy = [shift(1 + number, cpu_share=0.97) for number in range(ticks)]
    found = [doubt for doubt in judge(whole(*busy)) if "saturated" in doubt.reason]
    assert len(found) == count


def test_interrupted_busy_seconds_are_no_saturation(judge):
    """A breath in between starts the count anew."""
    rows = [shift(1 + number, cpu_share=0.5 if number % 8 == 0 else 0.99) for number in range(40)]
    assert judge(whole(*rows)) == []


@pytest.mark.parametrize(("late_ms", "count"), [(240, 0), (300, 1)])
def test_late_sending_is_doubted(judge, late_ms, count):
    """The p99 of the delay between intended and actual sending has a limit."""
    found = judge(whole(), operations(late_ms))
    assert len(found) == count
    assert all("sent too late: p99 300 ms" in doubt.reason for doubt in found)


def at_the_opening(late_people):
    """Fifty people, two requests each, of which the first is 150 ms late for so many of them."""
    opens_ns = ORIGIN_NS + 5_000_000_000
    for row in operations():
        user, again = row.seq % 50, row.seq >= 50
        late_ns = 150_000_000 if user < late_people and not again else 0
        intended_ns = opens_ns + row.seq * 1_000_000
        yield msgspec.structs.replace(row, user=user, intended_ns=intended_ns, mono_ns=intended_ns + late_ns)


@pytest.mark.parametrize(("late_people", "count"), [(0, 0), (2, 0), (3, 1)])
def test_people_who_are_late_for_the_opening_are_doubted(judge, late_people, count):
    """Each person counts once there, by their first request; one hiccup is none for all."""
    found = judge(whole(), at_the_opening(late_people))
    assert len(found) == count
    assert all("the people of the opening were sent too late: p95 150 ms" in doubt.reason for doubt in found)


def test_people_who_are_missing_in_the_journal_are_doubted(judge):
    """The lines of people coming and leaving are counted against the ledger of arrivals, too."""
    (doubt,) = judge(whole(), people=list(visits(PEOPLE))[:-1])
    assert doubt.reason == "worker w0 wrote 20 arrivals and 19 departures, and counted 20 people"


def test_requests_that_never_left_are_doubted(judge):
    """A host without sockets is the generator's own trouble."""
    requests = Ledger(scheduled=100, sent=98, dropped=2, ok=90, failed=4, unknown=4)
    (doubt,) = judge(whole(requests=requests))
    assert doubt.reason == "2 requests never left: this host had no socket for them"


@pytest.mark.parametrize(
    ("arrivals", "reason"),
    [
        (Ledger(scheduled=20, sent=15, dropped=5, ok=15), "5 people were turned away: the workers were full"),
        (Ledger(scheduled=20, sent=15, cancelled=5, ok=15), "5 of 20 people never came: the run ended before"),
        (Ledger(scheduled=19, sent=19, ok=19), "19 people were scheduled where the plan has 20"),
        (
            Ledger(scheduled=20, sent=19, ok=19),
            "worker w0's ledger of people does not add up: scheduled 20 is not sent 19 + dropped 0 + cancelled 0",
        ),
        (
            Ledger(scheduled=20, sent=20, ok=18, failed=1),
            "worker w0's ledger of people does not add up: sent 20 is not ok 18 + failed 1 + unknown 0",
        ),
    ],
)
def test_people_who_are_not_accounted_for_are_doubted(judge, arrivals, reason):
    """Everybody who was scheduled came or is named."""
    assert reason in [doubt.reason for doubt in judge(whole(arrivals=arrivals))]


def test_a_journal_with_a_hole_is_doubted(judge):
    """The lines of the journal are counted against the ledger."""
    (doubt,) = judge(whole(), list(operations())[:-3])
    assert doubt.reason.startswith("worker w0's journal and ledger differ")


@pytest.mark.parametrize(
    ("kept", "sums"), [(slice(0, 1), (96, 90, 6, 0, 0)), (slice(1, 2), (4, 0, 0, 4, 0))], ids=["last", "first"]
)
def test_a_row_missing_in_the_series_is_doubted(judge, kept, sums):
    """Gates and histograms are made of these rows: a lost one would change their figures unseen."""
    (doubt,) = judge(whole(), series=list(seconds(GOOD_REQUESTS))[kept])
    columns = "(sent, ok, failed, unknown, dropped)"
    assert doubt.reason == f"worker w0's series and ledger differ {columns}: {sums}, (100, 90, 6, 4, 0)"


def test_a_lost_worker_is_not_held_to_its_books_too(judge):
    """What a killed worker had not yet written is the consequence; that it was lost is the cause."""
    (doubt,) = judge([shift(0, "begin"), shift(8)], list(operations())[:-3], series=list(seconds(GOOD_REQUESTS))[:1])
    assert "was lost" in doubt.reason


def test_a_run_in_which_nothing_succeeded_is_doubted(judge):
    """A dead target is not a result."""
    history = [row for row in operations() if row.type is OperationType.INVOKE]
    found = judge(whole(requests=Ledger(scheduled=100, sent=100, unknown=100)), history)
    assert [doubt.reason for doubt in found] == ["nothing happened: of 100 requests none succeeded"]


def test_a_run_that_was_halted_need_not_be_whole(judge):
    """That people stayed away and nothing succeeded is what it was halted for; that its books add up is still asked."""
    history = [row for row in operations() if row.type is OperationType.INVOKE]
    requests = Ledger(scheduled=100, sent=100, unknown=100)
    arrivals = Ledger(scheduled=20, sent=12, ok=12, cancelled=8)
    assert judge(whole(requests=requests, arrivals=arrivals), history, halted=True) == []
    assert judge(whole(requests=requests, arrivals=arrivals), history)
    short = Ledger(scheduled=20, sent=20, ok=18, failed=1)
    reasons = [doubt.reason for doubt in judge(whole(requests=requests, arrivals=short), history, halted=True)]
    assert "worker w0's ledger of people does not add up: sent 20 is not ok 18 + failed 1 + unknown 0" in reasons


def test_too_few_requests_are_doubted(judge):
    """Below 59 samples a p95 has no upper bound."""
    history = [row for row in operations() if row.seq < 50]
    (doubt,) = judge(whole(requests=Ledger(scheduled=50, sent=50, ok=50)), history)
    assert doubt.reason == "too few samples: 50 requests (fewest 59)"


def test_a_run_that_never_began_is_doubted(tmp_path):
    """No data is no pass."""
    (doubt,) = doubts(RunDirectory(tmp_path), PLAN)
    assert doubt.reason.startswith("the load never began")
