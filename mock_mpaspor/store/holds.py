"""Holding a place: the heart of the service. One transaction takes the place, moves the application, keeps the
answer under its key and writes the event; its guards make it impossible to give a place twice.

A request is first judged on one committed snapshot, so that the many refusals of a rush never take the write
lock. Only the transaction's own guards decide; one that finds the snapshot overtaken starts again.
"""

from dataclasses import dataclass
from typing import Protocol

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, and_, bindparam, exists, not_, or_, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.applications import Channel, Kind, Replaced
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.domain.eligibility import needs_interview
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.slots import Lane, lanes_for
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import places
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.failures import Collision
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY, SLOTS
from mock_mpaspor.store.trail import append

# Every turn means that another request got further; more than this many in a row is not contention but a fault.
MOST_TURNS = 20

_OTHER, _ANY_SLOT = APPLICATIONS.alias("other"), SLOTS.alias("any_slot")


def _serves(slots: FromClause) -> ColumnElement[bool]:
    """SQL: a slot of the application's office, open, in a lane of `lanes_for` for who books online."""
    return and_(
        slots.c.office == APPLICATIONS.c.office,
        or_(
            and_(APPLICATIONS.c.express, slots.c.lane == Lane.EXPRESS),
            and_(
                not_(APPLICATIONS.c.express),
                or_(slots.c.lane == Lane.ONLINE, slots.c.lane == APPLICATIONS.c.passport_type),
            ),
        ),
        places.is_open(slots),
    )


_SNAPSHOT = (
    select(
        APPLICATIONS.c.state,
        APPLICATIONS.c.office,
        APPLICATIONS.c.applicant,
        APPLICATIONS.c.kind,
        APPLICATIONS.c.replaced,
        APPLICATIONS.c.express,
        APPLICATIONS.c.passport_type,
        APPLICATIONS.c.interview_passed,
        SLOTS.c.id.label("slot"),
        SLOTS.c.lane,
        SLOTS.c.opens_ns,
        SLOTS.c.ends_ns,
        SLOTS.c.free,
        exists().where(_OTHER.c.applicant == APPLICATIONS.c.applicant, _OTHER.c.slot.is_not(None)).label("booked"),
        exists().where(_serves(_ANY_SLOT)).label("any_open"),
        exists().where(_serves(_ANY_SLOT), _ANY_SLOT.c.free > 0).label("any_free"),
        IDEMPOTENCY.c.fingerprint,
        IDEMPOTENCY.c.answer,
    )
    .select_from(APPLICATIONS)
    .outerjoin(SLOTS, and_(SLOTS.c.id == bindparam("slot"), SLOTS.c.office == APPLICATIONS.c.office))
    .outerjoin(
        IDEMPOTENCY,
        and_(IDEMPOTENCY.c.account_id == APPLICATIONS.c.account_id, IDEMPOTENCY.c.key == bindparam("key")),
    )
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.account_id == bindparam("account_id"))
)
_MOVE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state == State.DOCS_UPLOADED)
    .values(state=State.SLOT_HELD, slot=bindparam("the_slot"), ends_ns=bindparam("held_until"))
)


@dataclass(frozen=True)
class Snapshot:
    """What one request needs to know, as last committed."""

    state: State
    office: str
    applicant: str | None
    interview_missing: bool
    lanes: tuple[Lane, ...]
    slot: str | None
    lane: str | None
    opens_ns: int
    ends_ns: int
    free: int | None
    booked: bool
    any_open: bool
    any_free: bool
    fingerprint: str | None
    answer: str | None


class Held(msgspec.Struct, frozen=True):
    """What the applicant is told."""

    application_id: str
    slot: str
    state: State
    held_until: str


class Door(Protocol):
    """What stands before the places of an opening."""

    def check(self, account_id: str, office: str, opens_ns: int, ticket: str | None) -> None:
        """Raise Refusal(QUEUE_FIRST) unless the account may take a place of that opening now."""


class OpenDoor:
    """No waiting room."""

    def check(self, account_id: str, office: str, opens_ns: int, ticket: str | None) -> None:
        """Everybody is admitted."""


class OvertakenError(Exception):
    """Another request changed what the snapshot said."""


EVERYBODY_ENTERS = OpenDoor()


