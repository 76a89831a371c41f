"""How a run can come to its end before its time, and the runner that is to come to it."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loket.facts import Facts
from loket.load.plan import LoadPlan
from loket.run.load_processes import LOAD_PLAN
from loket.run_directory import RunDirectory
from tests.chaos.conftest import DEADLINE_S, REPOSITORY
from tests.chaos.doomed import FAIL, SAID

# Whoever cannot heal by themselves needs the lease. For the others it is the product's own, and must not be needed.
LEASE_OF_THE_KILLED_S = 0.3
LEASE_S = 2.0
# Between two looks.
PACE_S = 0.005


class Way(StrEnum):
    """The five ways."""

    CTRL_C = "Ctrl-C"
    SIGTERM = "SIGTERM"
    EXCEPTION = "an exception"
    RUNNER_KILLED = "kill -9 of the runner"
    ENGINE_KILLED = "kill -9 of the engine"

    @property
    def lease_s(self) -> float:
        return LEASE_OF_THE_KILLED_S if self is Way.RUNNER_KILLED else LEASE_S

    def is_told_by(self, facts: Facts) -> bool:
        """Whether the run ended in this way, by what its runner wrote, with nothing left unhealed that it knows of."""
        told = {
            Way.CTRL_C: facts.interrupted_by == "Ctrl-C",
            Way.SIGTERM: facts.interrupted_by == "SIGTERM",
            Way.EXCEPTION: "the runner itself failed: Mistake: nobody thought of this" in facts.trouble,
            Way.RUNNER_KILLED: facts.unfinished,
            Way.ENGINE_KILLED: [death.part for death in facts.deaths] == ["engine"],
        }
        return [way for way, seen in told.items() if seen] == [self] and not facts.unhealed


BLOWS = {
    Way.CTRL_C: signal.SIGINT,
    Way.SIGTERM: signal.SIGTERM,
    Way.EXCEPTION: FAIL,
    Way.RUNNER_KILLED: signal.SIGKILL,
    Way.ENGINE_KILLED: signal.SIGKILL,
}


@dataclass(frozen=True)
class Mortal:
    """A process that will end: `ended` holds once it has, and everything that it held open is closed."""

    pid: int
    pidfd: int

    def ended(self, patience_s: float = 0.0) -> bool:
        return bool(select.select([self.pidfd], [], [], patience_s)[0])

    def await_end(self) -> None:
        assert self.ended(DEADLINE_S), f"process {self.pid} did not end"


@contextmanager
def mortal(pid: int) -> Iterator[Mortal]:
    """The process; it is killed at the end of the block, if it has not ended by then."""
    pidfd = os.pidfd_open(pid)
    try:
        yield Mortal(pid, pidfd)
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)


@dataclass(frozen=True)
class Doomed:
    """A run under way: its directory, its runner, and where its link listens."""

    root: Path
    runner: Mortal
    link: str

    def own_engine(self) -> tuple[int, int]:
        """Process id and control port of the engine that the run started."""
        log = (self.root / "logs" / "engine.log").read_text()
        ready = json.loads(log.splitlines()[0])["ready"]
        return ready["pid"], ready["port"]

    def stood(self) -> bool:
        """Whether a fault was under way: what was confirmed would have lasted for a minute."""
        return any(row.source == "timeline" and row.type == "confirmed" for row in RunDirectory(self.root).faults())

    def assert_died(self, way: Way) -> None:
        facts = Facts.read(self.root)
        assert way.is_told_by(facts), (way, facts, (self.root / SAID).read_text())


class Cradle:
    """Bears runners one after the other: each is forked from one process, which imported everything once."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @contextmanager
    def bear(self, root: Path, upstream: str, *engine: object) -> Iterator[Doomed]:
        """A run whose people have just come; on the engine of this URL and on a lease of so many seconds, if given."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, (root, upstream, *engine))) + "\n")
        self._process.stdin.flush()
        with mortal(int(self._process.stdout.readline())) as runner:
            while RunDirectory(root).origin() is None:
                assert not runner.ended(PACE_S), f"the run did not begin, see {root / SAID}"
            edge = LoadPlan.read(root / LOAD_PLAN).service_url
            yield Doomed(root, runner, edge.removeprefix("http://"))


@contextmanager
def cradle() -> Iterator[Cradle]:
    """Until the end of the block."""
    command = [sys.executable, "-m", "tests.chaos.doomed"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Cradle(process)
        assert process.stdin is not None
        process.stdin.close()
