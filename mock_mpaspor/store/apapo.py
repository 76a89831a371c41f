"""APAPO, the counter queue from before M-Paspor: a number for a day, taken from home and paid at the counter.

In 2017 robots filled it with 72,000 fictitious applications. Here a ticket needs somebody whom Dukcapil knows, who
has no other booking, and whom the account may apply for: five people at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
from sqlalchemy import and_, bindparam, exists, literal, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.applications import Channel, Kind, Purpose
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.fees import PassportType
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import places, queue_numbers
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.failures import Collision
from mock_mpaspor.store.holds import MOST_TURNS, OvertakenError
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY, SLOTS
from mock_mpaspor.store.trail import append

_ANY_SLOT = SLOTS.alias("any_slot")
_ONE = select(literal(1)).subquery()
_SNAPSHOT = (
    select(
        SLOTS.c.id,
        SLOTS.c.office,
        SLOTS.c.date,
        SLOTS.c.lane,
        SLOTS.c.opens_ns,
        SLOTS.c.ends_ns,
        SLOTS.c.free,
        exists().where(APPLICATIONS.c.applicant == bindparam("who"), APPLICATIONS.c.slot.is_not(None)).label("booked"),
        exists()
        .where(
            _ANY_SLOT.c.office == SLOTS.c.office,
            _ANY_SLOT.c.lane == Lane.APAPO,
            _ANY_SLOT.c.free > 0,
            places.is_open(_ANY_SLOT),
        )
        .label("any_free"),
        IDEMPOTENCY.c.fingerprint,
        IDEMPOTENCY.c.answer,
    )
    # The key is looked up even where there is no such slot.
    .select_from(_ONE)
    .outerjoin(SLOTS, SLOTS.c.id == bindparam("slot"))
    .outerjoin(
        IDEMPOTENCY,
        and_(IDEMPOTENCY.c.account_id == bindparam("account_id"), IDEMPOTENCY.c.key == bindparam("key")),
    )
)


@dataclass(frozen=True)
class Chosen:
    """The slot that a ticket is for."""

    slot: str
    office: str
    date: str
    ends_ns: int


class Ticket(msgspec.Struct, frozen=True):
    """A number in the queue."""

    application_id: str
    slot: str
    queue_number: int
    state: State


class Apapo:
    """Gives out numbers."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: Callable[[], str],
        applicants: Applicants,
        back_office: BackOffice,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._applicants = applicants
        self._back_office = back_office

    def look(self, request: KeyedRequest, slot: str, identity: Identity) -> Answer | Chosen:
        """The answer that this key got, or the slot, if a ticket for it can be had now. Raises Refusal."""
        now = self._clock()
        values = {
            "slot": slot,
            "who": self._applicants.hashed(identity),
            "account_id": request.account_id,
            "key": request.key,
            "now": now,
        }
        with self._database.read() as connection:
            seen = connection.execute(_SNAPSHOT, values).one()
        known = replay(request, seen.fingerprint, seen.answer)
        if known:
            return known
        if seen.id is None:
            raise Refusal(ErrorCode.INVALID, "There is no such slot.")
        if seen.lane != Lane.APAPO:
            raise Refusal(ErrorCode.WRONG_LANE)
        if seen.opens_ns > now:
            raise Refusal(ErrorCode.NOT_OPEN)
        if seen.booked:
            raise Refusal(ErrorCode.ALREADY_BOOKED)
        if not seen.free or seen.ends_ns <= now:
            raise Refusal(ErrorCode.SLOT_FULL if seen.any_free else ErrorCode.SOLD_OUT)
        return Chosen(seen.id, seen.office, seen.date, seen.ends_ns)

    def take(self, request: KeyedRequest, slot: str, identity: Identity) -> Answer:
        """A ticket for somebody whom Dukcapil confirmed, or the answer that this key got. A Refusal leaves no trace."""
        for _ in range(MOST_TURNS):
            seen = self.look(request, slot, identity)
            if isinstance(seen, Answer):
                return seen
            try:
                return self._commit(request, seen, identity)
            except (OvertakenError, IntegrityError, Collision):
                continue
        raise Refusal(ErrorCode.BUSY)

    def _commit(self, request: KeyedRequest, chosen: Chosen, identity: Identity) -> Answer:
        ticket_id = self._new_id()
        with self._database.write() as connection:
            who = self._applicants.link(connection, request.account_id, identity)
            now = self._clock()
            if chosen.ends_ns <= now or not places.take(connection, chosen.slot):
                raise OvertakenError
            number = queue_numbers.draw(connection, chosen.office, chosen.date)
            row = _row(ticket_id, request, chosen, identity, now) | {"applicant": who, "queue_number": number}
            connection.execute(APPLICATIONS.insert(), row)
            append(connection, *_events(ticket_id, request, chosen.slot, who))
            self._back_office.tell(connection, ticket_id, request.trace_id)
            ticket = Ticket(ticket_id, chosen.slot, number, State.QUEUED)
            return keep(connection, request, msgspec.json.encode(ticket).decode(), now)


def _row(ticket_id: str, request: KeyedRequest, chosen: Chosen, identity: Identity, now: int) -> dict[str, object]:
    return {
        "id": ticket_id,
        "account_id": request.account_id,
        "payer": identity.name,
        "channel": Channel.APAPO,
        # Assumption: what is wanted is said at the counter; until then it counts as an ordinary first passport.
        "kind": Kind.NEW,
        "passport_type": PassportType.REGULAR,
        "validity_years": 5,
        "purpose": Purpose.TOURISM,
        "office": chosen.office,
        "state": State.QUEUED,
        "slot": chosen.slot,
        # Paid at the counter, outside this service.
        "amount_idr": 0,
        "ends_ns": chosen.ends_ns,
        "created_ns": now,
    }


def _events(ticket_id: str, request: KeyedRequest, slot: str, who: str) -> tuple[Event, ...]:
    event = partial(Event, application_id=ticket_id, trace_id=request.trace_id)
    return (
        event(type=EventType.APPLICATION_CREATED, applicant=request.account_id),
        event(type=EventType.IDENTITY_VERIFIED, applicant=who),
        event(type=EventType.HELD, applicant=who, slot=slot, key=request.key, reason=Reason.APAPO),
    )
