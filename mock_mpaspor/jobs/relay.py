"""The relay: delivers the outbox to SIMPONI, many messages at once, each attempt timed, failures retried with
growing, jittered waits and behind a circuit breaker, until SIMPONI answered or the patience for a code is over.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.breaker import Breaker, Permit
from mock_mpaspor.jobs.simponi import BillOrder, Simponi, SimponiError
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.outbox import Message, Outbox, Topic
from mock_mpaspor.store.payments import Payments

LOG = logging.getLogger(__name__)

AT_ONCE = 16
# Probes have threads of their own: a fault that hangs every other thread must not keep the breaker from closing.
PROBES_AT_ONCE = 6
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 2.0


class Relay:
    """One turn is `step`; deliveries run on the relay's own threads until `close`."""

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
        self._outbox = outbox
        self._bills = bills
        self._payments = payments
        self._simponi = simponi
        self._breaker = breaker
        self._clock = clock
        self._rng = rng
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(AT_ONCE + PROBES_AT_ONCE, thread_name_prefix="relay")
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._claimed: set[int] = set()
        # Deliveries that broke, and until when (unix ns) they rest: what broke them may keep the database from knowing.
        self._resting: dict[int, int] = {}
        self.delivered = threading.Event()

    def step(self) -> int:
        """Start what is due and may be sent, give up what is over; how many messages were looked at."""
        now = self._clock()
        with self._lock:
            self._resting = {message: until for message, until in self._resting.items() if until > now}
            under_way = len(self._claimed)
            aside = self._claimed | self._resting.keys()
        messages = self._outbox.due(max(AT_ONCE - under_way, 1), aside)
        waiting = [message for message in messages if not self._give_up(message)]
        if waiting:
            self._start(waiting, under_way)
        return len(messages)

    def settle(self) -> None:
        """Wait until no delivery is under way."""
        with self._idle:
            self._idle.wait_for(lambda: not self._claimed)

    def close(self) -> None:
        """Wait for the deliveries under way; each is bounded by its time-out."""
        self._pool.shutdown(wait=True)

    def _start(self, messages: list[Message], under_way: int) -> None:
        permit = self._breaker.permit()
        if permit is Permit.ANY:
            allowed = max(AT_ONCE - under_way, 0)
        else:
            allowed = int(permit is Permit.PROBE and under_way < AT_ONCE + PROBES_AT_ONCE)
        for message in messages[:allowed]:
            with self._lock:
                self._claimed.add(message.id)
            self._pool.submit(self._deliver, message)
        if permit is not Permit.ANY and messages[allowed:]:
            self._outbox.postpone(messages[allowed:], AttemptFailure.BREAKER_OPEN, lambda: self._due_ns(LONGEST_WAIT_S))

    def _give_up(self, message: Message) -> bool:
        if message.give_up_ns is None or self._clock() < message.give_up_ns:
            return False
        if self._bills.given_up(message):
            self._metrics.codes.labels("failed").inc()
        return True

    def _deliver(self, message: Message) -> None:
        try:
            self._attempt(message)
        except Exception:
            # The message stays in the outbox and is sent again; only the reason would be lost without this line.
            LOG.exception("delivery of message %s was interrupted", message.id)
            with self._lock:
                self._resting[message.id] = self._due_ns(LONGEST_WAIT_S)
        finally:
            with self._lock:
                self._claimed.discard(message.id)
                self._idle.notify_all()
            self.delivered.set()

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

    def _note_answer(self) -> None:
        if self._breaker.succeeded():
            self._outbox.make_due()

    def _note_failure(self, message: Message, failure: AttemptFailure) -> None:
        self._outbox.postpone([message], failure, lambda: self._due_ns(_wait_s(message.attempts)))
        if failure is AttemptFailure.REJECTED:
            self._note_answer()
            if message.topic == Topic.BILL and self._bills.given_up(message):
                self._metrics.codes.labels("failed").inc()
        elif message.topic == Topic.BILL or failure is not AttemptFailure.HTTP_5XX:
            # A 5xx to a refund may be the bank's: it says nothing about SIMPONI, and must keep no code back.
            self._breaker.failed()

    def _due_ns(self, wait_s: float) -> int:
        return self._clock.after(wait_s * self._rng.uniform(0.5, 1.0))


def _wait_s(attempts: int) -> float:
    """The longest wait after so many earlier attempts: doubled each time, up to a bound.

    >>> [_wait_s(attempts) for attempts in (0, 1, 2, 3, 4, 1000)]
    [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    """
    return min(FIRST_WAIT_S * 2.0 ** min(attempts, 10), LONGEST_WAIT_S)
