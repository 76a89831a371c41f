"""Ends that go wrong: M4 races the payment, M7 gives a place back twice, M8 never, M25 comes too early."""

import time
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Expiry
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS, ApplicationRow
from mock_mpaspor.store.trail import append

# Stands for the work between finding out what is over and ending it.
FIND_TO_END_S = 0.02
# How far the clock of M25 is ahead, in seconds of the wall clock.
AHEAD_S = 3.0

_WITH_A_PLACE = select(APPLICATIONS.c.slot, APPLICATIONS.c.billing_code).where(
    APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.slot.is_not(None)
)
_ONE_MORE = (
    SLOTS.update()
    .where(SLOTS.c.id == bindparam("the_slot"), SLOTS.c.free < SLOTS.c.capacity)
    .values(free=SLOTS.c.free + 1)
)


class RacingExpiry(Expiry):
    """M4: whoever was over when the sweep began is ended, paid meanwhile or not."""

    def _end(self, application_id: str, current: State, following: State, reason: Reason) -> bool:
        time.sleep(FIND_TO_END_S)
        return super()._end(application_id, current, following, reason)

    def _lock_if_over(
        self, connection: Connection, application_id: str, current: State, now: int
    ) -> ApplicationRow | None:
        return connection.execute(_WITH_A_PLACE, {"application_id": application_id}).first()


class DoubleReleaseExpiry(Expiry):
    """M7: each place comes back twice, as far as the slot's capacity lets it."""

    def _give_back(self, connection: Connection, application_id: str, slot: str, reason: Reason) -> None:
        super()._give_back(connection, application_id, slot, reason)
        if connection.execute(_ONE_MORE, {"the_slot": slot}).rowcount:
            append(connection, Event(type=EventType.RELEASED, application_id=application_id, slot=slot, reason=reason))


class LeakingExpiry(Expiry):
    """M8: the application ends, and its place is nobody's."""

    def _give_back(self, connection: Connection, application_id: str, slot: str, reason: Reason) -> None:
        """The place stays taken."""


class EarlyExpiry(Expiry):
    """M25: runs on a host whose clock is ahead."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, replace(clock, wall=lambda: clock.wall() + int(AHEAD_S * NS_PER_S)))
