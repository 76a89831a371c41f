"""Giving a place back and taking one again, within the transaction of whoever decided it."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, FromClause, String, and_, bindparam, select

from mock_mpaspor.domain.applications import Channel
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.slots import Lane, lanes_for
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS, ApplicationRow
from mock_mpaspor.store.trail import append

_GIVE_BACK = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot")).values(free=SLOTS.c.free + 1)
_TAKE = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot"), SLOTS.c.free > 0).values(free=SLOTS.c.free - 1)
_DAY_OVER = select(SLOTS.c.ends_ns).where(SLOTS.c.id == bindparam("the_slot"))
_LIVE_BOOKING = (
    select(APPLICATIONS.c.id)
    .where(APPLICATIONS.c.applicant == bindparam("who"), APPLICATIONS.c.slot.is_not(None))
    .limit(1)
)


def is_open(slots: FromClause = SLOTS) -> ColumnElement[bool]:
    """SQL: the slot has opened by `now`, and its day is not over."""
    return and_(slots.c.opens_ns <= bindparam("now"), slots.c.ends_ns > bindparam("now"))


_EARLIEST_FREE = (
    select(SLOTS.c.id)
    .where(
        SLOTS.c.office == bindparam("the_office", type_=String),
        SLOTS.c.lane.in_(bindparam("lanes", expanding=True)),
        SLOTS.c.date.between(bindparam("first", type_=String), bindparam("last", type_=String)),
        SLOTS.c.free > 0,
        is_open(),
    )
    .order_by(SLOTS.c.date, SLOTS.c.position)
    .limit(1)
)


def take(connection: Connection, slot: str) -> bool:
    """Take a place of `slot`; whether there was one."""
    return connection.execute(_TAKE, {"the_slot": slot}).rowcount == 1


def take_any(connection: Connection, row: ApplicationRow, now_ns: int) -> str | None:
    """Take the earliest place that this application may still have; its slot, or None where there is none.

    Whoever comes from home needs a day that has not begun; whoever stands at the counter is received today.
    """
    today = today_at(row.office, now_ns)
    first = today if row.channel == Channel.WALK_IN else today + timedelta(days=1)
    lanes = lanes_for(row.channel, row.express, row.passport_type)
    return take_earliest(connection, row.office, lanes, (first, date.max), now_ns)


def take_earliest(
    connection: Connection, office: str, lanes: tuple[Lane, ...], days: tuple[date, date], now_ns: int
) -> str | None:
    """Take the earliest open place in these lanes from the first of `days` to the second; its slot, or None."""
    first, last = days
    values = {"the_office": office, "lanes": lanes, "first": str(first), "last": str(last), "now": now_ns}
    while slot := connection.execute(_EARLIEST_FREE, values).scalar():
        # Where writers run side by side, another may be faster; the next look then sees what it left.
        if take(connection, slot):
            return str(slot)
    return None


def give_back(connection: Connection, application_id: str, slot: str, reason: Reason) -> None:
    """Return a place to its slot and write `released`; the caller takes it off the application."""
    connection.execute(_GIVE_BACK, {"the_slot": slot})
    released = Event(type=EventType.RELEASED, application_id=application_id, slot=slot, reason=reason)
    append(connection, released)


def has_live_booking(connection: Connection, applicant: str | None) -> bool:
    """Whether some application of this person holds a place."""
    return connection.execute(_LIVE_BOOKING, {"who": applicant}).first() is not None


def day_over(connection: Connection, slot: str) -> int:
    """When (unix ns) the day of a slot is over at its office: who has not come by then has missed it."""
    return int(connection.execute(_DAY_OVER, {"the_slot": slot}).scalar_one())


def today_at(office: str, now_ns: int) -> date:
    """The day in the office's zone."""
    return OFFICES[office].zone.day(now_ns)
