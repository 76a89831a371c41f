"""The bank's ledger: one line of JSON a movement of money, only ever appended, on disk before anybody is told.

It is all that the bank knows after a restart, so a line says more than the feed shows: the key, the reason, the ntpn.
"""

import errno
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from mock_mpaspor.outside.bank.channels import Channel


class Movement(StrEnum):
    DEBITED = "debited"
    RETURNED = "returned"
    REFUNDED = "refunded"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the feed."""

    seq: int
    unix_ns: int
    type: Movement
    billing_code: str
    amount_idr: int
    ntb: str
    channel: Channel


class Line(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the file. `key` and `traceparent` stand on debits, `reason` on returns, `ntpn` on refunds."""

    key: str | None = None
    traceparent: str | None = None
    reason: str | None = None
    ntpn: str | None = None


class Ledger:
    """One process writes the file; `append` is called by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. A last line cut short by a kill goes: nobody was told of it."""
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = _whole_bytes(path)
        os.ftruncate(self._file, self._size)

    def append(self, line: Line) -> None:
        """The line is on disk when this returns. Raises OSError where it could not be written."""
        content = msgspec.json.encode(line) + b"\n"
        try:
            if os.write(self._file, content) != len(content):
                raise OSError(errno.ENOSPC, "the disk took only part of a line", str(self._path))
            os.fdatasync(self._file)
        except OSError:
            # Half a line would spoil the next one.
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(content)

    def lines(self) -> Iterator[Line]:
        """Every complete line in file order. Raises msgspec.DecodeError for one that is not a line."""
        decoder = msgspec.json.Decoder(Line)
        with self._path.open("rb") as file:
            for content in file:
                if content.endswith(b"\n"):
                    yield decoder.decode(content)

    def close(self) -> None:
        os.close(self._file)


def feed_line(line: Line) -> bytes:
    """What the feed shows of a line, newline included."""
    entry = Entry(**{name: getattr(line, name) for name in Entry.__struct_fields__})
    return msgspec.json.encode(entry) + b"\n"


def _whole_bytes(path: Path) -> int:
    """How far the file's complete lines reach."""
    return path.read_bytes().rfind(b"\n") + 1
