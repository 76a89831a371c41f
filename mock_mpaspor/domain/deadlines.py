"""How long things last. The payment deadline is M-Paspor's two hours; it starts when the code is issued.

An incomplete file waits seven days and a finished passport a month, as the office's notices say; an appointment may
be moved until its day begins, and is missed when its day is over, both by the office's clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.offices import Zone

DAY_NS = 86_400 * NS_PER_S
COMPLETION_NS = 7 * DAY_NS
# Assumption: a month is thirty days.
COLLECTION_NS = 30 * DAY_NS
# Assumption: a move that the office granted is good for thirty days.
GRANT_NS = 30 * DAY_NS


def day_begins(day: str, zone: Zone) -> int:
    """The instant (unix ns) at which a day (ISO 8601) begins in an office's zone.

    >>> Zone.WIT.show(day_begins("2025-02-04", Zone.WIT))
    '2025-02-04T00:00:00.000+09:00'
    """
    midnight = datetime.combine(date.fromisoformat(day), time(), zone.value)
    return int(midnight.timestamp()) * NS_PER_S


def day_over(day: str, zone: Zone) -> int:
    """The instant (unix ns) at which that day is over.

    >>> Zone.WIB.show(day_over("2025-02-28", Zone.WIB))
    '2025-03-01T00:00:00.000+07:00'
    """
    return day_begins((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


@dataclass(frozen=True)
class Deadlines:
    """Spans in seconds and instants in unix nanoseconds, both of the service's clock."""

    payment_s: float
    hold_s: float
    code_patience_s: float

    def held_until(self, held_ns: int) -> int:
        """When a hold without a billing request ends."""
        return held_ns + int(self.hold_s * NS_PER_S)

    def pay_before(self, issued_ns: int) -> int:
        """When an unpaid code expires."""
        return issued_ns + int(self.payment_s * NS_PER_S)

    def reconcile_from(self, issued_ns: int) -> int:
        """When SIMPONI is first asked whether a code was paid: half-way, so that no paid code expires unasked."""
        return issued_ns + int(self.payment_s * NS_PER_S / 2)

    def give_up_code_at(self, requested_ns: int) -> int:
        """When the service stops trying for a code and gives the place back."""
        return requested_ns + int(self.code_patience_s * NS_PER_S)
