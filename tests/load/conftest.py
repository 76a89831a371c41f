"""What the tests of the load share: a stub service in its own process, and Locust runs that never outlive a test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from loket.load.plan import LoadPlan
from loket.records import Shift
from loket.run_directory import RunDirectory, write_whole

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCENARIO = HERE / "tiny_rush.py"
DEADLINE_S = 30


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Return once the condition holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_S} s for {what}"
        time.sleep(0.02)


class Processes:
    """Programs that end with the test."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        *arguments: str | Path,
        largest_file_kb: int | None = None,
        most_files: int | str | None = None,
        folder: Path = ROOT,
        environ: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Run Python with the arguments, in the root of the repository or another folder; its output goes to a log.

        `most_files` is how many it may have open, or as `soft:hard` how many by default and how many at all.
        """
        limit = [] if largest_file_kb is None else ["prlimit", f"--fsize={largest_file_kb * 1024}"]
        limit += [] if most_files is None else ["prlimit", f"--nofile={most_files}"]
        log = self._logs / f"{len(self._running)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*limit, sys.executable, *map(str, arguments)],
                cwd=folder,
                env={**os.environ, **(environ or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._running.append(process)
        return process

    def log(self, process: subprocess.Popen[bytes]) -> str:
        """What the process said so far."""
        return (self._logs / f"{self._running.index(process)}.log").read_text()

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


class Rush:
    """A stub service and the Locust processes that load it."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.processes = processes
        self.directory = RunDirectory(folder / "run")
        self._folder = folder
        stub = processes.start(HERE / "stub_mpaspor.py")
        wait_for(lambda: processes.log(stub).endswith("\n"), "the stub to listen")
        self.url = f"http://127.0.0.1:{processes.log(stub).strip()}"
        self.workers: list[subprocess.Popen[bytes]] = []

    def plan(self, **changes: object) -> LoadPlan:
        """A small plan against the stub."""
        plan = LoadPlan(
            scenario="tiny_rush",
            seed=11,
            office="belakang_padang",
            people=30,
            places=60,
            days=3,
            opens_at_s=2.0,
            rush_s=2.0,
            drain_s=4.0,
            patience_s=3.0,
            payment_deadline_s=60.0,
            profile="kepri_island",
            service_url=self.url,
            bank_url=self.url,
            direct_url=self.url,
            admin_token="admin",
            run_directory=str(self.directory.root),
        )
        return msgspec.structs.replace(plan, **changes)

    def start(
        self,
        plan: LoadPlan,
        workers: int,
        *,
        expected: int | None = None,
        largest_file_kb: int | None = None,
        scenario: Path = SCENARIO,
    ) -> subprocess.Popen[bytes]:
        """A master and its workers, as the runner starts them; gives the master.

        `expected` is how many workers the master waits for, `largest_file_kb` how large a worker's files may grow.
        """
        path = self._folder / "plan.json"
        write_whole(path, msgspec.json.encode(plan))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        common = ["-m", "locust", "-f", scenario, "--loket-plan", path, "--skip-log-setup"]
        master = [*common, "--master", "--headless", "--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)]
        started = self.processes.start(*master, "--expect-workers", str(expected or workers), "--stop-timeout", "5")
        worker = [*common, "--worker", "--master-host", "127.0.0.1", "--master-port", str(port)]
        self.workers = [self.processes.start(*worker, largest_file_kb=largest_file_kb) for _ in range(workers)]
        return started

    def last_row(self, worker: str) -> Shift | None:
        return next(iter(reversed(list(self.directory.shifts(worker)))), None)

    def wait_for_words(self, process: subprocess.Popen[bytes], words: str) -> None:
        """Return once the process has said them."""
        wait_for(lambda: words in self.processes.log(process), f"{words!r} in a log")

    def wait_for_people(self, worker: str) -> None:
        """Return once somebody is inside."""
        wait_for(lambda: (row := self.last_row(worker)) and row.people_inside, "people to come")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """A launcher of programs that end with the test."""
    launcher = Processes(tmp_path)
    yield launcher
    launcher.end()


@pytest.fixture
def rush(tmp_path: Path, processes: Processes) -> Rush:
    """A stub service, and no load on it yet."""
    return Rush(tmp_path, processes)


@pytest.fixture(scope="session")
def finished_rushes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Rush]]:
    """The same plan run to its end by one worker and by two, keyed by their number; the stubs still answer."""
    rushes, masters = {}, {}
    launchers = []
    try:
        for workers in (1, 2):
            folder = tmp_path_factory.mktemp(f"workers-{workers}")
            launchers.append(Processes(folder))
            rushes[workers] = Rush(folder, launchers[-1])
            masters[workers] = rushes[workers].start(rushes[workers].plan(), workers)
        for workers, master in masters.items():
            assert master.wait(DEADLINE_S) == 0, rushes[workers].processes.log(master)
            assert [worker.wait(DEADLINE_S) for worker in rushes[workers].workers] == [0] * workers
        yield rushes
    finally:
        for launcher in launchers:
            launcher.end()
