"""SIMPONI's database: tables, and transactions on one SQLite file in WAL mode.

One process writes it; a lock around write transactions keeps SQLite's busy back-off out of the tail.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
)

metadata = MetaData()

# One row: what the book's numbers are drawn from, so that two books do not issue the same ones.
book_table = Table("book", metadata, Column("seed", BigInteger, nullable=False))

bill_table = Table(
    "bill",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("billing_code", String(15), nullable=False, unique=True),
    Column("reference", String, nullable=False, unique=True),
    Column("amount_idr", BigInteger, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("issued_unix_ns", BigInteger, nullable=False),
    Column("valid_until_unix_ns", BigInteger, nullable=False),
    Column("paid_unix_ns", BigInteger),
    Column("ntpn", String(16), unique=True),
    Column("ntb", String(12), unique=True),
    Column("channel", String),
)

callback_table = Table(
    "callback",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("traceparent", String),
    Column("delivered_unix_ns", BigInteger, index=True),
)


class Books:
    """The open database. `seed` is the book's own; `rng` draws it when the file is new."""

    def __init__(self, path: Path, rng: Random) -> None:
        # Reads take their connection from the pool beside a writer's, so the pool must not be what they wait for.
        self._engine = create_engine(f"sqlite:///{path}", max_overflow=-1)
        self._writing = threading.Lock()
        _prepare(self._engine)
        metadata.create_all(self._engine)
        with self.write() as connection:
            seed = connection.scalar(select(book_table.c.seed))
            if seed is None:
                seed = rng.getrandbits(62)
                connection.execute(insert(book_table).values(seed=seed))
        self.seed: int = seed

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
