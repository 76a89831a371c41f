"""The progress of all cases as one numbered list that M-Paspor reads on from where it stopped."""

import msgspec
from sqlalchemy import Connection, insert, select

from mock_mpaspor.outside.database import DatabaseFile
from mock_mpaspor.outside.simkim.books import progress_table
from mock_mpaspor.outside.simkim.cases import Progress


class ProgressLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the feed; `unix_ns` is the wall clock's."""

    seq: int
    unix_ns: int
    case: str
    type: Progress
    reason: str | None = None


def tell(connection: Connection, case: str, unix_ns: int, told: Progress, reason: str | None = None) -> None:
    """Write a line, in the transaction of what it tells."""
    connection.execute(insert(progress_table).values(unix_ns=unix_ns, case=case, type=told, reason=reason))


def read_on(books: DatabaseFile, after: int, limit: int) -> list[bytes]:
    """The lines after `after`, ascending.

    They are read as a writer would: whoever asks after a deadline sees all that happened before it.
    """
    rows = select(progress_table).where(progress_table.c.seq > after).order_by(progress_table.c.seq).limit(limit)
    with books.write() as connection:
        lines = [ProgressLine(*row) for row in connection.execute(rows)]
    return [msgspec.json.encode(line) + b"\n" for line in lines]
