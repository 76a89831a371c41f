"""A run whose workers share nothing with their master but a connection, beside one whose worker is its own."""

import json
import signal
from collections import Counter
from urllib.request import urlopen

import pytest

from loket.load.validity import doubts
from loket.records import OperationType, added
from tests.load.conftest import wait_for
from tests.remote.conftest import HERE

pytestmark = pytest.mark.slow


def arrivals(rush):
    """Person to their intended second of the run."""
    origin = rush.directory.origin()
    return {row.user: row.intended_ns - origin.mono_ns for row in rush.directory.visits() if row.type == "arrive"}


def outcomes(rush):
    return {row.user: row.outcome for row in rush.directory.visits() if row.type == "leave"}


def operations(rush):
    return [row for worker in rush.directory.workers() for row in rush.directory.operations(worker)]


def choices(rush):
    """Person to what they asked for, in their own order."""
    made = {}
    for row in operations(rush):
        if row.type is OperationType.INVOKE:
            made.setdefault(row.user, []).append((row.step, row.slot))
    return made


def ends(rush):
    return [list(rush.directory.shifts(worker))[-1] for worker in rush.directory.workers()]


def counts(rush):
    """Step to what came of it, over all seconds and workers."""
    found = Counter()
    for row in rush.directory.seconds():
        for column in ("sent", "ok", "refused", "errors", "unknown", "dropped"):
            found[row.step, column] += getattr(row, column)
    return +found


@pytest.mark.parametrize("aspect", [arrivals, choices, outcomes, counts])
def test_four_workers_of_other_hosts_do_what_one_worker_does(near_and_far, aspect):
    """The same people come at the same instants, choose the same, and are counted the same when merged."""
    assert aspect(near_and_far["far"]) == aspect(near_and_far["near"])
    assert len(arrivals(near_and_far["far"])) == 60


def test_their_ledgers_add_up_to_that_of_one_worker(near_and_far):
    """Of people and of requests."""
    near, far = ends(near_and_far["near"]), ends(near_and_far["far"])
    assert len(far) == 4
    for ledger in ("arrivals", "requests"):
        assert added(getattr(row, ledger) for row in far) == added(getattr(row, ledger) for row in near)


def test_a_run_of_other_hosts_leaves_nothing_to_doubt(near_and_far):
    """All four journals are whole and agree with their ledgers."""
    for rush in near_and_far.values():
        assert doubts(rush.directory, rush.plan()) == []


def test_every_worker_did_a_quarter_of_it(near_and_far):
    """Person 0 is w0's, person 1 w1's, and so on."""
    assert all(row.worker == f"w{row.user % 4}" for row in near_and_far["far"].directory.visits())


def test_nothing_is_written_on_the_other_hosts(near_and_far):
    """Their folders stay empty."""
    assert near_and_far["far"].left_behind() == []


def test_a_worker_says_in_plain_lines_what_it_does(near_and_far):
    """From its coming to its going."""
    rush = near_and_far["far"]
    for worker in rush.workers:
        first, *_, last = rush.processes.log(worker).splitlines()
        assert first == f"Ready at the master 127.0.0.1:{rush.port}."
        assert last.startswith("All records of w")


def test_a_worker_that_is_killed_costs_at_most_a_second_and_the_loss_is_told(rush):
    """`kill -9` of one of four: the run is in doubt, says how much is missing, and no more is than it says."""
    plan = rush.plan(people=400, rush_s=6.0)
    master = rush.start_master(plan, 4)
    for _ in range(4):
        rush.join()
    rush.wait_until_all_work()
    victim = rush.process_of("w1")
    victim.kill()
    assert master.wait(60) == 1
    assert all(worker.wait(30) == 0 for worker in rush.workers if worker is not victim)
    (loss,) = [doubt.reason for doubt in doubts(rush.directory, plan) if "records with it" in doubt.reason]
    assert loss.startswith("worker w1 on ")
    told_ms = float(loss.split("up to ")[1].split(" ms")[0])
    with urlopen(f"{rush.url}/seen") as answer:
        seen = json.load(answer)["traces"]
    # The person's number is in the trace id (`Visitor`).
    his = {trace: came_ns for trace, came_ns in seen.items() if int(trace[16:24], 16) % 4 == 1}
    missing = his.keys() - {row.trace_id for row in operations(rush)}
    assert seen.keys() - his.keys() <= {row.trace_id for row in operations(rush)}
    missing_ms = (max(his.values()) - min(his[trace] for trace in missing)) / 1e6 if missing else 0.0
    assert missing_ms <= told_ms <= 1000
    assert rush.last_row("w1").type == "tick"


