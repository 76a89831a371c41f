"""Money that SIMPONI reports: credited exactly once, on time or late, honoured or sent back, never silent.

A payment is in time when SIMPONI took it before the deadline, however late it is told, as long as the booking is still
there. That is decided under the row lock that expiry must take too: one of the two wins, and the other sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, String, bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State, may_move
from mock_mpaspor.store import outbox, places
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.bills import LOCKED, Bills
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import expire
from mock_mpaspor.store.outbox import Message
from mock_mpaspor.store.schema import APPLICATIONS, PAYMENTS, ApplicationRow
from mock_mpaspor.store.trail import append

_ID = bindparam("application_id", type_=String)
_BY_CODE = select(APPLICATIONS).where(APPLICATIONS.c.billing_code == bindparam("code")).with_for_update()
_RECORDED = select(PAYMENTS.c.outcome).where(PAYMENTS.c.ntpn == bindparam("the_ntpn"))
_TAKEN = select(PAYMENTS.c.ntpn).where(
    PAYMENTS.c.application_id == bindparam("of"), PAYMENTS.c.outcome.in_(("paid", "late_honoured"))
)
_PAID = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == _ID)
    .values(state=State.PAID, slot=bindparam("the_slot"), ends_ns=bindparam("ends"), reconcile_ns=None)
)
_SETTLE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == _ID)
    .values(state=bindparam("to_state"), ends_ns=None, reconcile_ns=None)
)
_OUTCOME = PAYMENTS.update().where(PAYMENTS.c.ntpn == bindparam("the_ntpn")).values(outcome=bindparam("the_outcome"))


class Outcome(StrEnum):
    """What became of a payment."""

    PAID = "paid"
    LATE_HONOURED = "late_honoured"
    REFUND_ORDERED = "refund_ordered"
    REFUNDED = "refunded"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Payment:
    """Money as SIMPONI reports it; `paid_ns` is the wall clock's."""

    billing_code: str
    ntpn: str
    amount_idr: int
    paid_ns: int


