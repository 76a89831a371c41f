"""One short, real load for `disturbances.py`: a small server, Locust's master and workers, and what befalls them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, monotonic_ns, sleep

import msgspec

from loket.doubts import runner_doubts
from loket.facts import Facts
from loket.load.arrivals import Wave, head_count
from loket.load.plan import LoadPlan
from loket.load.validity import doubts
from loket.records import Origin
from loket.run.load_processes import LoadProcesses
from loket.run_directory import RunDirectory, write_whole
from loket.stack.keeper import Keeper
from loket.verdict import Doubt

HERE = Path(__file__).parent
PEOPLE_A_SECOND = 40
RUSH_S = 4.0
DRAIN_S = 3.0
DEADLINE_S = 40.0
LOOK_S = 0.02


@dataclass
class Scene:
    """A load that is running, or has run: what a disturbance may reach for."""

    directory: RunDirectory
    plan: LoadPlan
    server: subprocess.Popen[bytes]
    processes: LoadProcesses
    origin: Origin | None = None

    def second(self) -> float:
        """Now, in seconds of the run."""
        return (monotonic_ns() - self._origin_ns()) / 1e9

    def at(self, second: float) -> float:
        """Wait for that second of the run; gives the very second."""
        while (left_s := second - self.second()) > 0:
            sleep(left_s)
        return self.second()

    def second_of(self, mono_ns: int) -> float:
        return (mono_ns - self._origin_ns()) / 1e9

    def worker(self, name: str) -> int:
        """The process id of the worker whose record has this name."""
        return next(row.pid for row in self.directory.shifts(name))

    def pause(self, pids: list[int], seconds: float) -> None:
        """Stop the processes for so long."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        sleep(seconds)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def _origin_ns(self) -> int:
        if self.origin is None:
            raise SystemExit(f"the load did not begin; see {self.directory.logs}")
        return self.origin.mono_ns


@contextmanager
def load(folder: Path, waves: tuple[Wave, ...], workers: int, seed: int) -> Iterator[Scene]:
    """The load, being started; on leaving nothing of it is left. `waves` come besides the steady people."""
    arrivals = (Wave(knots=((0.0, PEOPLE_A_SECOND), (RUSH_S, PEOPLE_A_SECOND)), process="even"), *waves)
    directory = RunDirectory(folder)
    directory.create()
    server = subprocess.Popen([sys.executable, HERE / "small_server.py"], stdout=subprocess.PIPE)
    keeper = Keeper(directory.logs / "keeper.log")
    assert server.stdout is not None
    url = f"http://127.0.0.1:{int(server.stdout.readline())}"
    plan = LoadPlan(
        scenario="steady_people", seed=seed, office="", people=head_count(arrivals, seed), places=0, days=1,
        opens_at_s=0.0, rush_s=RUSH_S, drain_s=DRAIN_S, patience_s=10.0, payment_deadline_s=0.0, profile=None,
        service_url=url, bank_url=url, direct_url=url, admin_token="", run_directory=str(folder), arrivals=arrivals,
    )  # fmt: skip
    path = folder / "load.json"
    write_whole(path, msgspec.json.encode(plan))
    processes = LoadProcesses("../benchmarks/steady_people", path, workers, directory.logs, keeper)
    try:
        processes.start()
        yield Scene(directory, plan, server, processes)
    finally:
        processes.stop()
        server.kill()
        server.wait()
        keeper.dismiss()


def await_origin(scene: Scene) -> None:
    """Return once the load has begun, or its master has ended."""
    until = monotonic() + DEADLINE_S
    while scene.origin is None and scene.processes.running() and monotonic() < until:
        sleep(LOOK_S)
        scene.origin = scene.directory.origin()


def await_end(scene: Scene) -> Facts:
    """Follow the load to its end, as the runner does; gives what was seen of its processes."""
    until = monotonic() + DEADLINE_S
    while scene.processes.running() and monotonic() < until:
        sleep(LOOK_S)
        scene.processes.look(scene.second())
    scene.processes.look(scene.second())
    return Facts(started_at="", losses=scene.processes.losses())


def judged(scene: Scene, facts: Facts) -> list[Doubt]:
    """Every doubt about the run, from its directory and from what the runner would have seen."""
    return [*runner_doubts(facts), *doubts(scene.directory, scene.plan)]


def nearest(found: list[Doubt], reasons: str, truth_s: float) -> tuple[Doubt, float] | None:
    """Of the doubts with a right reason and a second, the one nearest to the truth, and by how much it is off."""
    right = [doubt for doubt in found if doubt.second is not None and re.search(reasons, doubt.reason)]
    off = [(doubt, (doubt.second or 0.0) - truth_s) for doubt in right]
    return min(off, key=lambda pair: abs(pair[1])) if off else None
