"""Where the two databases differ for the rest of the store: how they are opened, and what keeps writers apart."""

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import Connection, Engine, func, make_url, select

from mock_mpaspor.store.postgresql import in_failed_transaction, open_postgresql
from mock_mpaspor.store.sqlite import OneWriter, open_sqlite

# Advisory locks of PostgreSQL: any two numbers will do, as long as every process takes the same.
_TURN = select(func.pg_advisory_xact_lock(20220126))
_SCHEMA = select(func.pg_advisory_xact_lock(20220127))

WriterLock = AbstractContextManager[object]


def open_engines(url: str, connections: int) -> tuple[Engine, Engine, WriterLock]:
    """An engine for reads, one for writes over the same pool, and what a writer must enter first."""
    if make_url(url).get_backend_name() == "sqlite":
        return *open_sqlite(url, connections), OneWriter()
    return *open_postgresql(url, connections), nullcontext()


def take_turn(connection: Connection) -> None:
    """Until its commit, let no other transaction past this line. In SQLite the write lock has seen to that."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)


def lock_schema(connection: Connection) -> None:
    """Until its commit, let nobody else change the tables. In SQLite the write lock has seen to that."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SCHEMA)


def require_whole(connection: Connection) -> None:
    """Raise RuntimeError where a statement of this transaction failed and somebody went on all the same.

    PostgreSQL would answer COMMIT with a rollback, and no error.
    """
    if connection.dialect.name == "postgresql" and in_failed_transaction(connection):
        raise RuntimeError("a transaction went on after one of its statements had failed")
