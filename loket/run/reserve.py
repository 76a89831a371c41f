"""Room kept free on the disk, so that a run that fills it can still write down its verdict.

A run is stopped while there is still room: the service under test keeps its books on the same disk, and must not be
blamed for a disk that the harness filled.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RESERVE = ".reserve"
RESERVE_BYTES = 8 * 1024 * 1024
# Assumption: twice what the built-in experiments write.
ROOM_BYTES = 40 * 1024 * 1024
FULL = (errno.ENOSPC, errno.EDQUOT)


class NoRoom(Exception):
    """A run cannot be written where it should; the message says where and why."""


@contextmanager
def needing_room(folder: Path, needed: int = RESERVE_BYTES + ROOM_BYTES) -> Iterator[None]:
    """Raises NoRoom for whatever the system refuses inside, a full disk above all."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in FULL:
            sentence = f"{folder}: no room for a run ({why}); at least {needed >> 20} MiB must be free"
        else:
            sentence = f"{folder}: a run cannot be written there ({why})"
        raise NoRoom(sentence) from error


class Reserve:
    """A file of real blocks (not a hole), given back before the last things are written; `room` bytes stay beside it.

    Raises NoRoom where there is less than both together.
    """

    def __init__(self, root: Path, size: int = RESERVE_BYTES, room: int = ROOM_BYTES) -> None:
        self._root = root
        self._path = root / RESERVE
        self._size = size
        try:
            with needing_room(root, size + room):
                with self._path.open("wb") as file:
                    file.write(bytes(size))
                    os.fsync(file.fileno())
                if self._free() < room:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except NoRoom:
            self.give_back()
            raise

    def low(self) -> str | None:
        """The sentence for a disk that is filling up, or None while there is as much room as the reserve."""
        free = self._free()
        if free >= self._size:
            return None
        return f"the disk of {self._root} is full: {free / 2**20:.1f} MiB were left, and the run was stopped"

    def give_back(self) -> None:
        """Free the blocks. Idempotent."""
        self._path.unlink(missing_ok=True)

    def _free(self) -> int:
        return shutil.disk_usage(self._root).free
