"""Many processes, many threads, one database, fewer places than people."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import pytest
from sqlalchemy import select

from mock_mpaspor.store.schema import SLOTS
from mock_mpaspor.web.parts import EXTENSION
from tests.service.crowd_process import Seeker, crowd
from tests.service.house import Service
from tests.service.places import PlaceBook

PROCESSES = 8
THREADS = 4
PASSING = 1
PLACES = 20


def _seeker(service: Service) -> Seeker:
    person = service.person()
    return Seeker(person.token, person.prepare(), tuple(person.prepare() for _ in range(PASSING)))


@pytest.mark.slow
def test_many_processes_give_every_place_exactly_once(start: Callable[..., Service], environ: dict[str, str]) -> None:
    """Eight processes of four people each hold, cancel and hold again from one start gun on.

    At the end every place is somebody's; the feed shows that none ever was two people's; every answer was a success
    or a refusal that says so.
    """
    service = start()
    slots = service.release(places=PLACES)
    seekers = [_seeker(service) for _ in range(PROCESSES * THREADS)]
    # Not a fork: threads and connections of this process do not survive one.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.service.crowd_process"])
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
        gun = manager.Barrier(PROCESSES)
        crowds = [processes.submit(crowd, environ, seekers[first::PROCESSES], slots, gun) for first in range(PROCESSES)]
        statuses = Counter(status for each in crowds for status in each.result())
    book = PlaceBook().follow(service.events())
    assert sum(book.taken.values()) == sum(book.capacity.values()) == PLACES
    assert len(book.holders) == PLACES
    with service.app.extensions[EXTENSION].database.read() as connection:
        assert set(connection.execute(select(SLOTS.c.free)).scalars()) == {0}
    assert set(statuses) <= {200, 201, 409}
