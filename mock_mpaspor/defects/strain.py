"""Resources that run out or stand in the way: M19 connections, M21 a cache's end, M28 one slow thread."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, func, select

from mock_mpaspor.domain.offices import Office
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.failures import nothing_done
from mock_mpaspor.store.releases import Availability, Releases
from mock_mpaspor.store.schema import APPLICATIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# M19 keeps the connection of one read in so many.
LEAK_EVERY = 40
# How long M21 shows what it computed, in seconds of the wall clock.
SHOWN_S = 1.0
# Stands for what a count over the rows of a whole country takes, for each slot.
COUNT_S = 0.05
# What M28's slow thread adds to each of its requests.
SLOW_S = 0.5
# M28: one thread in so many. The server ends idle threads and starts others, so one alone would not stay.
SLOW_EVERY = 8

_TAKEN = select(func.count()).select_from(APPLICATIONS).where(APPLICATIONS.c.slot == bindparam("the_slot"))


class LeakingDatabase(Database):
    """M19: now and then a connection does not go back to the pool, until none is left."""

    def __init__(self, url: str, connections: int, wall: Callable[[], int] = time.time_ns) -> None:
        super().__init__(url, connections, wall)
        self._reads_begun = count(1)
        self._leaked: list[Connection] = []

    @contextmanager
    def read(self) -> Iterator[Connection]:
        if next(self._reads_begun) % LEAK_EVERY:
            with super().read() as connection:
                yield connection
            return
        with nothing_done():
            connection = self._reads.connect()
        self._leaked.append(connection)
        yield connection

    def close(self) -> None:
        for connection in self._leaked:
            connection.close()
        super().close()


class StampedingReleases(Releases):
    """M21: availability is shown from a cache, and counted slot by slot when that ends, by all who find it ended."""

    @cached_property
    def _shown(self) -> dict[tuple[str, Lane], tuple[Availability, int]]:
        """What was counted, and until when it is shown."""
        return {}

    def availability(self, office: Office, lane: Lane = Lane.ONLINE) -> Availability:
        shown, until_ns = self._shown.get((office.office, lane), (None, 0))
        if shown is None or until_ns <= self._clock():
            shown = self._count_all(office, lane)
            self._shown[office.office, lane] = (shown, self._clock.after(SHOWN_S))
        return shown

    def _count_all(self, office: Office, lane: Lane) -> Availability:
        """What is free, made sure of slot by slot."""
        found = super().availability(office, lane)
        with self._database.read() as connection:
            for slot in found.slots:
                connection.execute(_TAKEN, {"the_slot": slot.slot}).scalar()
                time.sleep(COUNT_S)
        return found


class SlowThread:
    """M28: the first of the threads that serve requests is slow, and one in so many of those that come after it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._threads = count()
        self._local = threading.local()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not hasattr(self._local, "number"):
            self._local.number = next(self._threads)
        if self._local.number % SLOW_EVERY == 0:
            time.sleep(SLOW_S)
        return self._app(environ, start_response)
