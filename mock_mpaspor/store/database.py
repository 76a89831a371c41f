"""The database as the rest of the store sees it: a connection to read with, a transaction to write in.

What its errors mean stands in failures.py. A deadlock is not rerun here, because a block cannot be run twice:
transactions lock in one order (an application's row, then slots, then the turn of the trail, which is always last),
and who loses all the same gets Collision, which says that nothing was done.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData

from mock_mpaspor.store import trail
from mock_mpaspor.store.dialects import lock_schema, open_engines, require_whole
from mock_mpaspor.store.failures import nothing_done, perhaps_done
from mock_mpaspor.store.schema import METADATA


class Database:
    """One process's way to the database; safe to share between threads. `wall` (unix ns) stamps the events."""

    def __init__(self, url: str, connections: int, wall: Callable[[], int] = time.time_ns) -> None:
        self._wall = wall
        self._reads, self._writes, self._writer = open_engines(url, connections)

    def create_schema(self, schema: MetaData = METADATA) -> None:
        """Make the tables that are missing. Safe when several processes do it at the same moment."""
        with self.write() as connection:
            lock_schema(connection)
            schema.create_all(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on which each statement sees the last committed state. Raises Refusal(BUSY)."""
        with nothing_done(), self._reads.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back if it raises.

        Raises Refusal(BUSY), with nothing done, when the database is away or lets no writer in; its subclass
        Collision where the same again may succeed at once; Refusal(INTERNAL) where a commit got no answer.
        """
        with nothing_done(), self._writer, self._writes.connect() as connection:
            transaction = connection.begin()
            try:
                trail.begin(connection)
                yield connection
                require_whole(connection)
                trail.write(connection, self._wall)
            except BaseException:
                transaction.rollback()
                raise
            with perhaps_done():
                transaction.commit()

    def close(self) -> None:
        """Close the pooled connections."""
        self._reads.dispose()
