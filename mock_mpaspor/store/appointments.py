"""Appointments that are moved: once by their owner until the day before, and once more after an office's fault.

One transaction takes the new place, gives the old one back and keeps the answer under its key.
"""

import msgspec
from sqlalchemy import Connection, bindparam, exists, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import day_begins
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.slots import Lane, lanes_for
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import places, queue_numbers
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.holds import EVERYBODY_ENTERS, Door
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.once import once
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY, SLOTS, ApplicationRow
from mock_mpaspor.store.trail import append

MOVES_OF_ONES_OWN = 1

_SLOT = select(SLOTS.c.id, SLOTS.c.office, SLOTS.c.date, SLOTS.c.lane, SLOTS.c.opens_ns).where(
    SLOTS.c.id == bindparam("the_slot")
)
_ANY_FREE = select(
    exists().where(
        SLOTS.c.office == bindparam("the_office"),
        SLOTS.c.lane.in_(bindparam("lanes", expanding=True)),
        SLOTS.c.date > bindparam("after"),
        SLOTS.c.opens_ns <= bindparam("now"),
        SLOTS.c.free > 0,
    )
)
# The opening that somebody wants to move into by a right of their own, and not by asking again.
_OWN_MOVE = (
    select(SLOTS.c.office, SLOTS.c.opens_ns)
    .join(APPLICATIONS, APPLICATIONS.c.id == bindparam("application_id"))
    .where(
        SLOTS.c.id == bindparam("the_slot"),
        APPLICATIONS.c.account_id == bindparam("account_id"),
        APPLICATIONS.c.free_moves == 0,
        ~exists().where(IDEMPOTENCY.c.account_id == APPLICATIONS.c.account_id, IDEMPOTENCY.c.key == bindparam("key")),
    )
)
_MOVE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .values(
        slot=bindparam("the_slot"),
        ends_ns=bindparam("ends"),
        queue_number=bindparam("number"),
        moved=bindparam("times"),
        free_moves=bindparam("free_left"),
    )
)


class _Moved(msgspec.Struct, frozen=True):
    application_id: str
    slot: str
    state: State


class Appointments:
    """Moves appointments for their owners."""

    def __init__(
        self, database: Database, clock: Clock, back_office: BackOffice, door: Door = EVERYBODY_ENTERS
    ) -> None:
        self._database = database
        self._clock = clock
        self._back_office = back_office
        self._door = door

    def reschedule(self, request: KeyedRequest, slot: str, ticket: str | None = None) -> Answer:
        """Move the appointment to `slot`, or give the answer that this key got. A Refusal leaves no trace."""
        self._queue(request, slot, ticket)

        def act(connection: Connection, row: ApplicationRow) -> str:
            self._judge(connection, row, slot)
            self._move(connection, row, slot, request)
            return msgspec.json.encode(_Moved(row.id, slot, State(row.state))).decode()

        return once(self._database, request, self._clock(), act)

    def _queue(self, request: KeyedRequest, slot: str, ticket: str | None) -> None:
        """Raise Refusal(QUEUE_FIRST) where others wait for that opening; whom the office sends away waits no more."""
        if self._door is EVERYBODY_ENTERS:
            return
        values = {"application_id": request.application_id, "account_id": request.account_id, "key": request.key}
        with self._database.read() as connection:
            moves = connection.execute(_OWN_MOVE, {**values, "the_slot": slot}).first()
        if moves is not None:
            self._door.check(request.account_id, moves.office, moves.opens_ns, ticket)

    def _judge(self, connection: Connection, row: ApplicationRow, slot: str) -> None:
        """Raise the Refusal that the application or the new slot calls for, if any."""
        now, zone = self._clock(), OFFICES[row.office].zone
        # Whoever has a number in the counter queue may cancel it and take another; only a fault of the office moves it.
        if row.state != State.PAID and not (row.state == State.QUEUED and row.free_moves):
            raise Refusal(ErrorCode.WRONG_STATE)
        if not row.free_moves:
            self._judge_own_move(connection, row, now)
        wanted = connection.execute(_SLOT, {"the_slot": slot}).first()
        if wanted is None or wanted.office != row.office:
            raise Refusal(ErrorCode.INVALID, "The office has no such slot.")
        if slot == row.slot:
            raise Refusal(ErrorCode.INVALID, "The appointment is there already.")
        if Lane(wanted.lane) not in lanes_for(row.channel, row.express, row.passport_type):
            raise Refusal(ErrorCode.WRONG_LANE)
        if wanted.opens_ns > now:
            raise Refusal(ErrorCode.NOT_OPEN)
        if day_begins(wanted.date, zone) <= now:
            raise Refusal(ErrorCode.TOO_LATE, "An appointment is moved to a later day than today.")

    def _judge_own_move(self, connection: Connection, row: ApplicationRow, now: int) -> None:
        if row.moved >= MOVES_OF_ONES_OWN:
            raise Refusal(ErrorCode.ALREADY_RESCHEDULED)
        present = connection.execute(_SLOT, {"the_slot": row.slot}).one()
        if day_begins(present.date, OFFICES[row.office].zone) <= now:
            raise Refusal(ErrorCode.TOO_LATE)

    def _move(self, connection: Connection, row: ApplicationRow, slot: str, request: KeyedRequest) -> None:
        # Slots are locked in the order of their names: two people who change places must not wait for each other.
        if slot < row.slot:
            self._take(connection, row, slot)
            places.give_back(connection, row.id, row.slot, Reason.RESCHEDULED)
        else:
            places.give_back(connection, row.id, row.slot, Reason.RESCHEDULED)
            self._take(connection, row, slot)
        free = int(row.free_moves > 0)
        values = {
            "application_id": row.id,
            "the_slot": slot,
            "ends": places.day_over(connection, slot),
            "number": self._number(connection, row, slot),
            "times": row.moved + 1 - free,
            "free_left": row.free_moves - free,
        }
        connection.execute(_MOVE, values)
        append(connection, _held(row, slot, request))
        self._back_office.tell(connection, row.id, request.trace_id)

    def _number(self, connection: Connection, row: ApplicationRow, slot: str) -> int | None:
        """The number in the counter queue of the new day, for whoever had one on the old."""
        if row.queue_number is None:
            return None
        day = connection.execute(_SLOT, {"the_slot": slot}).one().date
        return queue_numbers.draw(connection, row.office, day)

    def _take(self, connection: Connection, row: ApplicationRow, slot: str) -> None:
        if places.take(connection, slot):
            return
        now = self._clock()
        values = {
            "the_office": row.office,
            "lanes": lanes_for(row.channel, row.express, row.passport_type),
            "after": OFFICES[row.office].zone.show(now)[:10],
            "now": now,
        }
        any_free = connection.execute(_ANY_FREE, values).scalar()
        raise Refusal(ErrorCode.SLOT_FULL if any_free else ErrorCode.SOLD_OUT)


def _held(row: ApplicationRow, slot: str, request: KeyedRequest) -> Event:
    return Event(
        type=EventType.HELD,
        application_id=row.id,
        applicant=row.applicant,
        slot=slot,
        key=request.key,
        trace_id=request.trace_id,
        reason=Reason.RESCHEDULED,
    )
