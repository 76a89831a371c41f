"""What befalls a real worker is found in its records: each trouble with its own reason and its second."""

import re
import signal
import time
from pathlib import Path

import pytest

from loket.load.plan import LoadPlan
from loket.load.validity import doubts
from loket.run_directory import RunDirectory
from tests.load.conftest import HERE, wait_for

pytestmark = pytest.mark.slow

# The mischief happens in second 1.0, as soon as somebody comes by.
MOMENT_S = 1.0
NEAR_S = 0.75


@pytest.fixture
def crowd(tmp_path, processes):
    """Starts the crowd of one worker against a small server; gives its process and a way to judge it."""
    server = processes.start(HERE / "freezing_server.py")
    wait_for(lambda: processes.log(server).endswith("\n"), "the server to listen")
    url = f"http://127.0.0.1:{processes.log(server).strip()}"
    root = tmp_path / "run"

    def start(*options, most_files=None):
        process = processes.start("-m", "tests.load.crowd_program", url, root, *options, most_files=most_files)

        def judge():
            assert process.wait(60) == 0, processes.log(process)
            return doubts(RunDirectory(root), LoadPlan.read(root / "load.json"))

        return process, judge

    start.directory = RunDirectory(root)
    return start


def standstills(found):
    """Milliseconds and second of each standstill."""
    said = [(re.search(r"^worker w0 stood still for (\d+) ms", doubt.reason), doubt.second) for doubt in found]
    return [(int(match[1]), second) for match, second in said if match]


def state_of(pid):
    """The letter by which the kernel names what a process does."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.parametrize("mischief", ["", "clock ahead", "clock back"])
def test_the_wall_clock_does_not_matter(mischief, crowd):
    """An hour more or less on it in the middle of the run changes nothing: all is counted on the monotonic clock."""
    _, judge = crowd("--mischief", mischief)
    assert judge() == []
    (*_, end) = crowd.directory.shifts("w0")
    assert (end.arrivals.ok, end.requests.ok) == (100, 300)


@pytest.mark.parametrize("mischief", ["blocking call", "long work", "hanging tick"])
def test_a_worker_that_stands_still_is_seen(mischief, crowd):
    """In a journey that lets nobody else run, or in the pulse's own write to a slow disk."""
    _, judge = crowd("--mischief", mischief)
    ((lag_ms, second),) = standstills(judge())
    assert lag_ms >= 700
    assert second == pytest.approx(MOMENT_S, abs=NEAR_S)


def test_a_standstill_of_the_last_moment_is_seen(crowd):
    """The run ends with it, and its last row tells."""
    _, judge = crowd("--mischief", "at the end")
    ((lag_ms, _),) = standstills(judge())
    assert lag_ms >= 700


def test_a_worker_that_was_suspended_is_seen(crowd):
    """SIGSTOP, as a debugger or an overfull host would have it, for 0.8 s."""
    process, judge = crowd()
    wait_for(lambda: any(row.people_inside for row in crowd.directory.shifts("w0")), "people to come")
    process.send_signal(signal.SIGSTOP)
    wait_for(lambda: state_of(process.pid) == "T", "the worker to stand still")
    stopped_ns = time.monotonic_ns()
    wait_for(lambda: time.monotonic_ns() - stopped_ns > 800_000_000, "the suspension to have lasted")
    process.send_signal(signal.SIGCONT)
    ((lag_ms, second),) = standstills(judge())
    assert lag_ms >= 700
    origin_ns = crowd.directory.origin().mono_ns
    assert second == pytest.approx((stopped_ns - origin_ns) / 1e9, abs=NEAR_S)


def test_a_worker_with_few_open_files_turns_people_away_and_says_how_many_it_had(crowd):
    """Room for ten, twenty inside at once: whoever is too many is counted, and the limit is named."""
    _, judge = crowd("--times", "5", most_files=220)
    (turned_away,) = judge()
    assert turned_away.reason.endswith("(worker w0 has room for 10 at once, with 220 open files)")
    assert turned_away.second is not None


def test_a_worker_raises_its_own_limit_of_open_files(crowd):
    """What an administrator allows is taken: the soft limit is for programs that know no better."""
    _, judge = crowd("--times", "5", most_files="220:4096")
    assert judge() == []
    begin = next(crowd.directory.shifts("w0"))
    assert (begin.open_files, begin.room) == (4_096, 1_948)
