"""The reconciler: asks SIMPONI about bills that may have been paid without the service being told."""

import logging

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.domain.clock import instant_ns
from mock_mpaspor.domain.errors import Refusal
from mock_mpaspor.jobs.simponi import BillView, Simponi, SimponiError
from mock_mpaspor.store.payments import Payment, Payments
from mock_mpaspor.store.reconciliation import Question, Reconciliation

LOG = logging.getLogger(__name__)

QUESTIONS_A_TURN = 20


class Reconciler:
    """One turn is `step`. Its breaker is its own: a probe of the relay must not be spent on a question."""

    def __init__(self, reconciliation: Reconciliation, payments: Payments, simponi: Simponi, breaker: Breaker) -> None:
        self._reconciliation = reconciliation
        self._payments = payments
        self._simponi = simponi
        self._breaker = breaker

    def step(self) -> int:
        """Ask about what is due, one after the other, and stop at the first failure; how many were settled."""
        settled = 0
        unpaid: list[Question] = []
        for question in self._reconciliation.due(QUESTIONS_A_TURN):
            if self._breaker.permit() is Permit.NONE:
                break
            try:
                bills = self._simponi.find(question.application_id)
            except SimponiError:
                self._breaker.failed()
                break
            self._breaker.succeeded()
            if self._settle(question, bills):
                settled += 1
            else:
                unpaid.append(question)
        self._reconciliation.answered_unpaid(unpaid)
        return settled

    def _settle(self, question: Question, bills: list[BillView]) -> bool:
        paid = [payment for bill in bills if (payment := _payment(bill))]
        for payment in paid:
            try:
                self._payments.settle_for(question.application_id, payment)
            except Refusal as refusal:
                LOG.error("payment for application %s: %s", question.application_id, refusal.message)
                return False
        return bool(paid)


def _payment(bill: BillView) -> Payment | None:
    """The payment of a bill that is paid."""
    if bill.state != "paid" or bill.ntpn is None or bill.paid_at is None:
        return None
    return Payment(bill.billing_code, bill.ntpn, bill.amount_idr, instant_ns(bill.paid_at))
