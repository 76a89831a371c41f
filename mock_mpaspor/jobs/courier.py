"""A courier: delivers the messages of one outbox, many at once on threads of its own, and behind its own breaker.

Failures are retried with growing, jittered waits of the wall clock. One courier a system around the service: a
system that hangs takes the threads of its own messages, and of no others.
"""

import logging
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from random import Random

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.store.outbox import Message, Outbox

LOG = logging.getLogger(__name__)

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 2.0


class Courier(ABC):
    """One turn is `step`; deliveries run on the courier's own threads until `close`."""

    def __init__(
        self,
        outbox: Outbox,
        breaker: Breaker,
        clock: Clock,
        rng: Random,
        at_once: int,
        probes_at_once: int,
    ) -> None:
        self._outbox = outbox
        self._breaker = breaker
        self._clock = clock
        self._rng = rng
        self._at_once = at_once
        # Probes have threads of their own: a fault that hangs every other must not keep the breaker from closing.
        self._with_probes = at_once + probes_at_once
        self._pool = ThreadPoolExecutor(self._with_probes, thread_name_prefix=type(self).__name__)
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
        messages = self._outbox.due(max(self._at_once - under_way, 1), aside)
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

    @abstractmethod
    def _attempt(self, message: Message) -> None:
        """Send the message once and write down what came of it."""

    def _give_up(self, _message: Message) -> bool:
        """Whether the message is over, which is then written down; most never are."""
        return False

    def _start(self, messages: list[Message], under_way: int) -> None:
        permit = self._breaker.permit()
        if permit is Permit.ANY:
            allowed = max(self._at_once - under_way, 0)
        else:
            allowed = int(permit is Permit.PROBE and under_way < self._with_probes)
        if permit is not Permit.ANY and messages[allowed:]:
            # Before the probe leaves: its answer makes everything due, and must have the last word.
            self._outbox.postpone(messages[allowed:], AttemptFailure.BREAKER_OPEN, lambda: self._due_ns(LONGEST_WAIT_S))
        for message in messages[:allowed]:
            with self._lock:
                self._claimed.add(message.id)
            self._pool.submit(self._deliver, message)

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

    def _note_answer(self) -> None:
        if self._breaker.succeeded():
            self._outbox.make_due()

    def _postpone(self, message: Message, failure: AttemptFailure) -> None:
        self._outbox.postpone([message], failure, lambda: self._due_ns(_wait_s(message.attempts)))

    def _due_ns(self, wait_s: float) -> int:
        return self._clock.after(wait_s * self._rng.uniform(0.5, 1.0))


def _wait_s(attempts: int) -> float:
    """The longest wait after so many earlier attempts: doubled each time, up to a bound.

    >>> [_wait_s(attempts) for attempts in (0, 1, 2, 3, 4, 1000)]
    [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    """
    return min(FIRST_WAIT_S * 2.0 ** min(attempts, 10), LONGEST_WAIT_S)
