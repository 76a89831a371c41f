"""Money lost, doubled or invented: M10, M13, M16 and M30."""

from collections.abc import Sequence
from zlib import crc32

from sqlalchemy import Connection

from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.store.expiry import Overdue
from mock_mpaspor.store.payments import Outcome, Payment, Payments
from mock_mpaspor.store.reconciliation import Question, Reconciliation
from mock_mpaspor.store.schema import ApplicationRow
from mock_mpaspor.store.trail import append
from mock_mpaspor.web.tokens import CallbackSignature


class DoubleCreditPayments(Payments):
    """M10: money that is told twice is credited twice."""

    def _note_duplicate(
        self, connection: Connection, row: ApplicationRow, ntpn: str, trace_id: str | None, now: int
    ) -> Outcome:
        paid = Event(
            type=EventType.PAID,
            application_id=row.id,
            billing_code=row.billing_code,
            ntpn=ntpn,
            amount_idr=row.amount_idr,
            slot=row.slot,
            trace_id=trace_id,
            reason=Reason.ON_TIME,
        )
        append(connection, paid)
        return Outcome.PAID


def is_dropped(ntpn: str) -> bool:
    """Whether M13 drops this money: half of all, and the same ones however often they are told."""
    return crc32(ntpn.encode()) % 2 == 0


class ForgettingPayments(Payments):
    """M13: every second callback is acknowledged and not written down."""

    def settle(self, payment: Payment, trace_id: str | None) -> Outcome:
        return Outcome.PAID if is_dropped(payment.ntpn) else super().settle(payment, trace_id)


class BlindReconciliation(Reconciliation):
    """M13: nobody asks SIMPONI what was paid."""

    def due(self, limit: int) -> list[Question]:
        return []

    def to_ask(self, overdue: Sequence[Overdue]) -> list[str]:
        return []


class ShruggingPayments(Payments):
    """M16: late money is noted; no place is looked for, and nothing goes back."""

    def _settle_late(
        self, connection: Connection, row: ApplicationRow, ntpn: str, trace_id: str | None, now: int
    ) -> Outcome:
        return Outcome.REFUND_ORDERED


class TrustingSignature(CallbackSignature):
    """M30: whoever calls is SIMPONI."""

    def require_recent(self, timestamp: str, signature: str) -> None:
        """Nothing is checked."""

    def verify(self, timestamp: str, body: bytes, signature: str) -> None:
        """Nothing is checked."""


class UncountedPayments(Payments):
    """M30: any amount pays any bill."""

    def _check_amount(self, row: ApplicationRow, payment: Payment) -> None:
        """Nothing is compared."""
