"""`loket run --remote-workers` and `loket worker`, each typed in a folder of its own: from nothing to a verdict."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loket.records import OperationType
from loket.run_directory import RunDirectory
from tests.run.conftest import DEADLINE_S, ROOT, TINY, Run
from tests.run.test_halt import HOPELESS

LONG = TINY.replace("rush: 4s", "rush: 30s")


class Far:
    """The other hosts: folders in which `loket worker` is typed."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.master = "127.0.0.1"
        self.port = port
        self._started: list[tuple[subprocess.Popen[bytes], Path]] = []

    def join(self, *options: str) -> subprocess.Popen[bytes]:
        """One more worker; where no run waits yet it looks for one."""
        folder = self._folder / f"far-{len(self._started)}"
        folder.mkdir()
        said = folder.with_suffix(".log")
        with said.open("wb") as output:
            worker = subprocess.Popen(
                [sys.executable, "-m", "loket", "worker", "--master", f"{self.master}:{self.port}", *options],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._started.append((worker, said))
        return worker

    def said(self, worker: subprocess.Popen[bytes]) -> str:
        return next(said.read_text() for process, said in self._started if process is worker)

    def end(self, worker: subprocess.Popen[bytes]) -> int:
        """Wait for its end; the exit code. It says nothing but its own plain lines."""
        code = worker.wait(DEADLINE_S)
        assert "Traceback" not in self.said(worker), self.said(worker)
        assert "Warning" not in self.said(worker), self.said(worker)
        assert "mistake" not in self.said(worker), self.said(worker)
        return code

    def stop(self) -> None:
        for worker, _ in self._started:
            worker.kill()
            worker.wait()

    def left_behind(self) -> list[Path]:
        return [path for folder in self._folder.glob("far-*") if folder.is_dir() for path in folder.iterdir()]


@pytest.fixture
def far(tmp_path: Path, free_port: int) -> Iterator[Far]:
    """Hosts that call this machine at a free port; whatever is left of them is killed."""
    hosts = Far(tmp_path, free_port)
    yield hosts
    hosts.stop()


@pytest.fixture
def outward_address() -> str:
    """An address of this machine that is not loopback, by which other hosts would call it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nothing_is_sent:
        try:
            nothing_is_sent.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(nothing_is_sent.getsockname()[0])


@pytest.fixture
def begin(start: Callable[..., Run], tiny: Callable[..., Path], far: Far) -> Callable[..., Run]:
    """Starts a run that waits for so many workers of other hosts."""

    def begin(workers: int, text: str = TINY, *options: str) -> Run:
        return start(tiny(text), "--remote-workers", str(workers), "--bind", f"{far.master}:{far.port}", *options)

    return begin


def shifts(run: Run) -> list[str]:
    """The kind of each worker's last row."""
    directory = RunDirectory(run.root)
    return [list(directory.shifts(worker))[-1].type for worker in directory.workers()]


@pytest.mark.slow
def test_two_other_hosts_send_the_load_and_the_verdict_stands(begin: Callable[..., Run], far: Far) -> None:
    """The run says how many it waits for and what to type there; a third is refused; nothing is written there."""
    run = begin(2)
    run.await_words(f"0 of 2 workers have come; on each of their hosts: loket worker --master 127.0.0.1:{far.port}")
    workers = [far.join(), far.join()]
    run.await_row("hosts.json", '"worker": "w1"')
    late = far.join()
    assert far.end(late) == 2
    assert "does not take this worker: the run has begun already" in far.said(late)
    assert run.end() == 0, run.out.read_text() + run.said
    assert [far.end(worker) for worker in workers] == [0, 0]
    assert far.left_behind() == []
    assert RunDirectory(run.root).workers() == ["w0", "w1"]
    assert json.loads((run.root / "plan.json").read_text())["remote_workers"] == 2
    run.assert_whole()


@pytest.mark.slow
def test_people_of_other_hosts_find_every_way_in(begin: Callable[..., Run], far: Far, outward_address: str) -> None:
    """The run listens at the address that they call: the master, each network's edge, the service and the bank."""
    far.master = outward_address
    run = begin(1, TINY.replace("workers: WORKERS", "profiles: {java_4g: 0.5, kupang_4g: 0.5}"))
    worker = far.join()
    assert run.end() == 0, run.out.read_text() + run.said
    assert far.end(worker) == 0
    directory = RunDirectory(run.root)
    paid = [row for row in directory.operations("w0") if row.step == "pay" and row.type is OperationType.OK]
    assert paid
    enabled = {row.link: row.detail or "" for row in directory.faults() if row.type == "proxy_enabled"}
    assert {link for link, at in enabled.items() if at.startswith(f"{outward_address}:")} == {
        "edge",
        "edge.java_4g",
        "edge.kupang_4g",
    }


@pytest.mark.slow
def test_too_few_workers_end_the_run_with_one_sentence(begin: Callable[..., Run], far: Far) -> None:
    """It is invalid, says how many came, and whoever came leaves."""
    run = begin(2, TINY, "--gather", "12")
    worker = far.join()
    assert run.end() == 4
    assert "1 of 2 workers came within 12 s; on each of their hosts: loket worker" in run.reasons()
    assert far.end(worker) == 1
    assert "The run ended before it began here." in far.said(worker) or "has been silent" in far.said(worker)


@pytest.mark.slow
def test_ctrl_c_ends_the_workers_and_keeps_what_they_recorded(begin: Callable[..., Run], far: Far) -> None:
    """The run is interrupted and healed, and every worker's last word is in the directory."""
    run = begin(2, LONG)
    workers = [far.join(), far.join()]
    run.await_fault()
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130
    assert [far.end(worker) for worker in workers] == [0, 0]
    assert shifts(run) == ["end", "end"]
    run.assert_whole()


@pytest.mark.slow
def test_a_worker_that_is_killed_makes_the_run_invalid_and_not_wrong(begin: Callable[..., Run], far: Far) -> None:
    """What its people did last is not known, and the service is not blamed for that."""
    run = begin(2, TINY)
    workers = [far.join(), far.join()]
    run.await_fault()
    workers[0].kill()
    assert run.end() == 4, run.out.read_text() + run.said
    assert "ms of records with it" in run.reasons()
    assert far.end(workers[1]) == 0


@pytest.mark.slow
def test_a_run_that_is_halted_is_broken_and_not_invalid(begin: Callable[..., Run], far: Far) -> None:
    """The workers are called back, and all that they recorded until then is judged."""
    run = begin(2, HOPELESS)
    workers = [far.join(), far.join()]
    assert run.end() == 1, run.out.read_text() + run.said
    assert not run.reasons()
    assert [far.end(worker) for worker in workers] == [0, 0]
    assert shifts(run) == ["end", "end"]


def test_a_worker_that_finds_no_run_is_refused(far: Far) -> None:
    """After as long as it was told to look."""
    worker = far.join("--wait", "0.5")
    assert far.end(worker) == 2
    assert f"--master: nobody who waits for remote workers answered at 127.0.0.1:{far.port} within 0.5 s" in far.said(
        worker
    )
