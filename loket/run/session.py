"""A session: one run from its directory to its printed verdict, with the lock held and room on the disk."""

import platform
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from loket import __version__
from loket.experiment import Experiment
from loket.load.room import most_open_files, ports, require_room
from loket.run.announce import announce
from loket.run.carriage import Server
from loket.run.conclusion import conclude
from loket.run.display import Display
from loket.run.interrupt import Interrupt
from loket.run.lock import RunLock, lock_path
from loket.run.reserve import NoRoom, Reserve, needing_room
from loket.run.runner import Runner
from loket.run.staging import require_programs
from loket.run_directory import RunDirectory, write_whole
from loket.verdict import EXIT_CODES, Word, worst

# What an interruption is answered with, before the measuring has ended and after it.
HEALING = "healing the network and writing down what was measured; the run directory will be complete in a moment"
JUDGING = "writing the verdict; the network is healed and every process has ended"
OWN_NETWORK = "Loket's fault engine"
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
    """Runs one experiment below `runs`, on a network that `server` carries if one is given.

    Raises AlreadyRunning, NoRoom, Cramped or PostgresError before anything is started.
    """

    def __init__(
        self,
        experiment: Experiment,
        runs: Path,
        display: Display,
        environ: Mapping[str, str],
        server: Server | None = None,
    ) -> None:
        self._experiment = experiment
        self._server = server
        self._runs = runs
        self._display = display
        self._environ = environ

    def run(self) -> int:
        """The exit code; the verdict is in the directory and on the terminal."""
        require_programs(self._experiment, self._environ)
        require_room(self._experiment.people, self._experiment.load.workers, most_open_files(), ports())
        run = RunDirectory((self._runs / self._name()).resolve())
        with Interrupt(HEALING) as interrupt, ExitStack() as undo:
            reserve = self._prepare(run, undo)
            self._display.tell(f"{self._experiment.title}  (seed {self._experiment.seed}, {run.root.name})")
            try:
                url = self._server.url if self._server else None
                Runner(self._experiment, run, self._display, interrupt, reserve, self._environ, url).run()
                interrupt.answer = JUDGING
                verdict = self._judged(run)
            except Exception as error:
                error.add_note(f"What was measured is in {run.root}.")
                raise
            # The verdict on a run that was measured to its end stands, but whoever interrupts wants no more to follow.
            return EXIT_CODES[worst({verdict, Word.INTERRUPTED} if interrupt.requested() else {verdict})]

    def _prepare(self, run: RunDirectory, undo: ExitStack) -> Reserve:
        """The lock, the directory with its plan, and room on the disk; nothing is left where one of them fails."""
        with needing_room(self._runs):
            self._runs.mkdir(parents=True, exist_ok=True)
        lock = lock_path(self._environ)
        with needing_room(lock):
            undo.enter_context(RunLock(lock, run.root))
        try:
            with needing_room(self._runs):
                run.create()
                reserve = Reserve(run.root)
                write_whole(run.plan, self._plan())
        except NoRoom:
            shutil.rmtree(run.root, ignore_errors=True)
            raise
        return reserve

    def _judged(self, run: RunDirectory) -> Word:
        self._display.show("auditing")
        try:
            verdict = conclude(run)
        except OSError as error:
            self._display.tell(f"INVALID: the verdict could not be written: {error}")
            return Word.INVALID
        finally:
            self._display.close()
        announce(verdict, run)
        return verdict.verdict

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
            "versions": versions() | {"network": self._server.name if self._server else OWN_NETWORK},
            "made_at_unix": time.time(),
        }
        return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def versions() -> dict[str, str]:
    """What a run was measured with: Loket, Python, the machine, the libraries that touch a figure."""
    own = {"loket": __version__, "python": platform.python_version(), "machine": platform.platform()}
    return own | {name: version(name) for name in NAMED_LIBRARIES}
