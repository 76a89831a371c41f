"""The reconciler: asks SIMPONI about bills that may have been paid without the service being told.

It asks now and then, and once more before an unpaid booking ends: nobody loses a place for a callback that was lost.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.domain.clock import Clock, instant_ns
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.jobs.simponi import BillView, Simponi, SimponiError
from mock_mpaspor.store.expiry import Overdue
from mock_mpaspor.store.payments import Payment, Payments
from mock_mpaspor.store.reconciliation import Reconciliation

LOG = logging.getLogger(__name__)

QUESTIONS_A_TURN = 20
# Few: SIMPONI's threads are for bills first.
ASKED_AT_ONCE = 4
# Assumption: whoever has not paid gives the place back, even if SIMPONI cannot say so, this long after the deadline.
LONGEST_DOUBT_S = 10.0


class Finding(Enum):
    """What SIMPONI said of a bill; where it said nothing, or what it said could not be written down, there is none."""

    UNPAID = auto()
    SETTLED = auto()


class Reconciler:
    """One turn is `step`. Its breaker is its own: a probe of the relay must not be spent on a question."""

    def __init__(
        self, reconciliation: Reconciliation, payments: Payments, simponi: Simponi, breaker: Breaker, clock: Clock
    ) -> None:
        self._reconciliation = reconciliation
        self._payments = payments
        self._simponi = simponi
        self._breaker = breaker
        self._clock = clock
        self._pool = ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="Reconciler")

    def step(self) -> int:
        """Ask about what is due, until a question fails; how many were settled."""
        questions = self._reconciliation.due(QUESTIONS_A_TURN)
        found = self._ask([question.application_id for question in questions])
        # A payment that could not be written down now is asked about again soon.
        unpaid = [question for question in questions if found.get(question.application_id) is Finding.UNPAID]
        self._reconciliation.answered_unpaid(unpaid)
        return list(found.values()).count(Finding.SETTLED)

    def unpaid(self, overdue: Sequence[Overdue]) -> list[str]:
        """Those of the bookings whose deadline is over that may end: unpaid, or in doubt for too long."""
        asked = self._reconciliation.to_ask(overdue)
        found = self._ask(asked)
        given_up_ns = self._clock() - self._clock.span_ns(LONGEST_DOUBT_S)
        return [
            booking.application_id
            for booking in overdue
            if booking.application_id not in asked
            or found.get(booking.application_id) is Finding.UNPAID
            or (booking.application_id not in found and booking.ended_ns <= given_up_ns)
        ]

    def close(self) -> None:
        """Wait for the questions under way; each is bounded by its time-out."""
        self._pool.shutdown(wait=True)

    def _ask(self, applications: Sequence[str]) -> dict[str, Finding]:
        failed = threading.Event()

        def ask(application_id: str) -> Finding | None:
            if failed.is_set() or self._breaker.permit() is Permit.NONE:
                return None
            try:
                bills = self._simponi.find(application_id)
            except SimponiError:
                self._breaker.failed()
                failed.set()
                return None
            self._breaker.succeeded()
            return self._settle(application_id, bills)

        found = zip(applications, self._pool.map(ask, applications), strict=True)
        return {application_id: finding for application_id, finding in found if finding}

    def _settle(self, application_id: str, bills: list[BillView]) -> Finding | None:
        paid = [payment for bill in bills if (payment := _payment(bill))]
        for payment in paid:
            try:
                self._payments.settle_for(application_id, payment)
            except Refusal as refusal:
                LOG.error("payment for application %s: %s", application_id, refusal.message)
                return Finding.UNPAID if refusal.code is ErrorCode.WRONG_AMOUNT else None
        return Finding.SETTLED if paid else Finding.UNPAID


def _payment(bill: BillView) -> Payment | None:
    """The payment of a bill that is paid."""
    if bill.state != "paid" or bill.ntpn is None or bill.paid_at is None:
        return None
    return Payment(bill.billing_code, bill.ntpn, bill.amount_idr, instant_ns(bill.paid_at))
