"""One PostgreSQL database for every test of a session: the same tables, wiped between two tests.

Making a database costs a test ten times what wiping one does: most of its files are empty tables of the server's own.
"""

import psycopg

from loket.stack.postgres import Postgres
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import METADATA

NAME = "slate"
LOCK_TIMEOUT_MS = 5_000

# What a test left running could still commit, and holds locks. Closed pools and idle sessions do neither.
_END_TRANSACTIONS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
# A test may have made the tables anew, with a defect in them or without: every object has a number of its own.
_OBJECTS = """
    SELECT array(
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT oid FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        ORDER BY oid
    )
"""
# The keys hold between the tables; in the end all of them are empty. Numbers begin at one again.
_WIPE = (
    "SET LOCAL session_replication_role = replica; "
    + "".join(f'DELETE FROM "{table.name}"; ' for table in METADATA.sorted_tables)
    + "SELECT setval(oid::regclass, 1, false) FROM pg_class "
    "WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
)


class Slate:
    """The database. Each wipe is a session of its own: a test may end every session that it finds."""

    def __init__(self, server: Postgres) -> None:
        with psycopg.connect(server.url(), autocommit=True) as session:
            session.execute(f"CREATE DATABASE {NAME}")
        self.url = server.url(NAME)
        self._objects: list[int] = []

    def clean(self) -> str:
        """The URL of the database, which has the right tables and nothing in them."""
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
            session.execute(_END_TRANSACTIONS)
            if self._objects and _objects(session) == self._objects:
                session.execute(_WIPE)
            else:
                self._make_tables(session)
        return self.url

    def _make_tables(self, session: psycopg.Connection) -> None:
        session.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        database = Database(self.url, 1)
        database.create_schema()
        database.close()
        self._objects = _objects(session)


def _objects(session: psycopg.Connection) -> list[int]:
    row = session.execute(_OBJECTS).fetchone()
    assert row is not None
    return list(row[0])
