"""The service's clock: the time that deadlines are kept in, which may run faster than the wall clock.

With a scale of 360 two hours pass in twenty seconds. What is promised to people (a deadline, a day of appointment)
is kept in the service's time; what is technical or secret (retries, sessions, signatures) in the wall clock's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NS_PER_S = 1_000_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)


def instant_ns(instant: datetime) -> int:
    """An aware instant in unix nanoseconds, to the microsecond.

    >>> instant_ns(datetime.fromisoformat("1970-01-01T07:00:01.5+07:00"))
    1500000000
    """
    return (instant - _EPOCH) // timedelta(microseconds=1) * 1000


@dataclass(frozen=True)
class Clock:
    """Called, it gives the service's time. Every instant is in unix nanoseconds.

    At the wall clock's `epoch_ns` the service's shows `start_ns` (None: the same); from there it runs `scale` times as
    fast.

    >>> fast = Clock(lambda: 12 * NS_PER_S, scale=360, epoch_ns=10 * NS_PER_S)
    >>> fast() // NS_PER_S
    730
    >>> Clock(lambda: 12 * NS_PER_S, epoch_ns=10 * NS_PER_S, start_ns=0)() // NS_PER_S
    2
    """

    wall: Callable[[], int] = time.time_ns
    scale: float = 1.0
    epoch_ns: int = 0
    start_ns: int | None = None

    def __call__(self) -> int:
        return self.at(self.wall())

    def at(self, wall_ns: int) -> int:
        """The service's time at an instant of the wall clock."""
        if self.scale == 1.0 and self.start_ns is None:
            return wall_ns
        start_ns = self.epoch_ns if self.start_ns is None else self.start_ns
        return start_ns + int((wall_ns - self.epoch_ns) * self.scale)

    def after(self, wall_s: float) -> int:
        """The service's time once `wall_s` seconds of the wall clock have passed: how technical waits are kept."""
        return self.at(self.wall() + int(wall_s * NS_PER_S))

    def span_ns(self, wall_s: float) -> int:
        """How much of the service's time passes in so many seconds of the wall clock."""
        return int(wall_s * self.scale * NS_PER_S)

    def wall_s(self, span_ns: int) -> float:
        """How long a span of the service's time took on the wall clock, in seconds."""
        return span_ns / self.scale / NS_PER_S
