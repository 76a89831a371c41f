"""SQLite, as the store opens it: WAL, one writer at a time.

BEGIN IMMEDIATE takes the write lock at once, so that a transaction cannot fail half-way for having read first; the
lock in the process keeps its threads from polling for it (measured: p99 ÷ 4).
"""

import sqlite3
import threading
import time

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import TimeoutError as NoTurnError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

# Long enough to sit out the other process's transactions, short enough to answer before people give up.
BUSY_TIMEOUT_MS = 5_000


class OneWriter:
    """The threads of this process one after the other. Raises NoTurnError for who waited too long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise NoTurnError("the writers before this one took too long")

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


def open_sqlite(url: str, connections: int) -> tuple[Engine, Engine]:
    """An engine for reads, and one for writes over the same pool."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        # Errors are logged; what people sent is not.
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    writes = engine.execution_options()
    event.listen(writes, "begin", _begin_immediate)
    return engine, writes


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() != ("wal",):
        _turn_on_wal(cursor)
    # NORMAL survives the death of the process at any moment; only power loss could take the last transactions.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _turn_on_wal(cursor: DBAPICursor) -> None:
    """Two processes may open a new file together; the change of mode does not wait for locks by itself."""
    for attempts_left in reversed(range(100)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not attempts_left:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
