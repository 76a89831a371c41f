"""The waiting room of an office's opening: in which order people come in, and when each one's turn is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from mock_mpaspor.domain.clock import NS_PER_S

# Assumption: from an hour before an opening on, whoever comes is waiting for that one.
LOBBY = timedelta(hours=1)


class Order(StrEnum):
    """The order declared: none, that of arrival, or by lot among those who came before the opening."""

    OFF = "off"
    FIFO = "fifo"
    LOTTERY = "lottery"


@dataclass(frozen=True)
class Pace:
    """So many people a second of the wall clock; `scale` is how fast the service's clock runs against it."""

    rate: float
    scale: float

    @property
    def step_ns(self) -> int:
        """The service's time from one person to the next, in ns."""
        return int(NS_PER_S * self.scale / self.rate)

    def turn(self, next_ns: int, opens_ns: int, now_ns: int) -> int:
        """When the next in line comes in: not before the opening, not in the past, not faster than the pace.

        >>> pace = Pace(rate=10, scale=1)
        >>> [pace.turn(next_ns, 100, now_ns) for next_ns, now_ns in ((0, 50), (200, 50), (200, 300))]
        [100, 200, 300]
        """
        return max(next_ns, opens_ns, now_ns)
