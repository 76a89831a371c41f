"""A master and workers that share nothing but a port: each has a folder of its own, and the plan's is the master's."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from loket.load.plan import LoadPlan
from loket.load.remote.hosts import read_hosts
from loket.run_directory import RunDirectory, write_whole
from tests.load.conftest import ROOT, Processes, Rush, wait_for

HERE = Path(__file__).parent
SCENARIO = HERE / "plain_people.py"
PROGRAM = HERE / "worker_program.py"


class FarRush(Rush):
    """A stub, a master beside it, and workers that find the run directory nowhere."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        super().__init__(folder, processes)
        self._home = folder / "master"
        self._home.mkdir()
        self.directory = RunDirectory(self._home / "run")
        self.port = 0

    def plan(self, **changes: object) -> LoadPlan:
        """People whose requests are their own; the run directory is named as only the master can find it."""
        return msgspec.structs.replace(
            super().plan(), **({"scenario": "plain_people", "people": 60, "run_directory": "run"} | changes)
        )

    def start_master(
        self, plan: LoadPlan, expected: int, program: tuple[str | Path, ...] = ("-m", "locust")
    ) -> subprocess.Popen[bytes]:
        """The master alone, waiting for so many workers of other hosts."""
        path = self._home / "plan.json"
        write_whole(path, msgspec.json.encode(plan))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        return self.processes.start(
            *program, "-f", SCENARIO, "--loket-plan", path, "--skip-log-setup", "--master", "--headless",
            "--master-bind-host", "127.0.0.1", "--master-bind-port", str(self.port), "--expect-workers", str(expected),
            "--loket-remote-workers", str(expected), "--stop-timeout", "5",
            folder=self._home, environ={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def join(
        self, *more: str, buffer_mib: float = 32.0, environ: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """One more worker, in a folder of its own."""
        folder = self._folder / f"worker-{len(self.workers)}"
        folder.mkdir()
        worker = self.processes.start(
            PROGRAM, str(self.port), SCENARIO, str(buffer_mib), *more,
            folder=folder, environ={"PYTHONPATH": str(ROOT)} | (environ or {}),
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def wait_until_all_work(self) -> None:
        """Return once every worker has people inside."""
        for number in range(len(self.workers)):
            self.wait_for_people(f"w{number}")

    def process_of(self, name: str) -> subprocess.Popen[bytes]:
        """The process that writes the worker's files."""
        pid = next(host.pid for host in read_hosts(self.directory) if host.worker == name)
        return next(worker for worker in self.workers if worker.pid == pid)

    def left_behind(self) -> list[Path]:
        """What the workers wrote in their own folders."""
        return [path for folder in self._folder.glob("worker-*") for path in folder.rglob("*")]

    def wait_for_hosts(self, count: int) -> None:
        """Return once so many workers have come."""
        wait_for(lambda: len(read_hosts(self.directory)) == count, f"{count} workers")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """A launcher of programs that end with the test."""
    launcher = Processes(tmp_path)
    yield launcher
    launcher.end()


@pytest.fixture
def rush(tmp_path: Path, processes: Processes) -> FarRush:
    """A stub service, and no load on it yet."""
    return FarRush(tmp_path, processes)


@pytest.fixture(scope="session")
def near_and_far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FarRush]]:
    """The same plan run to its end by one worker of the master's own host, and by four of others."""
    rushes, masters, launchers = {}, {}, []
    try:
        for name in ("near", "far"):
            folder = tmp_path_factory.mktemp(name)
            launchers.append(Processes(folder))
            rushes[name] = FarRush(folder, launchers[-1])
        near, far = rushes["near"], rushes["far"]
        masters["near"] = near.start(near.plan(run_directory=str(near.directory.root)), 1, scenario=SCENARIO)
        masters["far"] = far.start_master(far.plan(), 4)
        for _ in range(4):
            far.join()
        for name, master in masters.items():
            rush = rushes[name]
            assert master.wait(90) == 0, rush.processes.log(master)
            for worker in rush.workers:
                assert worker.wait(30) == 0, rush.processes.log(worker)
        yield rushes
    finally:
        for launcher in launchers:
            launcher.end()
