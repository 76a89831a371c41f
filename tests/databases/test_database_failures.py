"""What goes wrong with a PostgreSQL, brought about one by one, and what whoever asked is told."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from loket.stack.postgres import USER, Postgres
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store import postgresql
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.failures import Collision
from mock_mpaspor.store.schema import CURSORS
from tests.databases.line import Line
from tests.databases.sessions import end_other_sessions, until, waiting_for_locks

OpenDatabase = Callable[..., Database]
_SEQ = CURSORS.update().values(seq=CURSORS.c.seq + 1)


def _add(database: Database, *feeds: str) -> None:
    with database.write() as connection:
        for feed in feeds:
            connection.execute(CURSORS.insert(), {"feed": feed, "seq": 0, "read_ns": 0})


def _count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(CURSORS)).scalar_one())


def _refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as told:
        act()
    return told.value


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    """A line to the session's PostgreSQL. Its folder is short: a socket's path may have 107 characters."""
    with tempfile.TemporaryDirectory(prefix="loket-line-") as folder:
        carrier = Line(Path(folder), postgres.folder / f".s.PGSQL.{postgres.port}")
        yield carrier
        carrier.close()


@pytest.fixture
def far(open_database: OpenDatabase, line: Line, postgresql_url: str) -> Database:
    """The database of this test, over the line."""
    name = postgresql_url.rpartition("/")[2]
    return open_database(f"postgresql://{USER}@/{name}?host={line.folder}")


@pytest.fixture
def near(open_database: OpenDatabase, postgresql_url: str) -> Database:
    """The same database, reached directly, over one connection."""
    return open_database(postgresql_url)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_reached_is_busy(open_database: OpenDatabase, url: str) -> None:
    """Nobody listens, no such folder: definite, for readers and for writers."""
    database = open_database(url)
    assert _refusal(lambda: _count(database)).code is ErrorCode.BUSY
    assert _refusal(lambda: _add(database, "a")).code is ErrorCode.BUSY


def test_connections_that_the_server_closed_are_replaced_unnoticed(near: Database, postgresql_url: str) -> None:
    """After a restart of the server, nobody is refused for a connection that lay idle meanwhile."""
    _add(near, "before")
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        end_other_sessions(other)
        assert _count(near) == 1
        end_other_sessions(other)
        _add(near, "after")
    assert _count(near) == 2


def test_a_connection_lost_before_the_commit_has_done_nothing(near: Database, postgresql_url: str) -> None:
    """Its session ended in the middle of a transaction: `busy`, and nothing of it is there."""

    def lose() -> None:
        with near.write() as connection, psycopg.connect(postgresql_url, autocommit=True) as other:
            connection.execute(CURSORS.insert(), {"feed": "lost", "seq": 0, "read_ns": 0})
            end_other_sessions(other)
            connection.execute(CURSORS.insert(), {"feed": "more", "seq": 0, "read_ns": 0})

    assert _refusal(lose).code is ErrorCode.BUSY
    assert _count(near) == 0


def test_a_connection_lost_in_the_commit_may_have_done_everything(far: Database, near: Database, line: Line) -> None:
    """The server commits and its answer never comes: `internal`, not definite; and here it was done indeed."""
    _count(far)
    line.cut_at = b"COMMIT"
    refusal = _refusal(lambda: _add(far, "done"))
    assert (refusal.code, refusal.row.definite) == (ErrorCode.INTERNAL, False)
    until(lambda: _count(near) == 1)


def test_a_server_that_falls_silent_is_given_up(far: Database, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer, no end of the connection: the client's own patience ends it, and later ones work again."""
    _add(far, "before")
    monkeypatch.setattr(postgresql, "ANSWER_TIMEOUT_S", 0.2)
    line.silent.set()
    assert _refusal(lambda: _count(far)).code is ErrorCode.BUSY
    line.silent.clear()
    monkeypatch.undo()
    assert _count(far) == 1


