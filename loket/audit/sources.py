"""The files an audit reads, line by line and strictly: a line that cannot be read must never look like silence."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from loket.records import UNDECODABLE, BadLine, Row, read_rows

Kind = TypeVar("Kind", bound=Row)
Document = TypeVar("Document", bound=msgspec.Struct)


class Source(StrEnum):
    """Who wrote a history down. The values are also the names the runner uses for feeds it could not read."""

    JOURNAL = "journal"
    EVENTS = "events"
    BILLS = "bills"
    LEDGER = "ledger"


class Unreadable(Exception):
    """A file, or a line of one, that cannot be trusted; the message names the file, the line and the reason."""


def read_lines(path: Path, kind: type[Kind]) -> Iterator[Kind]:
    """Rows of the NDJSON file `path` in file order; none if the file is missing.

    Raises Unreadable at a line that is not a `kind`, and at a last line that was cut short.
    """
    try:
        yield from read_rows(path, kind, whole=True)
    except BadLine as error:
        raise Unreadable(str(error)) from error


def read_document(path: Path, kind: type[Document]) -> Document | None:
    """The JSON document `path`, or None if it is missing. Raises Unreadable if it is not a `kind`."""
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except UNDECODABLE as error:
        raise Unreadable(f"{path.name}: {error}") from error
