"""The trail while many write: a reader that pages by number misses nothing, and numbers stand as commits do."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import select

from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import EVENTS
from mock_mpaspor.store.trail import append
from tests.databases.sessions import until, waiting_for_locks

WRITERS = 8
EACH = 40


class StopIt(Exception):
    """A transaction that is not to be."""


def _event(name: str) -> Event:
    return Event(type=EventType.QUEUE_JOINED, application_id=name)


def _write_many(database: Database, writer: int) -> None:
    """Transactions of one to three events; every fifth is rolled back, which leaves a gap or none, but no event."""
    for number in range(EACH):
        try:
            with database.write() as connection:
                for part in range(1 + number % 3):
                    append(connection, _event(f"{writer}-{number}-{part}"))
                if number % 5 == 4:
                    raise StopIt
        except StopIt:
            pass


def _page_through(database: Database, over: threading.Event) -> list[str]:
    """Every event, each page after the last number seen, until one page after the writers' end is empty."""
    names: list[str] = []
    after = 0
    while True:
        last_round = over.is_set()
        with database.read() as connection:
            page = select(EVENTS.c.seq, EVENTS.c.application_id).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq)
            rows = connection.execute(page.limit(7)).all()
        names += [row.application_id for row in rows]
        after = rows[-1].seq if rows else after
        if not rows:
            if last_round:
                return names
            # Leave the interpreter to the writers for a moment.
            over.wait(0.001)


def test_a_reader_that_pages_by_number_misses_no_event(database: Database) -> None:
    """While eight threads write, a reader that never looks back gets every committed event, once, in order."""
    over = threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        reader = threads.submit(_page_through, database, over)
        writers = [threads.submit(_write_many, database, writer) for writer in range(WRITERS)]
        for writer in writers:
            writer.result()
        over.set()
        seen = reader.result()
    wanted = [
        [f"{writer}-{number}-{part}" for number in range(EACH) if number % 5 != 4 for part in range(1 + number % 3)]
        for writer in range(WRITERS)
    ]
    assert sorted(seen) == sorted(name for names in wanted for name in names)
    for writer, names in enumerate(wanted):
        assert [name for name in seen if name.startswith(f"{writer}-")] == names


def test_times_stand_in_the_order_of_the_numbers(database: Database) -> None:
    """The wall clock stamps an event when its turn has come, so that later numbers never have earlier times."""
    with ThreadPoolExecutor(WRITERS) as threads:
        for writer in [threads.submit(_write_many, database, writer) for writer in range(WRITERS)]:
            writer.result()
    with database.read() as connection:
        times = connection.execute(select(EVENTS.c.unix_ns).order_by(EVENTS.c.seq)).scalars().all()
    assert times == sorted(times)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_writer_numbers_its_events_only_when_the_one_before_has_committed(
    database: Database, database_url: str
) -> None:
    """While another session has taken the turn, a writer waits with its events; its commit follows at once."""
    with ThreadPoolExecutor(1) as threads, psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(20220126)")
        writer = threads.submit(_write_many, database, 0)
        until(lambda: waiting_for_locks(other) == ["advisory"])
        assert not _names(database)
        other.commit()
        writer.result()
    assert _names(database)


def _names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(EVENTS.c.application_id).order_by(EVENTS.c.seq)).scalars())
