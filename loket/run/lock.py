"""One load at a time: two on one machine would measure each other, wherever they write to."""

import fcntl
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

LOCK = "LOKET_LOCK"


def lock_path(environ: Mapping[str, str]) -> Path:
    """The lock of this user and machine: LOKET_LOCK, else in the user's runtime folder, else in the temporary one."""
    if own := environ.get(LOCK):
        return Path(own)
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK):
        return Path(runtime) / "loket.lock"
    return Path(tempfile.gettempdir()) / f"loket-{os.getuid()}.lock"


def in_progress(path: Path, root: Path) -> bool:
    """Whether the run in the directory `root` holds the lock at `path` just now."""
    if not path.exists():
        return False
    with path.open() as file:
        # Only a lock that names this run is tried: a run that begins just now must find it free.
        return _holder(file).startswith(f"{root}, ") and not _took(file, fcntl.LOCK_SH)


class AlreadyRunning(Exception):
    """Another run holds the lock; the message names it."""


class RunLock:
    """Held by the process as long as it lives: a killed runner leaves no stale lock behind."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = root

    def __enter__(self) -> "RunLock":
        # In a folder for everybody, a link laid in the way must not lead to a file that is then emptied.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(descriptor, "r+")
        if not _took(self._file, fcntl.LOCK_EX):
            holder = _holder(self._file) or "unknown"
            self._file.close()
            raise AlreadyRunning(
                f"another run is in progress ({holder}); two loads on one machine would measure each other. "
                "Wait for it, or stop it with Ctrl-C."
            )
        self._file.truncate(0)
        self._file.write(f"{self._root}, process {os.getpid()}")
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.truncate(0)
        self._file.close()


def _took(file: TextIO, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> str:
    file.seek(0)
    return file.read().strip()
