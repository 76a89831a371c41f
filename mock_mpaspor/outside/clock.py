"""Time as an argument: the wall clock that rows are stamped with, the steady clock that waiting is measured on."""

import time
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


def rfc3339(unix_ns: int) -> str:
    """The instant in UTC, to the microsecond.

    >>> rfc3339(1_675_040_400_000_001_000)
    '2023-01-30T01:00:00.000001Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=unix_ns // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
