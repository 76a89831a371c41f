"""A runner that is there to die: the product's own, with faults of every kind and with people who never leave.

`python -m tests.chaos.doomed` reads lines `ROOT UPSTREAM [URL LEASE_S]` and forks a runner for each, which has
everything imported already; it answers with the runner's process id. With a URL the run's link is on the engine there,
which outlives the runner; without, on an engine of the run's own, as the product starts it.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Collection
from pathlib import Path
from random import Random
from types import FrameType
from unittest.mock import patch

from chaos.control import Network
from loket.experiment import Experiment
from loket.facts import Death
from loket.load.plan import LoadPlan
from loket.records import Origin, encode
from loket.run import runner
from loket.run.display import Display
from loket.run.interrupt import Interrupt
from loket.run.reserve import Reserve
from loket.run.session import HEALING
from loket.run_directory import RunDirectory, write_whole
from loket.stack.part import StackError
from loket.stack.settings import Entrance, Feeds

LINK = "edge"
SAID = "said.txt"
# What makes it fail: the error comes from wherever its main thread just is.
FAIL = signal.SIGUSR1
KINDS: tuple[dict[str, object], ...] = (
    {"latency": {"ms": 60_000}},
    {"latency": {"ms": 60_000}, "stream": "upstream"},
    {"timeout": {"ms": 0}},
    {"shared_bandwidth": {"kbps": 1}},
    {"bandwidth": {"kbps": 1}},
    {"reset": {"after_ms": 0}},
    {"refused": {}},
    {"unanswered": {}},
    {"unresolved": {}},
    {"down": True},
)


class Mistake(Exception):
    """What nobody thought of."""


class Crowd:
    """People who never leave, in place of Locust's: the run begins as they come."""

    def __init__(self, scenario: str, plan: Path, *_: object) -> None:
        self._plan = LoadPlan.read(plan)

    def start(self) -> None:
        origin = Origin(mono_ns=time.monotonic_ns(), unix_ns=time.time_ns())
        write_whole(RunDirectory(Path(self._plan.run_directory)).origin_file, encode(origin))

    def running(self) -> bool:
        return True

    def look(self, second: float) -> None:
        """Nobody of them is lost."""

    def losses(self) -> list[Death]:
        return []

    def trouble(self) -> list[str]:
        return []

    def stop(self) -> None:
        """They go home."""


class Outlived:
    """A stage on an engine that outlives its runner; its link stays, so that traffic can say what was left on it."""

    def __init__(self, network: Network, upstream: str) -> None:
        self.network = network
        self.link = ""
        self.feeds = Feeds()
        self._upstream = upstream

    @property
    def entrance(self) -> Entrance:
        return Entrance(f"http://{self.link}", f"http://{self._upstream}", f"http://{self._upstream}", "")

    def start(self) -> None:
        self.link = self.network.open_link(LINK, self._upstream)

    def open_edges(self, profiles: Collection[str]) -> dict[str, str]:
        return {}

    def stop(self) -> None:
        """Nothing of it is the runner's."""

    def dead(self) -> dict[str, str]:
        return {}

    def restart(self, name: str) -> None:
        raise StackError(f"there is no {name}")


def experiment_of(upstream: str, faults: list[dict[str, object]]) -> Experiment:
    """One that would last for minutes."""
    return Experiment.of_document(
        "doomed",
        {
            "title": "Whoever runs this dies of it",
            "scenario": "quota_rush",
            "seed": 1,
            "office": "belakang_padang",
            "load": {"people": 1, "places": 1, "opens_at": "1m", "rush": "1m", "patience": "1m"},
            "target": {"service": f"http://{upstream}", "bank": f"http://{upstream}"},
            "faults": faults,
        },
    )


def drawn_faults(rng: Random) -> list[dict[str, object]]:
    """Several that begin within the first half second, overlap, and would last for a minute."""
    chosen = rng.sample(KINDS, k=rng.randint(1, 4))
    return [
        {"name": f"f{number}", "link": LINK, "at": f"{rng.randint(0, 500)}ms", "for": "1m"} | kind
        for number, kind in enumerate(chosen)
    ]


def run(root: Path, experiment: Experiment, stage: Outlived | None) -> None:
    """The run from its start to its end, as a session has it, on the stage or on the product's own."""
    directory = RunDirectory(root)
    directory.create()
    stand_ins = {"LoadProcesses": Crowd} | ({"stage_of": lambda *_: stage} if stage else {})
    with patch.multiple(runner, **stand_ins), Interrupt(HEALING) as interrupt:
        reserve = Reserve(root, size=1, room=0)
        runner.Runner(experiment, directory, Display(), interrupt, reserve, environ={}).run()


def live(root: str, upstream: str, url: str = "", lease_s: str = "") -> None:
    """In a process of its own; what it says is in a file of its directory."""
    Path(root).mkdir()
    os.dup2(os.open(Path(root) / SAID, os.O_CREAT | os.O_WRONLY), sys.stderr.fileno())
    signal.signal(FAIL, _fail)
    stage = Outlived(Network(url, Path(root).name, lease_ttl_s=float(lease_s)), upstream) if url else None
    run(Path(root), experiment_of(upstream, drawn_faults(Random(Path(root).name))), stage)


def _fail(number: int, frame: FrameType | None) -> None:
    raise Mistake("nobody thought of this")


if __name__ == "__main__":
    for line in sys.stdin:
        if pid := os.fork():
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            continue
        try:
            live(*line.split())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
