"""Cancelling before the payment: the place goes back, and a bill on its way, should it ever be paid, is refunded.

The row lock decides between the owner, a payment, a lapse and the issue of a code: one wins, the others see it.
"""

import msgspec
from sqlalchemy import Connection, bindparam

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import DAY_NS
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State, may_move
from mock_mpaspor.store import outbox, places
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.store.once import once
from mock_mpaspor.store.schema import APPLICATIONS, ApplicationRow
from mock_mpaspor.store.trail import append

_CANCEL = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .values(state=State.CANCELLED, slot=None, ends_ns=None, pay_before_ns=None, reconcile_ns=bindparam("reconcile"))
)
# SIMKIM knows of these.
_KNOWN_THERE = frozenset({State.REFERRED, State.QUEUED})
# A passport that is ready is cancelled by time alone.
_NOT_ITS_OWNERS = frozenset({State.READY})


class _Cancelled(msgspec.Struct, frozen=True):
    application_id: str
    state: State = State.CANCELLED


class Cancellations:
    """Cancels applications for their owners."""

    def __init__(self, database: Database, clock: Clock, back_office: BackOffice) -> None:
        self._database = database
        self._clock = clock
        self._back_office = back_office

    def cancel(self, request: KeyedRequest) -> Answer:
        """Cancel, or give the answer that this key got.

        Raises Refusal(WRONG_STATE) where it was paid or has ended, and Refusal(KEY_REUSED).
        """

        def act(connection: Connection, row: ApplicationRow) -> str:
            self._cancel(connection, row, request.trace_id)
            return msgspec.json.encode(_Cancelled(row.id)).decode()

        return once(self._database, request, self._clock(), act)

    def _cancel(self, connection: Connection, row: ApplicationRow, trace_id: str | None) -> None:
        state, now = State(row.state), self._clock()
        if state in _NOT_ITS_OWNERS or not may_move(state, State.CANCELLED):
            raise Refusal(ErrorCode.WRONG_STATE)
        # A bill that was asked for may exist and be paid without the service being told: SIMPONI is asked at once.
        reconcile = now if state in (State.BILLING_REQUESTED, State.AWAITING_PAYMENT) else None
        if state is State.QUEUED:
            _require_day_to_come(connection, row, now)
        connection.execute(_CANCEL, {"application_id": row.id, "reconcile": reconcile})
        outbox.withdraw_bill(connection, row.id, now)
        if row.slot is not None:
            places.give_back(connection, row.id, row.slot, Reason.CANCELLED)
        cancelled = Event(type=EventType.CANCELLED, application_id=row.id, reason=Reason.CANCELLED, trace_id=trace_id)
        append(connection, cancelled)
        if state in _KNOWN_THERE:
            self._back_office.withdraw(connection, row.id, trace_id)


def _require_day_to_come(connection: Connection, row: ApplicationRow, now: int) -> None:
    """Raise Refusal(WRONG_STATE) on the day itself: whoever has a number may be at the counter already."""
    if places.day_over(connection, row.slot) - DAY_NS <= now:
        raise Refusal(ErrorCode.WRONG_STATE)
