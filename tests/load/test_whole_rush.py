"""The load through Locust itself: master and workers as processes of their own, against a stub of the service."""

import json
import shutil
import signal
from urllib.request import urlopen

import pytest

from loket.load.validity import doubts
from loket.records import OperationType, Outcome, added
from loket.run_directory import RunDirectory

pytestmark = pytest.mark.slow


def arrivals(rush):
    """Person to their intended second of the run."""
    origin = rush.directory.origin()
    return {row.user: row.intended_ns - origin.mono_ns for row in rush.directory.visits() if row.type == "arrive"}


def operations(rush):
    """Every line of every worker's journal."""
    return (row for worker in rush.directory.workers() for row in rush.directory.operations(worker))


def first_choices(rush):
    """Person to the slot that they tried for first."""
    invokes = [row for row in operations(rush) if row.type is OperationType.INVOKE]
    holds = sorted((row for row in invokes if row.step == "hold_slot"), key=lambda row: row.mono_ns, reverse=True)
    return {row.user: row.slot for row in holds}


def outcomes(rush):
    return {row.user: row.outcome for row in rush.directory.visits() if row.type == "leave"}


def seen(rush, what):
    with urlopen(f"{rush.url}/seen") as answer:
        return json.load(answer)[what]


def test_one_seed_makes_the_same_arrivals_for_any_number_of_workers(finished_rushes):
    """Who arrives when depends on the plan alone."""
    assert arrivals(finished_rushes[1]) == arrivals(finished_rushes[2])
    assert sorted(arrivals(finished_rushes[1])) == list(range(30))


def test_one_seed_makes_the_same_people_for_any_number_of_workers(finished_rushes):
    """The service meets the same people, each with a NIK of their own."""
    assert seen(finished_rushes[1], "accounts") == seen(finished_rushes[2], "accounts")
    nik = [{identity["nik"] for identity in seen(rush, "identities")} for rush in finished_rushes.values()]
    assert nik[0] == nik[1]
    assert len(nik[0]) == 30


def test_one_seed_makes_the_same_choices_for_any_number_of_workers(finished_rushes):
    """Which place a person wants, and whether they forget to pay, is theirs and not the workers'."""
    assert first_choices(finished_rushes[1]) == first_choices(finished_rushes[2])
    assert len(set(first_choices(finished_rushes[1]).values())) > 1
    assert outcomes(finished_rushes[1]) == outcomes(finished_rushes[2])
    assert set(outcomes(finished_rushes[1]).values()) == {Outcome.CONFIRMED, Outcome.FORGOT}


def test_two_workers_share_the_people(finished_rushes):
    """Each person is in one worker's journal, and no worker is idle."""
    by_worker = {row.worker: set() for row in finished_rushes[2].directory.visits()}
    for row in finished_rushes[2].directory.visits():
        by_worker[row.worker].add(row.user)
    assert [len(users) for users in by_worker.values()] == [15, 15]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_finished_rush_leaves_nothing_to_doubt(finished_rushes, workers):
    """Every arrival and request is in one column of the ledger, and the journal agrees."""
    rush = finished_rushes[workers]
    assert doubts(rush.directory, rush.plan()) == []
    ends = [list(rush.directory.shifts(worker))[-1] for worker in rush.directory.workers()]
    assert added(row.arrivals for row in ends).ok == 30
    assert added(row.requests for row in ends).sent > 30 * 10


