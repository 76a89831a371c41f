"""Where the databases differ: how each is opened, how a write begins, and what keeps writers apart.

SQLite: WAL, one writer at a time. BEGIN IMMEDIATE takes the write lock at once, so that a transaction cannot fail
half-way for having read first; the lock in the process keeps its threads from polling for it (measured: p99 ÷ 4).
"""

import sqlite3
import threading
import time
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

# Long enough to sit out the other process's transactions, short enough to answer before people give up.
BUSY_TIMEOUT_MS = 5_000

# The advisory lock under which transactions number their events: any number will do, as long as all take the same.
_TURN = select(func.pg_advisory_xact_lock(20220126))

WriterLock = AbstractContextManager[object]


def open_engines(url: str, connections: int) -> tuple[Engine, Engine, WriterLock]:
    """An engine for reads, one for writes over the same pool, and what a writer must enter first."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=connections, hide_parameters=True)
        return engine, engine, nullcontext()
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        # Errors are logged; what people sent is not.
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    writes = engine.execution_options()
    event.listen(writes, "begin", _begin_immediate)
    return engine, writes, threading.Lock()


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
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


def take_turn(connection: Connection) -> None:
    """Until its commit, let no other transaction past this line. In SQLite the write lock has seen to that."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)