class Holds:
    """Gives places to applications."""

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines, door: Door = EVERYBODY_ENTERS) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines
        self._door = door

    def hold(self, request: KeyedRequest, slot: str, ticket: str | None = None) -> Answer:
        """Hold a place in `slot`, or give the answer that this key got. A Refusal leaves no trace."""
        for _ in range(MOST_TURNS):
            seen = self._look(request, slot)
            known = self._recall(request, seen)
            if known:
                return known
            self._judge(seen)
            self._door.check(request.account_id, seen.office, seen.opens_ns, ticket)
            try:
                return self._commit(request, slot, seen)
            except (OvertakenError, IntegrityError, Collision):
                continue
        raise Refusal(ErrorCode.BUSY)

    def _recall(self, request: KeyedRequest, seen: Snapshot) -> Answer | None:
        """The answer that the request's key got, if any."""
        return replay(request, seen.fingerprint, seen.answer)

    def _look(self, request: KeyedRequest, slot: str) -> Snapshot:
        values = {
            "application_id": request.application_id,
            "account_id": request.account_id,
            "key": request.key,
            "slot": slot,
            "now": self._clock(),
        }
        with self._database.read() as connection:
            row = connection.execute(_SNAPSHOT, values).first()
        if row is None:
            raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
        return Snapshot(
            state=State(row.state),
            office=row.office,
            applicant=row.applicant,
            interview_missing=not row.interview_passed and needs_interview(Kind(row.kind), _replaced(row.replaced)),
            lanes=lanes_for(Channel.ONLINE, row.express, row.passport_type),
            slot=row.slot,
            lane=row.lane,
            opens_ns=row.opens_ns or 0,
            ends_ns=row.ends_ns or 0,
            free=row.free,
            booked=row.booked,
            any_open=row.any_open,
            any_free=row.any_free,
            fingerprint=row.fingerprint,
            answer=row.answer,
        )

    def _judge(self, seen: Snapshot) -> None:
        """Raise the Refusal that the snapshot calls for, if any."""
        if seen.state is not State.DOCS_UPLOADED:
            raise Refusal(ErrorCode.WRONG_STATE)
        if seen.interview_missing:
            raise Refusal(ErrorCode.INTERVIEW_FIRST)
        if seen.slot is None:
            if not seen.any_open:
                raise Refusal(ErrorCode.NOT_OPEN)
            raise Refusal(ErrorCode.INVALID, "The office has no such slot.")
        if seen.lane not in seen.lanes:
            raise Refusal(ErrorCode.WRONG_LANE)
        now = self._clock()
        if seen.opens_ns > now:
            raise Refusal(ErrorCode.NOT_OPEN)
        if seen.booked:
            raise Refusal(ErrorCode.ALREADY_BOOKED)
        if not seen.free or seen.ends_ns <= now:
            raise Refusal(ErrorCode.SLOT_FULL if seen.any_free else ErrorCode.SOLD_OUT)

    def _commit(self, request: KeyedRequest, slot: str, seen: Snapshot) -> Answer:
        with self._database.write() as connection:
            now = self._clock()
            if seen.ends_ns <= now:
                raise OvertakenError
            held_until = self._deadlines.held_until(now)
            self._take_place(connection, slot, seen)
            self._move(connection, request.application_id, slot, held_until)
            append(connection, _held(request, slot, seen, now))
            return self._remember(connection, request, _body(request, slot, seen, held_until), now)

    def _take_place(self, connection: Connection, slot: str, seen: Snapshot) -> None:
        """Take one place of `slot`, whatever the snapshot said. Raises OvertakenError where none is left."""
        if not places.take(connection, slot):
            raise OvertakenError

    def _move(self, connection: Connection, application_id: str, slot: str, held_until: int) -> None:
        """Give the place to the application. Raises OvertakenError where it does not choose one any more."""
        move = {"application_id": application_id, "the_slot": slot, "held_until": held_until}
        if not connection.execute(_MOVE, move).rowcount:
            raise OvertakenError

    def _remember(self, connection: Connection, request: KeyedRequest, body: str, now: int) -> Answer:
        """Keep the answer under the request's key."""
        return keep(connection, request, body, now)


def _replaced(reason: str | None) -> Replaced | None:
    return None if reason is None else Replaced(reason)


def _held(request: KeyedRequest, slot: str, seen: Snapshot, now: int) -> Event:
    return Event(
        type=EventType.HELD,
        application_id=request.application_id,
        applicant=seen.applicant,
        slot=slot,
        key=request.key,
        trace_id=request.trace_id,
    )


def _body(request: KeyedRequest, slot: str, seen: Snapshot, held_until: int) -> str:
    shown = OFFICES[seen.office].zone.show(held_until)
    return msgspec.json.encode(Held(request.application_id, slot, State.SLOT_HELD, shown)).decode()
