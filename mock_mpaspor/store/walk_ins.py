"""Priority walk-ins: people who come to the counter without an appointment and are received today.

The application belongs to an account of the office's own. It is made, given a place and billed in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.applications import Channel, Kind, Purpose
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.domain.eligibility import is_minor
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.fees import PassportType, fee_idr
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.offices import Office
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import outbox, places
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.failures import Collision
from mock_mpaspor.store.holds import MOST_TURNS
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import ACCOUNTS, APPLICATIONS, IDEMPOTENCY
from mock_mpaspor.store.trail import append

_COUNTER = select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == bindparam("account_id"))
_KNOWN = select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.answer).where(
    IDEMPOTENCY.c.account_id == bindparam("account_id"), IDEMPOTENCY.c.key == bindparam("key")
)
_OWNER = select(APPLICATIONS.c.account_id).where(
    APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.channel == Channel.WALK_IN
)


@dataclass(frozen=True)
class WalkIn:
    """Somebody at the counter, and the passport wanted."""

    office: Office
    identity: Identity
    passport_type: PassportType
    validity_years: int


class Received(msgspec.Struct, frozen=True):
    """What the clerk is told."""

    application_id: str
    slot: str
    state: State


def counter_of(office: Office) -> str:
    """The id of the account that an office's walk-ins belong to; nobody can log in to it."""
    return f"counter-{office.office}"


class WalkIns:
    """Receives people at the counter."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        deadlines: Deadlines,
        new_id: Callable[[], str],
        applicants: Applicants,
    ) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines
        self._new_id = new_id
        self._applicants = applicants

    def known(self, request: KeyedRequest) -> Answer | None:
        """The answer that this key got. Raises Refusal(KEY_REUSED)."""
        with self._database.read() as connection:
            return _recall(connection, request)

    def receive(self, request: KeyedRequest, walk_in: WalkIn) -> Answer:
        """Make, place and bill the application of somebody whom Dukcapil confirmed, or the answer of this key.

        Raises Refusal(ALREADY_BOOKED) and Refusal(SOLD_OUT), which leave no trace.
        """
        self._open_counter(walk_in.office)
        for _ in range(MOST_TURNS):
            known = self.known(request)
            if known:
                return known
            try:
                return self._commit(request, walk_in)
            except (IntegrityError, Collision):
                # The same key, or the same person somewhere else, was faster; the next turn sees which.
                continue
        raise Refusal(ErrorCode.BUSY)

    def owner(self, application_id: str) -> str:
        """The account that a walk-in's application belongs to. Raises Refusal(UNKNOWN_APPLICATION)."""
        with self._database.read() as connection:
            owner = connection.execute(_OWNER, {"application_id": application_id}).scalar()
        if owner is None:
            raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
        return str(owner)

    def _open_counter(self, office: Office) -> None:
        account_id = counter_of(office)
        with self._database.read() as connection:
            if connection.execute(_COUNTER, {"account_id": account_id}).first():
                return
        try:
            with self._database.write() as connection:
                connection.execute(ACCOUNTS.insert(), _counter(office, self._clock()))
        except IntegrityError:
            # Another clerk of the office opened it at the same moment.
            return

    def _commit(self, request: KeyedRequest, walk_in: WalkIn) -> Answer:
        application_id = self._new_id()
        with self._database.write() as connection:
            who = self._applicants.link(connection, request.account_id, walk_in.identity, at_most=None)
            # Clerks of an office wait for each other in `link`: only now is it certain which day it is, and whether
            # the same request was faster.
            now, known = self._clock(), _recall(connection, request)
            if known:
                return known
            if places.has_live_booking(connection, who):
                raise Refusal(ErrorCode.ALREADY_BOOKED)
            slot = self._place(connection, walk_in.office, now)
            row = _application(application_id, request, walk_in, now) | {"applicant": who, "slot": slot}
            connection.execute(APPLICATIONS.insert(), row)
            append(connection, *_events(application_id, request, slot, who))
            give_up_ns = self._deadlines.give_up_code_at(now)
            outbox.put_bill(connection, application_id, request.trace_id, now, give_up_ns)
            received = Received(application_id, slot, State.BILLING_REQUESTED)
            return keep(connection, request, msgspec.json.encode(received).decode(), now)

    def _place(self, connection: Connection, office: Office, now: int) -> str:
        today = office.zone.day(now)
        slot = places.take_earliest(connection, office.office, (Lane.PRIORITY,), (today, today), now)
        if slot is None:
            raise Refusal(ErrorCode.SOLD_OUT)
        return slot


def _recall(connection: Connection, request: KeyedRequest) -> Answer | None:
    row = connection.execute(_KNOWN, {"account_id": request.account_id, "key": request.key}).first()
    return replay(request, row.fingerprint, row.answer) if row else None


def _counter(office: Office, now: int) -> dict[str, object]:
    return {
        "id": counter_of(office),
        # No address has a space, so nobody registers this one; no digest is empty, so nobody enters the account.
        "email": f"counter of {office.office}",
        "name": office.name,
        "phone": "",
        "birth_date": "",
        "sex": "",
        "salt": b"",
        "password_hash": b"",
        "created_ns": now,
    }


def _application(application_id: str, request: KeyedRequest, walk_in: WalkIn, now: int) -> dict[str, object]:
    today = walk_in.office.zone.day(now)
    return {
        "id": application_id,
        "account_id": request.account_id,
        "payer": walk_in.identity.name,
        "channel": Channel.WALK_IN,
        # Assumption: the counter asks for the kind and the purpose on paper.
        "kind": Kind.NEW,
        "minor": is_minor(walk_in.identity.birth_date, False, today),
        "passport_type": walk_in.passport_type,
        "validity_years": walk_in.validity_years,
        "purpose": Purpose.TOURISM,
        "office": walk_in.office.office,
        "state": State.BILLING_REQUESTED,
        "requested_ns": now,
        "amount_idr": fee_idr(walk_in.passport_type, walk_in.validity_years, today),
        "created_ns": now,
    }


def _events(application_id: str, request: KeyedRequest, slot: str, who: str) -> tuple[Event, ...]:
    event = partial(Event, application_id=application_id, trace_id=request.trace_id)
    return (
        event(type=EventType.APPLICATION_CREATED, applicant=request.account_id),
        event(type=EventType.IDENTITY_VERIFIED, applicant=who),
        event(type=EventType.HELD, applicant=who, slot=slot, key=request.key),
        event(type=EventType.BILLING_REQUESTED, key=request.key),
    )
