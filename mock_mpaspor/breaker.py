"""A circuit breaker: after several failures in a row nothing is sent but a probe now and then, until one succeeds.

A probe leaves every second even while an earlier one still hangs, so that a system that healed is noticed within a
second and not only after the time-out of the last probe of the fault.
"""

import threading
from collections.abc import Callable
from enum import Enum

FAILURES_TO_OPEN = 5
PROBE_EVERY_S = 1.0


class Permit(Enum):
    """What may be sent now."""

    ANY = "any"
    PROBE = "probe"
    NONE = "none"


class Breaker:
    """Safe to share between threads; `monotonic` is in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._probe_at_s = 0.0

    def permit(self) -> Permit:
        """What may be sent; a PROBE is given out once a second."""
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return Permit.ANY
            now_s = self._monotonic()
            if now_s < self._probe_at_s:
                return Permit.NONE
            self._probe_at_s = now_s + PROBE_EVERY_S
            return Permit.PROBE

    def succeeded(self) -> bool:
        """The other side answered; whether that closed an open breaker."""
        with self._lock:
            closed = self._failures >= FAILURES_TO_OPEN
            self._failures = 0
            return closed

    def failed(self) -> None:
        """The other side did not answer."""
        with self._lock:
            self._failures += 1
            if self._failures == FAILURES_TO_OPEN:
                self._probe_at_s = self._monotonic() + PROBE_EVERY_S