def test_a_worker_whose_files_are_gone_is_missed(finished_rushes, tmp_path):
    """The master wrote down among how many it shared the people out; half of them are in no record."""
    rush = finished_rushes[2]
    copy = RunDirectory(tmp_path / "copy")
    shutil.copytree(rush.directory.root, copy.root)
    for path in copy.root.rglob("*-w1.ndjson"):
        path.unlink()
    found = [(doubt.reason, doubt.second) for doubt in doubts(copy, rush.plan())]
    assert found == [
        ("no record of worker w1 is left", 0.0),
        ("15 people were scheduled where the plan has 30", 0.0),
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_series_counts_what_the_ledger_counts(finished_rushes, workers):
    """The increments of all seconds and steps sum up to the requests of the ledger."""
    rush = finished_rushes[workers]
    ledger = added(list(rush.directory.shifts(worker))[-1].requests for worker in rush.directory.workers())
    seconds = list(rush.directory.seconds())
    assert sum(row.sent for row in seconds) == ledger.sent
    assert sum(row.ok for row in seconds) == ledger.ok
    assert sum(row.refused + row.errors for row in seconds) == ledger.failed


def test_nobody_holds_a_place_before_the_opening(finished_rushes):
    """The first attempt at a place is meant for the opening or later."""
    rush = finished_rushes[2]
    opens_ns = rush.directory.origin().mono_ns + 2_000_000_000
    holds = [row for row in operations(rush) if row.step == "hold_slot"]
    assert min(row.intended_ns for row in holds) >= opens_ns


def test_a_killed_worker_is_seen_and_not_waited_for(rush):
    """`kill -9` leaves a shift without `end`; the master ends by itself, not with code 0, and the run is in doubt."""
    plan = rush.plan(people=60)
    master = rush.start(plan, workers=2)
    rush.wait_for_people("w0")
    rush.wait_for_people("w1")
    rush.workers[0].send_signal(signal.SIGKILL)
    assert master.wait(60) == 1
    assert rush.workers[1].wait(60) == 0
    assert sorted(rush.last_row(worker).type for worker in ("w0", "w1")) == ["end", "tick"]
    assert any("was lost" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_a_stopped_run_is_complete_and_says_who_was_cut_off(rush):
    """SIGTERM to the master: every worker writes `end`, nobody stays unaccounted for, open invokes count as unknown."""
    plan = rush.plan(people=60, rush_s=30.0)
    master = rush.start(plan, workers=2)
    rush.wait_for_people("w0")
    rush.wait_for_people("w1")
    master.send_signal(signal.SIGTERM)
    assert master.wait(60) == 0
    assert [worker.wait(60) for worker in rush.workers] == [0, 0]
    ends = [rush.last_row(worker) for worker in ("w0", "w1")]
    assert [row.type for row in ends] == ["end", "end"]
    assert added(row.arrivals for row in ends).cancelled > 0
    assert Outcome.CANCELLED in outcomes(rush).values()
    reasons = [doubt.reason for doubt in doubts(rush.directory, plan)]
    assert any("never came" in reason for reason in reasons)
    assert not any("add up" in reason or "differ" in reason for reason in reasons)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_master_stopped_while_its_workers_gather_leaves_with_one_line(rush, number):
    """Nothing was measured: its code says which signal, its log holds no traceback, and nobody is left behind."""
    master = rush.start(rush.plan(), workers=1, expected=2)
    rush.wait_for_words(master, "ready")
    rush.wait_for_words(rush.workers[0], "ready")
    master.send_signal(number)
    assert master.wait(60) == 128 + number
    assert "Stopped before the run began" in rush.processes.log(master)
    assert "Traceback" not in rush.processes.log(master)
    assert rush.workers[0].wait(30) == 1


def test_workers_whose_master_was_killed_end_by_themselves(rush):
    """`kill -9` of the master: the worker notices the silence, sends its people home and writes `end`."""
    plan = rush.plan(people=60, rush_s=60.0)
    master = rush.start(plan, workers=1)
    rush.wait_for_people("w0")
    master.kill()
    assert rush.workers[0].wait(30) == 1
    assert "master has been silent" in rush.processes.log(rush.workers[0])
    assert rush.last_row("w0").type == "end"
    assert any("never came" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_a_disk_that_fills_up_in_the_middle_ends_the_run_and_leaves_it_in_doubt(rush):
    """A file that cannot grow stops everybody, the reason is in the log, and what was written stays readable."""
    plan = rush.plan(people=60)
    master = rush.start(plan, workers=1, largest_file_kb=24)
    assert master.wait(60) == 1
    assert rush.workers[0].wait(60) == 1
    assert "operations-w0.ndjson" in rush.processes.log(master)
    assert rush.last_row("w0").type == "tick"
    assert list(rush.directory.operations("w0"))
    assert any("was lost" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_people_still_inside_when_the_drain_is_over_are_cut_off_and_counted(rush):
    """The drain is a cap: the run ends there, each request that was still to come is cancelled, and the sums hold."""
    plan = rush.plan(opens_at_s=2.0, rush_s=2.0, drain_s=-1.9)
    master = rush.start(plan, workers=1)
    assert master.wait(60) == 0
    end = rush.last_row("w0")
    assert end.type == "end"
    left = list(outcomes(rush).values())
    assert end.arrivals.unknown == left.count(Outcome.CANCELLED) > 0
    assert end.arrivals.cancelled + len(left) == 30
    assert end.requests.cancelled > 0
    assert not any("add up" in doubt.reason for doubt in doubts(rush.directory, plan))


def test_a_terminated_worker_leaves_its_end(rush):
    """SIGTERM to a worker: it cancels its people, writes `end`, and the master does not wait for it."""
    plan = rush.plan(people=60)
    master = rush.start(plan, workers=1)
    rush.wait_for_people("w0")
    rush.workers[0].send_signal(signal.SIGTERM)
    assert rush.workers[0].wait(60) == 0
    assert rush.last_row("w0").type == "end"
    assert master.wait(60) == 1


def test_a_single_process_runs_from_options_alone(rush, tmp_path):
    """Without a plan file Locust makes the plan and a run directory; the places run out and people are told so."""
    master = rush.processes.start(
        "-m", "locust", "-f", "tests/load/tiny_rush.py", "--headless", "--host", rush.url, "--bank", rush.url,
        "--people", "20", "--places", "4", "--days", "2", "--opens-at", "1.5", "--rush", "1", "--drain", "4",
        "--patience", "2", "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert master.wait(60) == 0, rush.processes.log(master)
    (root,) = (tmp_path / "runs").iterdir()
    assert f"The run was written to {root}" in rush.processes.log(master)
    assert "Do not trust" not in rush.processes.log(master)
    rush.directory = type(rush.directory)(root)
    assert Outcome.SOLD_OUT in outcomes(rush).values()
    assert "hold_slot" in rush.processes.log(master)


def test_a_service_that_does_not_get_ready_ends_the_run_with_one_sentence(rush):
    """No load is sent where the release could not be opened."""
    master = rush.start(rush.plan(direct_url="http://127.0.0.1:1"), workers=1)
    assert master.wait(60) == 1
    assert "did not open the release" in rush.processes.log(master)
    assert rush.directory.workers() == []


def test_a_foreign_target_is_refused_with_code_2(rush):
    """Nobody loads another host by mistake."""
    master = rush.start(rush.plan(service_url="http://192.0.2.1"), workers=1)
    assert master.wait(60) == 2
    assert rush.workers[0].wait(60) == 2
    assert "192.0.2.1 is not on this host" in rush.processes.log(master)


def test_a_journal_that_cannot_be_written_stops_the_crowd(rush):
    """The shard of an earlier run is never written on: the worker says so, and nothing looks like a finished run."""
    plan = rush.plan()
    rush.directory.create()
    (rush.directory.journal / "operations-w0.ndjson").touch()
    master = rush.start(plan, workers=1)
    assert master.wait(60) == 1
    assert rush.workers[0].wait(60) == 1
    assert "File exists" in rush.processes.log(master)
    assert doubts(rush.directory, plan) != []
