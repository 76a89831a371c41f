"""Releases: places made available, and what of them is left. Each slot opens by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, String, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import day_over
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.domain.slots import Lane, SlotPlan, spread
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.places import today_at
from mock_mpaspor.store.schema import SLOTS
from mock_mpaspor.store.trail import append

# Each turn means that another release of the same office came first.
MOST_TURNS = 5

_OFFICE = bindparam("the_office", type_=String)
_LANE = bindparam("the_lane", type_=String)
_LAST_POSITION = select(func.coalesce(func.max(SLOTS.c.position), -1)).where(SLOTS.c.office == _OFFICE)
_LAST_DAY = select(func.max(SLOTS.c.date)).where(SLOTS.c.office == _OFFICE, SLOTS.c.lane == _LANE)
_KNOWN = select(SLOTS.c.id).where(SLOTS.c.id.in_(bindparam("ids", expanding=True)))
_SLOTS = (
    select(SLOTS.c.id, SLOTS.c.date, SLOTS.c.session, SLOTS.c.lane, SLOTS.c.capacity, SLOTS.c.free, SLOTS.c.opens_ns)
    .where(SLOTS.c.office == _OFFICE, SLOTS.c.lane == _LANE, SLOTS.c.ends_ns > bindparam("now"))
    .order_by(SLOTS.c.date, SLOTS.c.position)
)


@dataclass(frozen=True)
class SlotView:
    """One slot as people see it."""

    slot: str
    date: str
    session: str
    lane: str
    capacity: int
    free: int
    opens_ns: int


class DayStatus(StrEnum):
    """How a day stands in the calendar: green, red, or not yet to be had."""

    OPEN = "open"
    FULL = "full"
    NOT_OPEN = "not_open"


@dataclass(frozen=True)
class DayView:
    """One day as people see it."""

    date: str
    status: DayStatus
    free: int


@dataclass(frozen=True)
class Availability:
    """An office's places in one lane on the days to come, by date, as they stood at `at_ns`."""

    office: Office
    lane: Lane
    slots: list[SlotView]
    at_ns: int

    def is_open(self, slot: SlotView) -> bool:
        """Whether a place of the slot may be held."""
        return slot.opens_ns <= self.at_ns

    @property
    def any_open(self) -> bool:
        """Whether any slot is open."""
        return any(self.is_open(slot) for slot in self.slots)

    @property
    def opens_ns(self) -> int | None:
        """The next opening, or else the last; None while nothing was released."""
        instants = {slot.opens_ns for slot in self.slots}
        return min((instant for instant in instants if instant > self.at_ns), default=max(instants, default=None))

    def days(self) -> list[DayView]:
        """The days that have places, full or not, by date."""
        by_date = groupby(self.slots, key=attrgetter("date"))
        return [self._day(day, list(slots)) for day, slots in by_date]

    def _day(self, day: str, slots: list[SlotView]) -> DayView:
        opened = [slot for slot in slots if self.is_open(slot)]
        if any(slot.free for slot in opened):
            status = DayStatus.OPEN
        else:
            status = DayStatus.NOT_OPEN if len(opened) < len(slots) else DayStatus.FULL
        return DayView(day, status, sum(slot.free for slot in slots))


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

    def release(
        self, office: Office, opens_ns: int, days: int, places: int, lane: Lane = Lane.ONLINE
    ) -> list[SlotPlan]:
        """Add slots on the working days after the lane's last one; all these places open at `opens_ns`."""
        for _ in range(MOST_TURNS):
            try:
                with self._database.write() as connection:
                    plans = spread(office.office, self._first_day(connection, office, lane), days, places, lane)
                    self._insert(connection, office, opens_ns, plans)
                return plans
            except IntegrityError:
                continue
        raise Refusal(ErrorCode.BUSY)

    def publish(self, office: Office, opens_ns: int, plans: Sequence[SlotPlan]) -> int:
        """Add those of `plans` that are not there yet; how many. Raises IntegrityError where another was faster."""
        with self._database.write() as connection:
            known = set(connection.execute(_KNOWN, {"ids": [plan.slot for plan in plans]}).scalars())
            missing = [plan for plan in plans if plan.slot not in known]
            self._insert(connection, office, opens_ns, missing)
        return len(missing)

    def availability(self, office: Office, lane: Lane = Lane.ONLINE) -> Availability:
        """What is free now."""
        now = self._clock()
        with self._database.read() as connection:
            values = {"the_office": office.office, "the_lane": lane, "now": now}
            rows = connection.execute(_SLOTS, values).all()
        return Availability(office, lane, [SlotView(*row) for row in rows], now)

    def _first_day(self, connection: Connection, office: Office, lane: Lane) -> date:
        last_day = connection.execute(_LAST_DAY, {"the_office": office.office, "the_lane": lane}).scalar()
        today = today_at(office.office, self._clock())
        # Priority places serve who stands at the counter, and so begin today; the others are booked ahead.
        first = today if lane is Lane.PRIORITY else today + timedelta(days=1)
        return max(first, date.fromisoformat(last_day) + timedelta(days=1)) if last_day else first

    def _insert(self, connection: Connection, office: Office, opens_ns: int, plans: Sequence[SlotPlan]) -> None:
        position = connection.execute(_LAST_POSITION, {"the_office": office.office}).scalar_one()
        for number, plan in enumerate(plans, position + 1):
            connection.execute(SLOTS.insert(), _row(office, opens_ns, number, plan))
            append(connection, self._opened(plan))

    def _opened(self, plan: SlotPlan) -> Event:
        return Event(type=EventType.SLOT_OPENED, slot=plan.slot, capacity=plan.capacity)


def _row(office: Office, opens_ns: int, position: int, plan: SlotPlan) -> dict[str, object]:
    return {
        "id": plan.slot,
        "office": office.office,
        "date": plan.day.isoformat(),
        "session": plan.session,
        "lane": plan.lane,
        "opens_ns": opens_ns,
        "ends_ns": day_over(plan.day.isoformat(), office.zone),
        "position": position,
        "capacity": plan.capacity,
        "free": plan.capacity,
    }
