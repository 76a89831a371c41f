"""A session: one run from its directory to its printed verdict, with the lock held and room on the disk."""

import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
import msgspec

from loket import __version__
from loket.experiment import Experiment
from loket.run.announce import announcement
from loket.run.conclusion import conclude
from loket.run.display import Display
from loket.run.lock import RunLock
from loket.run.reserve import Reserve
from loket.run.runner import Runner
from loket.run_directory import RunDirectory, write_whole
from loket.verdict import Verdict

NAMED_LIBRARIES = (
    "locust",
    "geventhttpclient",
    "flask",
    "granian",
    "sqlalchemy",
    "toxiproxy-python",
    "uvloop",
)


class Session:
    """Runs one experiment below `runs`. Raises AlreadyRunning, DiskFull or StackError before anything is measured."""

    def __init__(self, experiment: Experiment, runs: Path, display: Display) -> None:
        self._experiment = experiment
        self._runs = runs
        self._display = display

    def run(self) -> Verdict:
        """The verdict, written to the directory and printed."""
        self._runs.mkdir(parents=True, exist_ok=True)
        run = RunDirectory((self._runs / self._name()).resolve())
        with RunLock(self._runs, run.root.name):
            run.create()
            reserve = Reserve(run.root)
            try:
                write_whole(run.plan, self._plan())
                self._display.tell(f"{self._experiment.title}  (seed {self._experiment.seed}, {run.root.name})")
                Runner(self._experiment, run, self._display).run()
            finally:
                reserve.give_back()
            return self._judged(run)

    def _judged(self, run: RunDirectory) -> Verdict:
        self._display.show("auditing")
        try:
            verdict = conclude(run)
        finally:
            self._display.close()
        for line in announcement(verdict, run):
            click.echo(line)
        return verdict

    def _name(self) -> str:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{stamp}-{self._experiment.name}"
        taken = sum(1 for _ in self._runs.glob(f"{name}*"))
        return f"{name}-{taken + 1}" if taken else name

    def _plan(self) -> bytes:
        content = {
            "name": self._experiment.name,
            "document": self._experiment.document(),
            "experiment": self._experiment.resolved(),
            "seed": self._experiment.seed,
            "versions": versions(),
            "made_at_unix": time.time(),
        }
        return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def versions() -> dict[str, str]:
    """What a run was measured with: Loket, Python, the machine, the libraries that touch a figure."""
    own = {"loket": __version__, "python": platform.python_version(), "machine": platform.platform()}
    return own | {name: version(name) for name in NAMED_LIBRARIES}