@pytest.mark.parametrize(
    ("setting", "statement"),
    [
        ("lock_timeout", "UPDATE cursors SET seq = 1"),
        ("statement_timeout", "UPDATE cursors SET seq = 1"),
        ("statement_timeout", "SELECT pg_sleep(10)"),
        ("idle_in_transaction_session_timeout", None),
    ],
)
def test_a_wait_that_the_server_ends_has_done_nothing(
    near: Database, postgresql_url: str, setting: str, statement: str | None
) -> None:
    """A lock that is not given, a statement that takes too long, a transaction that stands still: `busy`."""
    _add(near, "a")
    with near.read() as connection:
        connection.exec_driver_sql(f"SET {setting} = 50")

    def wait(other: psycopg.Connection) -> None:
        with near.write() as connection:
            connection.execute(CURSORS.insert(), {"feed": "b", "seq": 0, "read_ns": 0})
            if statement:
                connection.exec_driver_sql(statement)
            else:
                until(lambda: _sessions(other) == 0)
                connection.execute(CURSORS.insert(), {"feed": "c", "seq": 0, "read_ns": 0})

    with psycopg.connect(postgresql_url) as blocker, psycopg.connect(postgresql_url, autocommit=True) as other:
        blocker.execute("UPDATE cursors SET seq = 2")
        assert _refusal(lambda: wait(other)).code is ErrorCode.BUSY
    assert _count(near) == 1


def _sessions(other: psycopg.Connection) -> int:
    """How many sessions of this database are in a transaction and idle, but for one that holds a lock on purpose."""
    query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    row = other.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_wait_has_its_bound(near: Database) -> None:
    """Locks, statements and transactions that stand still: none of a connection's bounds is left at `never`."""
    with near.read() as connection:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar_one() in ("3s", "5s")


def test_a_pool_without_a_free_connection_is_busy(near: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets no connection in time has done nothing."""
    monkeypatch.setattr(near._reads.pool, "_timeout", 0.05)
    with near.read():
        assert _refusal(lambda: _count(near)).code is ErrorCode.BUSY
    assert _count(near) == 0


def test_who_loses_a_deadlock_is_told_to_try_again(open_database: OpenDatabase, postgresql_url: str) -> None:
    """Two that lock the same rows crosswise: one commits, the other has done nothing and knows why."""
    database = open_database(postgresql_url, 2)
    _add(database, "a", "b")
    met = threading.Barrier(2)

    def lock(first: str, second: str) -> bool:
        try:
            with database.write() as connection:
                connection.execute(_SEQ.where(CURSORS.c.feed == first))
                met.wait(10)
                connection.execute(_SEQ.where(CURSORS.c.feed == second))
        except Collision as collision:
            return collision.row.definite
        return False

    with ThreadPoolExecutor(2) as threads:
        lost = [threads.submit(lock, *order) for order in (("a", "b"), ("b", "a"))]
        assert sorted(each.result() for each in lost) == [False, True]
    with database.read() as connection:
        assert connection.execute(select(CURSORS.c.seq)).scalars().all() == [1, 1]


def test_a_transaction_that_goes_on_after_an_error_is_not_taken_for_done(near: Database) -> None:
    """PostgreSQL answers its COMMIT with a rollback and no error: the write says so instead."""
    _add(near, "a")

    def go_on() -> None:
        with near.write() as connection, pytest.raises(IntegrityError):
            connection.execute(CURSORS.insert(), {"feed": "a", "seq": 0, "read_ns": 0})

    with pytest.raises(RuntimeError, match="went on"):
        go_on()


def test_a_row_locked_by_another_session_is_waited_for(near: Database, postgresql_url: str) -> None:
    """A lock that is given in time costs a wait and nothing else."""
    _add(near, "a")
    with psycopg.connect(postgresql_url) as blocker, psycopg.connect(postgresql_url, autocommit=True) as watcher:
        blocker.execute("UPDATE cursors SET seq = seq + 1")
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(_step, near)
            until(lambda: waiting_for_locks(watcher) == ["transactionid"])
            blocker.commit()
            waiting.result()
    with near.read() as connection:
        assert connection.execute(select(CURSORS.c.seq)).scalar_one() == 2


def _step(database: Database) -> None:
    with database.write() as connection:
        connection.execute(_SEQ)