class Payments:
    """Credits payments."""

    def __init__(self, database: Database, clock: Clock, bills: Bills, back_office: BackOffice) -> None:
        self._database = database
        self._clock = clock
        self._bills = bills
        self._back_office = back_office

    def settle(self, payment: Payment, trace_id: str | None) -> Outcome:
        """Credit a payment for a code that the service knows.

        Raises Refusal(UNKNOWN_CODE) and Refusal(WRONG_AMOUNT), both without effect.
        """
        return _again_if_overtaken(partial(self._settle_by_code, payment, trace_id))

    def settle_for(self, application_id: str, payment: Payment) -> Outcome:
        """Credit a payment whose code may never have reached the service; SIMPONI named the application."""
        return _again_if_overtaken(partial(self._settle_by_reference, application_id, payment))

    def _settle_by_code(self, payment: Payment, trace_id: str | None) -> Outcome:
        with self._database.write() as connection:
            row = connection.execute(_BY_CODE, {"code": payment.billing_code}).first()
            if row is None:
                raise Refusal(ErrorCode.UNKNOWN_CODE)
            return self._settle(connection, row, payment, trace_id)

    def _settle_by_reference(self, application_id: str, payment: Payment) -> Outcome:
        with self._database.write() as connection:
            row = connection.execute(LOCKED, {"application_id": application_id}).one()
            if row.billing_code != payment.billing_code:
                self._bills.issue(connection, row, payment.billing_code, None, self._clock())
                row = connection.execute(LOCKED, {"application_id": application_id}).one()
            return self._settle(connection, row, payment, None)

    def refunded(self, message: Message) -> None:
        """Write down that SIMPONI sent the money of `message.ntpn` back."""
        with self._database.write() as connection:
            now = self._clock()
            row = connection.execute(LOCKED, {"application_id": message.application_id}).one()
            if not outbox.strike_off(connection, message, now):
                # Two relays, one taking over from the other, have sent it; SIMPONI did it once.
                return
            connection.execute(_OUTCOME, {"the_ntpn": message.ntpn, "the_outcome": Outcome.REFUNDED})
            if row.state == State.REFUND_DUE:
                connection.execute(_SETTLE, {"application_id": row.id, "to_state": State.REFUNDED})
            append(connection, _event(EventType.REFUNDED, row, str(message.ntpn), message.trace_id, now))

    def _settle(self, connection: Connection, row: ApplicationRow, payment: Payment, trace_id: str | None) -> Outcome:
        now = self._clock()
        self._check_amount(row, payment)
        if connection.execute(_RECORDED, {"the_ntpn": payment.ntpn}).first():
            return self._note_duplicate(connection, row, payment.ntpn, trace_id, now)
        outcome = self._credit(connection, row, payment, trace_id, now)
        connection.execute(PAYMENTS.insert(), _record(row, payment, outcome, now))
        return outcome

    def _check_amount(self, row: ApplicationRow, payment: Payment) -> None:
        """Raise Refusal(WRONG_AMOUNT) unless the money is what the bill asks for."""
        if payment.amount_idr != row.amount_idr:
            raise Refusal(ErrorCode.WRONG_AMOUNT)

    def _note_duplicate(
        self, connection: Connection, row: ApplicationRow, ntpn: str, trace_id: str | None, now: int
    ) -> Outcome:
        """Money that was credited before is told again: it is noted, and nothing else."""
        append(connection, _event(EventType.DUPLICATE_CALLBACK, row, ntpn, trace_id, now))
        return Outcome.DUPLICATE

    def _credit(
        self, connection: Connection, row: ApplicationRow, payment: Payment, trace_id: str | None, now: int
    ) -> Outcome:
        if row.state == State.AWAITING_PAYMENT:
            in_time = self._clock.at(payment.paid_ns) < row.pay_before_ns
            # A day that is over is not for sale.
            if in_time and places.day_over(connection, row.slot) > now:
                self._pay(connection, row, row.slot, payment.ntpn, trace_id, now, Reason.ON_TIME)
                return Outcome.PAID
            # Expiry has yet to come round.
            expire(connection, row)
            row = connection.execute(LOCKED, {"application_id": row.id}).one()
        append(connection, _event(EventType.LATE_PAYMENT, row, payment.ntpn, trace_id, now))
        return self._settle_late(connection, row, payment.ntpn, trace_id, now)

    def _settle_late(
        self, connection: Connection, row: ApplicationRow, ntpn: str, trace_id: str | None, now: int
    ) -> Outcome:
        """Honour late money with a place if there is one, else send it back."""
        slot = self._place_for(connection, row)
        if slot is not None:
            held = Event(
                type=EventType.HELD,
                application_id=row.id,
                applicant=row.applicant,
                slot=slot,
                trace_id=trace_id,
                reason=Reason.LATE_PAYMENT,
            )
            append(connection, held)
            self._pay(connection, row, slot, ntpn, trace_id, now, Reason.LATE_HONOURED)
            return Outcome.LATE_HONOURED
        self._order_refund(connection, row, ntpn, trace_id, now)
        return Outcome.REFUND_ORDERED

    def _place_for(self, connection: Connection, row: ApplicationRow) -> str | None:
        """A place for late money: none where the office is full or the person has booked again meanwhile."""
        if row.state not in (State.EXPIRED, State.BILLING_FAILED):
            return None
        if places.has_live_booking(connection, row.applicant):
            return None
        return places.take_any(connection, row, self._clock())

    def _pay(
        self,
        connection: Connection,
        row: ApplicationRow,
        slot: str,
        ntpn: str,
        trace_id: str | None,
        now: int,
        reason: Reason,
    ) -> None:
        ends = places.day_over(connection, slot)
        connection.execute(_PAID, {"application_id": row.id, "the_slot": slot, "ends": ends})
        append(connection, _event(EventType.PAID, row, ntpn, trace_id, now, slot=slot, reason=reason))
        self._back_office.tell(connection, row.id, trace_id)

    def _order_refund(
        self, connection: Connection, row: ApplicationRow, ntpn: str, trace_id: str | None, now: int
    ) -> None:
        # Paid twice: what the first money bought, the place or a visit that is over, stays; the second goes back.
        if may_move(State(row.state), State.REFUND_DUE) and not connection.execute(_TAKEN, {"of": row.id}).first():
            connection.execute(_SETTLE, {"application_id": row.id, "to_state": State.REFUND_DUE})
        outbox.put_refund(connection, row.id, ntpn, trace_id, now)
        append(connection, _event(EventType.REFUND_ORDERED, row, ntpn, trace_id, now))


def _again_if_overtaken(settle: Callable[[], Outcome]) -> Outcome:
    """Settle; once more where the applicant booked anew while a place was found for their late money."""
    try:
        return settle()
    except IntegrityError:
        return settle()


def _event(
    kind: EventType,
    row: ApplicationRow,
    ntpn: str,
    trace_id: str | None,
    now: int,
    slot: str | None = None,
    reason: Reason | None = None,
) -> Event:
    return Event(
        type=kind,
        application_id=row.id,
        billing_code=row.billing_code,
        ntpn=ntpn,
        amount_idr=row.amount_idr,
        slot=slot,
        trace_id=trace_id,
        reason=reason,
    )


def _record(row: ApplicationRow, payment: Payment, outcome: Outcome, now: int) -> dict[str, object]:
    return {
        "ntpn": payment.ntpn,
        "application_id": row.id,
        "billing_code": payment.billing_code,
        "amount_idr": payment.amount_idr,
        "outcome": outcome,
        "recorded_ns": now,
    }
