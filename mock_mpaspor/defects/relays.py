"""Relays and gateways that go wrong: M3 orders anew, M15 dies, M17 waits for ever, M18 storms."""

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.jobs.relay import Relay
from mock_mpaspor.jobs.simponi import BillOrder, HttpSimponi
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.outbox import Message

# How many messages the relay of M15 looks at in its life.
LIFE = 20
# No call of a run takes a day: to M17 this is for ever.
FOR_EVER_S = 86_400.0


class ReorderingRelay(Relay):
    """M3: each attempt orders a bill of its own, so that a lost answer leaves a bill that nobody knows."""

    def _order(self, message: Message) -> BillOrder:
        order = super()._order(message)
        if not message.attempts:
            return order
        return BillOrder(f"{order.reference}-{message.attempts + 1}", order.amount_idr, order.payer)


class MortalRelay(Relay):
    """M15: after some messages its thread ends; the process lives on, and says that it is well."""

    _looked_at = 0

    def step(self) -> int:
        if self._looked_at >= LIFE:
            # The one exception that ends a thread without a word.
            raise SystemExit
        looked_at = super().step()
        self._looked_at += looked_at
        return looked_at


class PatientSimponi(HttpSimponi):
    """M17: no call is ever given up, so that a SIMPONI that hangs holds every thread."""

    def __init__(self, url: str, timeout_s: float, connections: int, metrics: Metrics) -> None:
        super().__init__(url, FOR_EVER_S, connections, metrics)


class StormingRelay(Relay):
    """M18: what failed is due again at once, and nothing is ever given up."""

    def _give_up(self, message: Message) -> bool:
        return False

    def _due_ns(self, wait_s: float) -> int:
        return self._clock()


class OpenGate(Breaker):
    """M18: everything may always be sent."""

    def permit(self) -> Permit:
        return Permit.ANY
