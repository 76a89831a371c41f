"""PostgreSQL, as the store opens it: read committed, every wait bounded, from the server's side and from ours.

Connections are in autocommit: a read is one round trip, a write begins and commits by itself. The server ends waits
for locks, long statements and transactions that stand still; a server or a network that falls silent is given up by
the client, because no time-out of the server reaches through it.
"""

import select as sockets
from typing import Any, cast

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

# Assumption: people wait longer than this for an answer. Each bound is above the one before it, so that the most
# exact reason is the one that ends a wait.
LOCK_TIMEOUT_MS = 3_000
STATEMENT_TIMEOUT_MS = 5_000
# A process that stops in the middle of a transaction keeps its locks, the turn of the trail among them.
STANDSTILL_TIMEOUT_MS = 5_000
ANSWER_TIMEOUT_S = 8.0
CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5.0


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer, but not for ever: it closes itself on a server that fell silent."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, ANSWER_TIMEOUT_S)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:
                self.pgconn.finish()
            raise


def open_postgresql(url: str, connections: int) -> tuple[Engine, Engine]:
    """An engine for reads, and one for writes over the same pool."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        # Errors are logged; what people sent is not.
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "autocommit": True},
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _bound_waits)
    event.listen(engine, "checkout", _refuse_stale)
    writes = engine.execution_options()
    event.listen(writes, "begin", _begin)
    return engine, writes


def in_failed_transaction(connection: Connection) -> bool:
    """Whether a statement of this transaction has failed: nothing of it can be committed any more."""
    held = cast(PatientConnection, connection.connection.dbapi_connection)
    return held.info.transaction_status is TransactionStatus.INERROR


def _connect(_dialect: Dialect, _entry: ConnectionPoolEntry, words: list[Any], options: dict[str, Any]) -> Any:
    return PatientConnection.connect(*words, **options)


def _bound_waits(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
    cursor.execute(f"SET idle_in_transaction_session_timeout = {STANDSTILL_TIMEOUT_MS}")
    cursor.close()


def _refuse_stale(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Have the pool connect anew where the server closed this connection while it lay idle.

    An idle connection has nothing to read but its end: asking the kernel costs microseconds, a ping a round trip.
    """
    held = cast(PatientConnection, connection)
    if held.closed:
        raise DisconnectionError
    poll = sockets.poll()
    poll.register(held.pgconn.socket, sockets.POLLIN)
    if poll.poll(0):
        raise DisconnectionError


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
