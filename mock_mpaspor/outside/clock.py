"""Time as an argument: the wall clock that rows are stamped with, the steady clock that waiting is measured on, and
the pace of the time that promises are kept in.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

NS = 1_000_000_000


class Clock(Protocol):
    """What a system may ask of time; a test hands in one that it moves by hand."""

    def unix_ns(self) -> int: ...

    def monotonic_s(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The host's own clocks."""

    def unix_ns(self) -> int:
        return time.time_ns()

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True)
class Pace:
    """How fast the time of deadlines and days runs, as the service's own, and what it shows at `epoch_ns`.

    >>> Pace(scale=360, epoch_ns=10 * NS).at(12 * NS) // NS
    730
    >>> Pace(epoch_ns=10 * NS, start_ns=0).at(12 * NS) // NS
    2
    """

    scale: float = 1.0
    epoch_ns: int = 0
    start_ns: int | None = None

    def at(self, wall_ns: int) -> int:
        """That time at an instant of the wall clock."""
        if self.scale == 1.0 and self.start_ns is None:
            return wall_ns
        start_ns = self.epoch_ns if self.start_ns is None else self.start_ns
        return start_ns + int((wall_ns - self.epoch_ns) * self.scale)


# Everything at its real pace.
UNHURRIED = Pace()


def rfc3339(unix_ns: int) -> str:
    """The instant in UTC, to the microsecond.

    >>> rfc3339(1_675_040_400_000_001_000)
    '2023-01-30T01:00:00.000001Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=unix_ns // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