def test_a_worker_whose_buffer_is_full_stops_and_says_so(rush):
    """The master stands still: the worker's room runs out, its crowd stops, and the run is in doubt."""
    plan = rush.plan(people=200, rush_s=8.0)
    master = rush.start_master(plan, 1)
    worker = rush.join(buffer_mib=0.02)
    rush.wait_until_all_work()
    master.send_signal(signal.SIGSTOP)
    rush.wait_for_words(worker, "the buffer for the master is full")
    master.send_signal(signal.SIGCONT)
    assert master.wait(60) == 1
    assert worker.wait(30) == 1
    assert "w0 had to stop: the buffer for the master is full" in rush.processes.log(master)
    assert rush.last_row("w0").type == "tick"
    assert operations(rush)
    assert any("was lost" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_a_master_that_pauses_for_a_moment_costs_nothing(rush):
    """What could not be sent meanwhile arrives afterwards, once and in order."""
    plan = rush.plan()
    master = rush.start_master(plan, 1)
    worker = rush.join()
    rush.wait_until_all_work()
    before = rush.last_row("w0").requests.sent
    master.send_signal(signal.SIGSTOP)
    wait_for(lambda: seen_by(rush) > before + 30, "requests that the master does not hear of")
    master.send_signal(signal.SIGCONT)
    assert master.wait(60) == 0, rush.processes.log(master)
    assert worker.wait(30) == 0
    assert doubts(rush.directory, plan) == []


def seen_by(rush):
    """How many requests the stub has seen."""
    with urlopen(f"{rush.url}/seen") as answer:
        return len(json.load(answer)["traces"])


def test_a_run_that_is_stopped_gets_every_record_before_it_ends(rush):
    """SIGTERM to the master: each worker cancels its people, writes `end`, and all of it arrives."""
    plan = rush.plan(people=200, rush_s=30.0)
    master = rush.start_master(plan, 2)
    workers = [rush.join(), rush.join()]
    rush.wait_until_all_work()
    master.send_signal(signal.SIGTERM)
    assert master.wait(60) == 0, rush.processes.log(master)
    assert [worker.wait(30) for worker in workers] == [0, 0]
    assert [row.type for row in ends(rush)] == ["end", "end"]
    reasons = [doubt.reason for doubt in doubts(rush.directory, plan)]
    assert any("never came" in reason for reason in reasons)
    assert not any("add up" in reason or "differ" in reason or "lost" in reason for reason in reasons)


def test_workers_whose_master_was_killed_leave(rush):
    """They notice the silence, say that their last records were not taken, and load nobody any more."""
    master = rush.start_master(rush.plan(people=200, rush_s=60.0), 1)
    worker = rush.join()
    rush.wait_until_all_work()
    master.kill()
    assert worker.wait(60) == 1
    assert "master has been silent" in rush.processes.log(worker)


def test_a_worker_that_is_one_too_many_or_of_another_edition_is_refused(rush):
    """It is told why, and the run goes on without it."""
    master = rush.start_master(rush.plan(rush_s=6.0), 1)
    foreign = rush.join("foreign")
    assert foreign.wait(60) == 1
    assert "another edition of Loket: sources " in rush.processes.log(foreign)
    first = rush.join()
    rush.wait_for_hosts(1)
    late = rush.join()
    assert late.wait(60) == 1
    assert rush.processes.log(late).strip() in (
        "the run has begun already",
        "all 1 workers of the run have come already",
    )
    assert master.wait(60) == 0
    assert first.wait(30) == 0


def test_a_worker_looks_itself_at_what_it_is_to_load(rush):
    """A master that did not look at it cannot make another host send a load where no permission was given."""
    master = rush.start_master(rush.plan(service_url="http://192.0.2.1"), 1, program=(HERE / "reckless_master.py",))
    worker = rush.join()
    assert master.wait(60) == 1
    assert worker.wait(30) == 1
    assert "w0 had to stop: http://192.0.2.1 is not on this host" in rush.processes.log(master)
    assert rush.directory.workers() == []


def test_a_worker_that_is_stopped_sends_what_it_has_and_leaves(rush):
    """SIGTERM to a worker: its people are cancelled, its `end` arrives, and nobody calls it a success."""
    plan = rush.plan(people=200, rush_s=30.0)
    master = rush.start_master(plan, 1)
    worker = rush.join()
    rush.wait_until_all_work()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 1
    assert "w0 leaves before the run is over." in rush.processes.log(worker)
    assert master.wait(60) == 1
    assert rush.last_row("w0").type == "end"
    assert any("never came" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_a_worker_of_plain_locust_is_not_let_in(rush):
    """Nobody knows whose people it would send."""
    master = rush.start_master(rush.plan(), 1)
    stranger = rush.processes.start(
        "-m", "locust", "-f", "tests/remote/plain_people.py", "--worker", "--master-port", str(rush.port)
    )
    assert master.wait(60) == 1
    assert "came by another way than `loket worker`" in rush.processes.log(master)
    assert rush.directory.workers() == []
    assert stranger.wait(30) == 0
