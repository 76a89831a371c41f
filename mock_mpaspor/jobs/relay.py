"""The relay: orders bills at SIMPONI until SIMPONI answered, or the patience for a code is over."""

from random import Random

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S, Courier
from mock_mpaspor.jobs.simponi import BillOrder, Simponi, SimponiError
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.outbox import Message, Outbox

__all__ = ["AT_ONCE", "LONGEST_WAIT_S", "PROBES_AT_ONCE", "Relay"]

AT_ONCE = 16
PROBES_AT_ONCE = 6


class Relay(Courier):
    """Bills."""

    def __init__(
        self,
        outbox: Outbox,
        bills: Bills,
        simponi: Simponi,
        breaker: Breaker,
        clock: Clock,
        rng: Random,
        metrics: Metrics,
    ) -> None:
        super().__init__(outbox, breaker, clock, rng, AT_ONCE, PROBES_AT_ONCE)
        self._bills = bills
        self._simponi = simponi
        self._metrics = metrics

    def _give_up(self, message: Message) -> bool:
        if message.give_up_ns is None or self._clock() < message.give_up_ns:
            return False
        self._write_off(message)
        return True

    def _attempt(self, message: Message) -> None:
        try:
            billing_code = self._simponi.issue(self._order(message), message.trace_id)
        except SimponiError as error:
            self._note_failure(message, error.failure)
        else:
            self._note_answer()
            self._write_down(message, billing_code)

    def _order(self, message: Message) -> BillOrder:
        """The bill to ask for: its reference is the application's id, so that asking again makes no second bill."""
        return BillOrder(message.application_id, message.amount_idr, message.payer)

    def _write_down(self, message: Message, billing_code: str) -> None:
        if self._bills.issued(message, billing_code):
            self._metrics.codes.labels("issued").inc()
            self._metrics.code_seconds.observe(self._clock.wall_s(self._clock() - message.created_ns))

    def _write_off(self, message: Message) -> None:
        if self._bills.given_up(message):
            self._metrics.codes.labels("failed").inc()

    def _note_failure(self, message: Message, failure: AttemptFailure) -> None:
        self._postpone(message, failure)
        if failure is AttemptFailure.REJECTED:
            self._note_answer()
            self._write_off(message)
        else:
            self._breaker.failed()
