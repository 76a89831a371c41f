"""Room kept free on the disk, so that a run that fills it can still write down its verdict."""

import os
from pathlib import Path

RESERVE_BYTES = 8 * 1024 * 1024


class DiskFull(Exception):
    """There is no room to start a run; the message says where and how much is needed."""


class Reserve:
    """A file of real blocks (not a hole) that is given back when the verdict is about to be written."""

    def __init__(self, root: Path, size: int = RESERVE_BYTES) -> None:
        self._path = root / ".reserve"
        try:
            with self._path.open("wb") as file:
                file.write(bytes(size))
                os.fsync(file.fileno())
        except OSError as error:
            self._path.unlink(missing_ok=True)
            raise DiskFull(
                f"{root}: no room for a run ({os.strerror(error.errno or 0)}); at least {size >> 20} MiB must be free"
            ) from error

    def give_back(self) -> None:
        self._path.unlink(missing_ok=True)
