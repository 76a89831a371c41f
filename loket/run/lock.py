"""One load at a time: two on one machine would measure each other."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class AlreadyRunning(Exception):
    """Another run holds the lock; the message names it."""


class RunLock:
    """Held by the process as long as it lives: a killed runner leaves no stale lock behind."""

    def __init__(self, runs: Path, run: str) -> None:
        self._path = runs / ".lock"
        self._run = run

    def __enter__(self) -> "RunLock":
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise AlreadyRunning(
                f"another run is in progress ({holder}); two loads on one machine would measure each other. "
                "Wait for it, or stop it with Ctrl-C."
            ) from error
        self._file.truncate(0)
        self._file.write(f"{self._run}, process {os.getpid()}")
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.truncate(0)
        self._file.close()
