"""Workers of other hosts: what is said of those that were lost, of other editions, of places where nobody can come."""

import socket

import msgspec
import pytest

from loket.experiment.blocks import Target
from loket.load.remote.edition import own_edition
from loket.load.remote.hosts import Host, remote_doubts, write_hosts
from loket.records import Origin, Shift, encode
from loket.run.gathering import BadGathering, Gathering, gathering_at, require_reachable
from loket.run_directory import RunDirectory

ORIGIN_NS = 1_000_000_000_000


@pytest.fixture
def run(tmp_path):
    """A run with one worker of another host, whose last row is whatever is asked for."""
    directory = RunDirectory(tmp_path / "run")
    directory.create()
    directory.origin_file.write_bytes(encode(Origin(mono_ns=ORIGIN_NS, unix_ns=0)))
    write_hosts(directory, [Host(host="far", pid=1, worker="w0", slowest_ms=131.4)])
    return directory


def leave_off_with(run, kind):
    rows = [Shift(mono_ns=ORIGIN_NS + second * 10**9, worker="w0", type=kind) for second in (1, 4)]
    (run.journal / "shift-w0.ndjson").write_bytes(b"".join(map(encode, rows)))


def test_a_lost_worker_is_named_with_what_was_lost_with_it(run):
    """How much at most, and in which second."""
    leave_off_with(run, "tick")
    (doubt,) = remote_doubts(run)
    assert doubt.second == 4
    assert doubt.reason.startswith("worker w0 on far was lost, and up to 131 ms of records with it")


def test_a_worker_that_came_to_its_end_lost_nothing(run):
    """Its last row says so."""
    leave_off_with(run, "end")
    assert list(remote_doubts(run)) == []


def test_a_worker_of_which_nothing_came_is_not_forgotten(run):
    """It has no file to be missed by."""
    (doubt,) = remote_doubts(run)
    assert doubt.reason == "worker w0 on far was lost before a record of it came"


def test_a_run_without_workers_of_other_hosts_is_not_doubted(tmp_path):
    """There is no list of them."""
    assert list(remote_doubts(RunDirectory(tmp_path))) == []


def test_one_edition_is_like_itself():
    """However often it is looked up."""
    assert own_edition().difference(own_edition()) is None


@pytest.mark.parametrize("field", ["loket", "sources", "python", "faker", "locust"])
def test_editions_differ_in_whatever_could_make_other_people(field):
    """The sentence names it, and both sides."""
    ours = own_edition()
    theirs = msgspec.structs.replace(ours, **{field: "another"})
    assert ours.difference(theirs) == f"{field} another, here {getattr(ours, field)}"


@pytest.mark.parametrize("bind", ["", "nowhere", "10.0.0", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:x"])
def test_an_address_that_is_none_is_refused(bind):
    """With an example of one."""
    with pytest.raises(BadGathering, match=r"--bind: found .*, expected ADDRESS or ADDRESS:PORT"):
        gathering_at(1, bind, 1.0)


@pytest.mark.parametrize(
    ("bind", "sentence"),
    [("192.0.2.1", "expected an address of this machine"), ("0.0.0.0", "the one address that the workers are to call")],
)
def test_an_address_that_nobody_can_call_is_refused(bind, sentence):
    """It is another machine's, or everywhere."""
    with pytest.raises(BadGathering, match=sentence):
        gathering_at(1, bind, 1.0)


def test_a_port_that_is_taken_is_refused():
    """Before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadGathering, match="Address already in use"):
        gathering_at(1, f"127.0.0.1:{taken.getsockname()[1]}", 1.0)


def test_the_command_for_the_other_hosts_is_told_whole():
    """It can be typed as it stands."""
    assert Gathering(2, "10.0.0.5", 5600).command == "loket worker --master 10.0.0.5:5600"


@pytest.mark.parametrize("field", ["service", "bank"])
def test_a_target_that_other_hosts_cannot_reach_is_refused(field):
    """On their loopback there is another machine: their own."""
    target = Target(
        **({"service": "http://10.0.0.9:80", "bank": "http://10.0.0.9:81"} | {field: "http://localhost:8000"})
    )
    require_reachable(Gathering(1, "127.0.0.1"), target)
    require_reachable(Gathering(1, "10.0.0.5"), None)
    with pytest.raises(BadGathering, match="found a target at http://localhost:8000, expected one that other hosts"):
        require_reachable(Gathering(1, "10.0.0.5"), target)
