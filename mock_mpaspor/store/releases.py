"""Releases: places made available, and what of them is left."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, String, bindparam, func, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.domain.slots import SlotPlan, spread
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import OPENINGS, SLOTS
from mock_mpaspor.store.trail import append

_OFFICE = bindparam("the_office", type_=String)
_LAST = select(func.coalesce(func.max(SLOTS.c.position), -1), func.max(SLOTS.c.date)).where(SLOTS.c.office == _OFFICE)
_OPENING = select(OPENINGS.c.opens_ns).where(OPENINGS.c.office == _OFFICE)
_REOPEN = OPENINGS.update().where(OPENINGS.c.office == _OFFICE).values(opens_ns=bindparam("the_instant"))
_SLOTS = (
    select(SLOTS.c.id, SLOTS.c.date, SLOTS.c.session, SLOTS.c.capacity, SLOTS.c.free)
    .where(SLOTS.c.office == _OFFICE)
    .order_by(SLOTS.c.position)
)


@dataclass(frozen=True)
class SlotView:
    """One slot as people see it."""

    slot: str
    date: str
    session: str
    capacity: int
    free: int


@dataclass(frozen=True)
class Availability:
    """An office's places; `opens_ns` is None while nothing was released."""

    office: Office
    opens_ns: int | None
    is_open: bool
    slots: list[SlotView]


def find_office(office: str) -> Office:
    """The office of that name. Raises Refusal(UNKNOWN_OFFICE)."""
    if office not in OFFICES:
        raise Refusal(ErrorCode.UNKNOWN_OFFICE)
    return OFFICES[office]


class Releases:
    """Releases places and shows them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def release(self, office: Office, opens_ns: int, days: int, places: int) -> list[SlotPlan]:
        """Add slots on the working days after the office's last one; all its places open at `opens_ns`."""
        with self._database.write() as connection:
            position, last_day = connection.execute(_LAST, {"the_office": office.office}).one()
            first = date.fromisoformat(last_day) if last_day else self._today(office)
            plans = spread(office.office, first + timedelta(days=1), days, places)
            self._open(connection, office, opens_ns)
            for plan in plans:
                position += 1
                connection.execute(SLOTS.insert(), _row(office, position, plan))
                append(connection, self._opened(plan))
        return plans

    def availability(self, office: Office) -> Availability:
        """What is free now."""
        with self._database.read() as connection:
            opens_ns = connection.execute(_OPENING, {"the_office": office.office}).scalar()
            rows = connection.execute(_SLOTS, {"the_office": office.office}).all()
        is_open = opens_ns is not None and opens_ns <= self._clock()
        return Availability(office, opens_ns, is_open, [SlotView(*row) for row in rows])

    def _today(self, office: Office) -> date:
        return datetime.fromtimestamp(self._clock() / 1e9, office.zone.value).date()

    def _open(self, connection: Connection, office: Office, opens_ns: int) -> None:
        values = {"the_office": office.office, "the_instant": opens_ns}
        if not connection.execute(_REOPEN, values).rowcount:
            connection.execute(OPENINGS.insert(), {"office": office.office, "opens_ns": opens_ns})

    def _opened(self, plan: SlotPlan) -> Event:
        return Event(type=EventType.SLOT_OPENED, slot=plan.slot, capacity=plan.capacity)


def _row(office: Office, position: int, plan: SlotPlan) -> dict[str, object]:
    return {
        "id": plan.slot,
        "office": office.office,
        "date": plan.day.isoformat(),
        "session": plan.session,
        "position": position,
        "capacity": plan.capacity,
        "free": plan.capacity,
    }
