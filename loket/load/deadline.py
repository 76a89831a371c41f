"""The instant at which a person's app gives an exchange up, at a price that each request can pay.

A timer for each request would be made, started and stopped, and nearly none would ever ring. Here one timer is left
running over the requests of a connection: when it rings, it looks whether anything is due, and sleeps on.
"""

from time import monotonic
from typing import Any

from gevent import getcurrent
from gevent.hub import get_hub


class TooLate(BaseException):
    """Thrown into the greenlet whose time is over; no handler of ordinary errors may take it for one of them."""


class Deadline:
    """For one greenlet at a time."""

    __slots__ = ("_due_s", "_greenlet", "_rings_s", "_timer")

    def __init__(self) -> None:
        self._due_s = self._rings_s = 0.0
        self._greenlet: Any = None
        self._timer: Any = None

    def begin(self, due_s: float) -> None:
        """Throw TooLate into this greenlet at that second of the monotonic clock, unless it says `end` before."""
        self._due_s = due_s
        self._greenlet = getcurrent()
        if self._timer is None or due_s < self._rings_s:
            self._set()

    def end(self) -> None:
        """Nothing is due any more; an `end` too many does no harm."""
        self._greenlet = None

    def close(self) -> None:
        """Let go of the timer."""
        self._greenlet = None
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
        self._rings_s = self._due_s
        # Nobody stays up for this timer's sake: whoever waits for an answer has a socket that they wait for.
        self._timer = get_hub().loop.timer(max(0.0, self._due_s - monotonic()), ref=False, priority=-1)
        self._timer.start(self._ring, update=True)

    def _ring(self) -> None:
        greenlet = self._greenlet
        if greenlet is None:
            self.close()
        elif self._due_s > monotonic():
            self._set()
        else:
            self.close()
            greenlet.throw(TooLate())
