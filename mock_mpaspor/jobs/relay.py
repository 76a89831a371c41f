"""The relay: delivers the outbox to SIMPONI until SIMPONI answered, or the patience for a code is over."""

from random import Random

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S, Courier
from mock_mpaspor.jobs.simponi import BillOrder, Simponi, SimponiError
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.outbox import Message, Outbox, Topic
from mock_mpaspor.store.payments import Payments

__all__ = ["AT_ONCE", "LONGEST_WAIT_S", "PROBES_AT_ONCE", "Relay"]

AT_ONCE = 16
PROBES_AT_ONCE = 6


class Relay(Courier):
    """Bills and refunds."""

    def __init__(
        self,
        outbox: Outbox,
        bills: Bills,
        payments: Payments,
        simponi: Simponi,
        breaker: Breaker,
        clock: Clock,
        rng: Random,
        metrics: Metrics,
    ) -> None:
        super().__init__(outbox, breaker, clock, rng, AT_ONCE, PROBES_AT_ONCE)
        self._bills = bills
        self._payments = payments
        self._simponi = simponi
        self._metrics = metrics

    def _give_up(self, message: Message) -> bool:
        if message.give_up_ns is None or self._clock() < message.give_up_ns:
            return False
        if self._bills.given_up(message):
            self._metrics.codes.labels("failed").inc()
        return True

    def _attempt(self, message: Message) -> None:
        try:
            billing_code = self._send(message)
        except SimponiError as error:
            self._note_failure(message, error.failure)
        else:
            self._note_answer()
            self._write_down(message, billing_code)

    def _send(self, message: Message) -> str | None:
        """The billing code that a bill got, None for a refund that was taken."""
        if message.topic == Topic.BILL:
            return self._simponi.issue(self._order(message), message.trace_id)
        self._simponi.refund(str(message.billing_code), str(message.ntpn), message.trace_id)
        return None

    def _order(self, message: Message) -> BillOrder:
        """The bill to ask for: its reference is the application's id, so that asking again makes no second bill."""
        return BillOrder(message.application_id, message.amount_idr, message.payer)

    def _write_down(self, message: Message, billing_code: str | None) -> None:
        if billing_code is None:
            self._payments.refunded(message)
        elif self._bills.issued(message, billing_code):
            self._metrics.codes.labels("issued").inc()
            self._metrics.code_seconds.observe(self._clock.wall_s(self._clock() - message.created_ns))

    def _note_failure(self, message: Message, failure: AttemptFailure) -> None:
        self._postpone(message, failure)
        if failure is AttemptFailure.REJECTED:
            self._note_answer()
            if message.topic == Topic.BILL and self._bills.given_up(message):
                self._metrics.codes.labels("failed").inc()
        elif message.topic == Topic.BILL or failure is not AttemptFailure.HTTP_5XX:
            # A 5xx to a refund may be the bank's: it says nothing about SIMPONI, and must keep no code back.
            self._breaker.failed()
