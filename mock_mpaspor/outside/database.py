"""An outside system's books: transactions on one SQLite file in WAL mode.

One process writes it; a lock around write transactions keeps SQLite's busy back-off out of the tail.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event


class DatabaseFile:
    """The open file; its tables are made where they are missing."""

    def __init__(self, path: Path, metadata: MetaData) -> None:
        # Reads take their connection from the pool beside a writer's, so the pool must not be what they wait for.
        # An error of the database must not carry whom it was about into a log.
        self._engine = create_engine(f"sqlite:///{path}", max_overflow=-1, hide_parameters=True)
        self._writing = threading.Lock()
        _prepare(self._engine)
        metadata.create_all(self._engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; it is on disk when the block ends, and undone when the block raises."""
        with self._writing, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the books throughout."""
        with self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def _prepare(engine: Engine) -> None:
    """Leave transactions to SQLAlchemy alone, and make a commit wait for the disk."""

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
