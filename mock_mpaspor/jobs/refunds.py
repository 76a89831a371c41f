"""The relay of refunds: has SIMPONI send money back, however long it takes.

SIMPONI waits for the bank meanwhile. So refunds have threads, a breaker and connections of their own: a bank that hangs
must keep no code back.
"""

from random import Random

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import Courier
from mock_mpaspor.jobs.simponi import Simponi, SimponiError
from mock_mpaspor.store.outbox import Message, Outbox
from mock_mpaspor.store.payments import Payments

REFUNDS_AT_ONCE = 4
REFUND_PROBES_AT_ONCE = 2


class RefundRelay(Courier):
    """Refunds; none is ever given up."""

    def __init__(
        self, outbox: Outbox, payments: Payments, simponi: Simponi, breaker: Breaker, clock: Clock, rng: Random
    ) -> None:
        super().__init__(outbox, breaker, clock, rng, REFUNDS_AT_ONCE, REFUND_PROBES_AT_ONCE)
        self._payments = payments
        self._simponi = simponi

    def _attempt(self, message: Message) -> None:
        try:
            self._simponi.refund(str(message.billing_code), str(message.ntpn), message.trace_id)
        except SimponiError as error:
            self._postpone(message, error.failure)
            if error.failure is AttemptFailure.REJECTED:
                self._note_answer()
            else:
                self._breaker.failed()
        else:
            self._note_answer()
            self._payments.refunded(message)
