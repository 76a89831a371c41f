"""The engine's clock: seconds that never go back, and calls at an absolute one of them."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol


class Appointment(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Time as the engine sees it; tests hand in one that they move."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object]) -> Appointment:
        """Call `callback` once, at or shortly after `when`; perhaps a little early, so the callee looks again."""
        ...


class LoopClock:
    """The host's monotonic clock and the event loop's timers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> float:
        return time.monotonic()

    def call_at(self, when: float, callback: Callable[[], object]) -> Appointment:
        # uvloop counts in whole milliseconds and rounds to the nearest: round up, or it calls early and often.
        milliseconds = math.ceil(max(0.0, when - time.monotonic()) * 1000)
        return self._loop.call_later(milliseconds / 1000, callback)
