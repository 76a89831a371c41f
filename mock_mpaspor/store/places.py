"""Giving a place back and taking one again, within the transaction of whoever decided it."""

from sqlalchemy import Connection, bindparam, select

from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS
from mock_mpaspor.store.trail import append

_GIVE_BACK = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot")).values(free=SLOTS.c.free + 1)
_EARLIEST_FREE = (
    select(SLOTS.c.id)
    .where(SLOTS.c.office == bindparam("the_office"), SLOTS.c.free > 0)
    .order_by(SLOTS.c.position)
    .limit(1)
)
_TAKE = SLOTS.update().where(SLOTS.c.id == bindparam("the_slot"), SLOTS.c.free > 0).values(free=SLOTS.c.free - 1)
_LIVE_BOOKING = (
    select(APPLICATIONS.c.id)
    .where(APPLICATIONS.c.applicant == bindparam("who"), APPLICATIONS.c.slot.is_not(None))
    .limit(1)
)


def take(connection: Connection, slot: str) -> bool:
    """Take a place of `slot`; whether there was one."""
    return connection.execute(_TAKE, {"the_slot": slot}).rowcount == 1


def take_any(connection: Connection, office: str) -> str | None:
    """Take a place of the office's earliest slot that has one; the slot, or None where the office is full."""
    while slot := connection.execute(_EARLIEST_FREE, {"the_office": office}).scalar():
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
