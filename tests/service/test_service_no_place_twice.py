"""No place is ever given twice, whatever people, time and money do, one after the other or at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from mock_mpaspor.store.schema import METADATA, SLOTS
from mock_mpaspor.web.parts import EXTENSION
from tests.service.house import Service
from tests.service.person import Person
from tests.service.places import DoubleBookingError, PlaceBook

PEOPLE = 3
EACH = 2
PLACES = 3
AT_ONCE = 3
# Somewhat longer than a hold lasts, and than a code may be paid.
PAUSES_S = (901, 7_201)
AMOUNT_IDR = 950_000


@dataclass(frozen=True)
class Act:
    """One of the applications, and what is done about it."""

    verb: str
    application: int
    slot: int
    number: int


# Whoever cancels has ended for good, and who never books has nothing to lose: both are rarer than the rest.
_ACTS = st.builds(
    Act,
    verb=st.sampled_from(["book", "book", "book", "pay", "pay", "pay", "move", "move", "hold", "ask_code", "cancel"]),
    application=st.integers(0, PEOPLE * EACH - 1),
    slot=st.integers(0, 1),
    number=st.integers(0, 1),
)
_TOGETHER = st.lists(_ACTS, min_size=1, max_size=AT_ONCE)
_ALONE = st.sampled_from(["relay", "relay", "relay", "expire", *PAUSES_S])
_STEPS = st.one_of(_TOGETHER, _ALONE)


class World:
    """A service with people whose applications are ready; `rewind` takes everything back to that."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.slots = service.release(places=PLACES, days=1)
        people = [service.person() for _ in range(PEOPLE)]
        self.applications = [(person, person.prepare()) for person in people for _ in range(EACH)]
        self._number = {application: number for number, (_, application) in enumerate(self.applications)}
        self._database = service.app.extensions[EXTENSION].database
        self._began_ns = service.clock.now_ns
        with self._database.read() as connection:
            self._rows = {table: connection.execute(select(table)).mappings().all() for table in METADATA.sorted_tables}

    def rewind(self) -> None:
        with self._database.write() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
            for table, rows in self._rows.items():
                if rows:
                    connection.execute(table.insert(), [dict(row) for row in rows])
        self.service.clock.now_ns = self._began_ns
        self.service.simponi.bills.clear()

    def step(self, step: object) -> None:
        if step == "relay":
            self.service.relay()
        elif step == "expire":
            self.service.jobs.expire()
        elif isinstance(step, int):
            self.service.clock.pass_s(step)
        else:
            assert isinstance(step, list)
            with ThreadPoolExecutor(AT_ONCE) as threads:
                answers = list(threads.map(self._act, step))
            assert all(answer is None or answer.status_code < 500 for answer in answers)

    def _act(self, act: Act) -> TestResponse | None:
        person, application = self.applications[act.application]
        match act.verb:
            case "book" | "hold":
                held = person.hold(application, self.slots[act.slot], key=f"{application}-{act.slot}-{act.number}")
                return held if act.verb == "hold" or held.status_code != 201 else person.ask_code(application)
            case "ask_code":
                return person.ask_code(application, key=f"code-{application}-{act.number}")
            case "cancel":
                return _keyed(person, application, "cancel", act)
        # Money and moves are about applications that have a bill, as long as there is one.
        billed = sorted(self.service.simponi.bills, key=self._number.__getitem__)
        if not billed:
            return None
        application = billed[act.application % len(billed)]
        if act.verb == "move":
            person, _ = self.applications[self._number[application]]
            return _keyed(person, application, "reschedule", act, json={"slot": self.slots[act.slot]})
        ntpn = f"{application[:12].upper()}{act.number:04}"
        return self.service.call_back(self.service.simponi.bills[application].billing_code, ntpn, AMOUNT_IDR)

    def free(self) -> dict[str, int]:
        with self._database.read() as connection:
            return {row.id: row.free for row in connection.execute(select(SLOTS.c.id, SLOTS.c.free))}


def _keyed(person: Person, application: str, verb: str, act: Act, **arguments: object) -> TestResponse:
    headers = {"Idempotency-Key": f"{verb}-{application}-{act.number}"}
    return person.call("POST", f"/v1/applications/{application}/{verb}", headers=headers, **arguments)


@pytest.fixture
def world(start: Callable[..., Service]) -> World:
    """People do not log in again when two hours have passed."""
    return World(start(MPASPOR_SESSION_S="1000000"))


def test_no_place_is_given_twice_whatever_happens(world: World) -> None:
    """Holds, codes, payments on time and late, moves and cancellations, up to three at once, and time that passes.

    After every event at most `capacity` places of a slot are taken and every applicant has at most one; at the end
    what is free and what is taken make up the capacity.
    """

    @settings(
        max_examples=50,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(_STEPS, min_size=12, max_size=40))
    def holds(steps: list[object]) -> None:
        world.rewind()
        for step in steps:
            world.step(step)
        book = PlaceBook().follow(world.service.events())
        assert {slot: book.capacity[slot] - book.taken[slot] for slot in book.capacity} == world.free()

    holds()


def _rush(service: Service, people: int, places: int) -> list[int]:
    """Everybody asks for the only slot at the same moment; the statuses."""
    slot = service.release(places=places)[0]
    crowd = [service.person() for _ in range(people)]
    ready = [(person, person.prepare()) for person in crowd]
    with ThreadPoolExecutor(people) as threads:
        return list(threads.map(lambda one: one[0].hold(one[1], slot).status_code, ready))


def test_a_rush_gives_every_place_once(service: Service) -> None:
    """Ten people and one place: one gets it, nine are refused."""
    statuses = _rush(service, people=10, places=1)
    assert sorted(statuses) == [201] + [409] * 9
    assert sum(PlaceBook().follow(service.events()).taken.values()) == 1


def test_the_book_keeping_notices_a_place_given_twice(start: Callable[..., Service]) -> None:
    """On a service that checks and then acts (M1), the same rush is found out."""
    service = start(MPASPOR_DEFECTS="M1")
    _rush(service, people=10, places=1)
    with pytest.raises(DoubleBookingError):
        PlaceBook().follow(service.events())
