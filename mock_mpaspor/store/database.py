"""The database as the rest of the store sees it: a connection to read with, a transaction to write in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store import trail
from mock_mpaspor.store.dialects import open_engines
from mock_mpaspor.store.schema import METADATA


class Database:
    """One process's way to the database; safe to share between threads. `wall` (unix ns) stamps the events."""

    def __init__(self, url: str, connections: int, wall: Callable[[], int] = time.time_ns) -> None:
        self._wall = wall
        self._reads, self._writes, self._writer = open_engines(url, connections)

    def create_schema(self) -> None:
        """Make the tables that are missing. Safe when several processes do it at the same moment."""
        with self.write() as connection:
            METADATA.create_all(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on which each statement sees the last committed state."""
        with self._reads.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back if it raises.

        Raises Refusal(BUSY), with nothing done, when the database does not let a writer in.
        """
        with self._writer, self._writes.connect() as connection:
            try:
                transaction = connection.begin()
            except OperationalError as error:
                raise Refusal(ErrorCode.BUSY) from error
            with transaction:
                trail.begin(connection)
                yield connection
                trail.write(connection, self._wall())

    def close(self) -> None:
        """Close the pooled connections."""
        self._reads.dispose()
