"""One part of the stack: a child process with its own log, a proof of readiness, and a stop that always stops."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from loket.stack.keeper import Keeper

LOG_TAIL_LINES = 3


class StackError(Exception):
    """The stack could not be started or kept; the message is one sentence for the person at the terminal."""


class OwnerOptions(TypedDict, total=False):
    """Of subprocess."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Owner:
    """A user of this machine, by numbers."""

    user: int
    group: int


@dataclass(frozen=True)
class Recipe:
    """How to start a part: `ready` answers True once it serves (and is the process just started)."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    # Where it is started, and as whom; None: here, and as this process.
    folder: Path | None = None
    owner: Owner | None = None


class Part:
    """A recipe's running process. Its group is its own, so that a Ctrl-C at the terminal reaches the runner alone."""

    def __init__(self, recipe: Recipe, log: Path, keeper: Keeper) -> None:
        self.recipe = recipe
        self.log = log
        self._keeper = keeper
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        return self.recipe.name

    @property
    def pid(self) -> int:
        if self._process is None:
            raise StackError(f"{self.name} has not been started")
        return self._process.pid

    def start(self) -> None:
        """Start (or restart) the process; its output goes to the end of its log."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.recipe.argv,
                env={**os.environ, **self.recipe.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self.recipe.folder,
                **as_owner(self.recipe.owner),
            )
        self._keeper.watch(self._process.pid)

    def ready(self) -> bool:
        """Whether it serves. Raises StackError when it ended instead, with the end of its log."""
        if not self.alive():
            raise StackError(f"{self.name} did not start ({self.ending()}): {self.log_tail()}")
        return self.recipe.ready()

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ending(self) -> str:
        """How the process ended: `exit code 1`, `signal SIGKILL`, or `still running`."""
        code = self._process.poll() if self._process else None
        if code is None:
            return "still running"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def log_tail(self) -> str:
        """The last lines of its log, joined: what it said before it ended."""
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return " / ".join(lines[-LOG_TAIL_LINES:]) or "it said nothing"

    def ask_to_stop(self) -> None:
        """Send its signal, without waiting: parts that are asked together stop together."""
        if self._process and self.alive():
            self._process.send_signal(self.recipe.stop_signal)

    def stop(self, grace_s: float = 5.0) -> None:
        """Send its signal, wait, and end whatever is left of its group. Idempotent."""
        if self._process is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._keeper.forget(self._process.pid)


def as_owner(owner: Owner | None) -> OwnerOptions:
    """What subprocess is told, so that a program runs as this user."""
    return {} if owner is None else {"user": owner.user, "group": owner.group, "extra_groups": []}


def await_ready(parts: Sequence[Part], timeout_s: float, interrupted: Callable[[], bool]) -> None:
    """Return once every part serves. Raises StackError naming those that do not in time, or when interrupted."""
    waiting = list(parts)
    deadline = time.monotonic() + timeout_s
    while waiting:
        if interrupted():
            raise StackError(f"the start of {', '.join(part.name for part in waiting)} was interrupted")
        waiting = [part for part in waiting if not part.ready()]
        if waiting and time.monotonic() > deadline:
            names = ", ".join(part.name for part in waiting)
            raise StackError(f"{names} did not answer within {timeout_s:.0f} s; see {waiting[0].log}")
        time.sleep(0.02)
