"""What happened, in sentences for a person: who came, who got a place, who paid, who was hurt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from loket.records import Event, Outcome, Visit
from loket.verdict import CheckResult, CheckVerdict, FaultSpan, MissingCode
from loket.waits import Wait

# Why a place was held by somebody who had one already.
RESCHEDULED = "rescheduled"
PLURALS = {"person": "people", "place": "places", "application": "applications"}


@dataclass
class Bookings:
    """The service's own account of the places, from its events."""

    capacity: int = 0
    held: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    expired: set[str] = field(default_factory=set)
    refunded: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Bookings":
        """Count the events of a run."""
        counted = cls()
        by_type = {
            "held": counted.held,
            "paid": counted.paid,
            "expired": counted.expired,
            "refunded": counted.refunded,
            "bill_issued": counted.codes,
        }
        for event in events:
            if event.type == "slot_opened":
                counted.capacity += event.capacity or 0
            elif event.type in by_type and event.application_id:
                by_type[event.type].add(event.application_id)
                if event.reason == RESCHEDULED:
                    counted.moved.add(event.application_id)
        return counted


def sentences(
    people: int,
    bookings: Bookings | None,
    missing: Sequence[MissingCode] | None,
    waits: Sequence[Wait] | None,
    faults: Sequence[FaultSpan],
    checks: Sequence[CheckResult],
) -> tuple[str, ...]:
    """The run in a few lines; what was not recorded is said to be unknown, not left out."""
    return (
        _places(people, bookings),
        _codes(missing, waits),
        *(_fault(fault) for fault in faults),
        _invariants(checks),
    )


def _places(people: int, bookings: Bookings | None) -> str:
    if bookings is None:
        return f"{_count(people, 'person')} came; what the service did is not recorded."
    endings = [_were(len(bookings.paid), "paid")]
    if bookings.moved:
        endings.append(_were(len(bookings.moved), "moved to another day"))
    if bookings.expired:
        endings.append(f"{len(bookings.expired)} passed the payment deadline")
    if bookings.refunded:
        endings.append(_were(len(bookings.refunded), "refunded"))
    return (
        f"{_count(people, 'person')} came for {_count(bookings.capacity, 'place')}; "
        f"{_count(len(bookings.held), 'application')} got one: {', '.join(endings)}."
    )


BY_NETWORK = "Who got a place, by network:"
# Whoever ended so had a place, for a while at least.
HAD_A_PLACE = frozenset(
    {
        Outcome.CONFIRMED,
        Outcome.PAID,
        Outcome.REFUNDED,
        Outcome.NO_CODE,
        Outcome.FORGOT,
        Outcome.MOVED,
        Outcome.RECEIVED,
        Outcome.REJECTED,
        Outcome.FORFEITED,
        Outcome.WITHDREW,
    }
)


def networks(visits: Iterable[Visit]) -> tuple[str, ...]:
    """Who got a place by the network they were on, where people were on several."""
    came: Counter[str] = Counter()
    got: Counter[str] = Counter()
    for visit in visits:
        if visit.type == "leave" and visit.profile:
            came[visit.profile] += 1
            got[visit.profile] += visit.outcome in HAD_A_PLACE
    if len(came) < 2:
        return ()
    shares = (f"{got[name] / came[name]:.0%} of {came[name]} on {name}" for name in sorted(came))
    return (f"{BY_NETWORK} {', '.join(shares)}.",)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else PLURALS[noun]}"


def _were(count: int, what: str) -> str:
    return f"{count} {'was' if count == 1 else 'were'} {what}"


def _codes(missing: Sequence[MissingCode] | None, waits: Sequence[Wait] | None) -> str:
    if missing is None or waits is None:
        return "Whether every payment code came out is unknown."
    if not waits and not missing:
        return "Nobody asked for a payment code."
    longest_s = longest_wait_s(waits)
    longest = f" The longest wait for a code was {longest_s:.1f} s." if longest_s is not None else ""
    if not missing:
        return f"Everybody who asked for a payment code saw it.{longest}"
    never = sum(code.fate == "never_issued" for code in missing)
    return f"{_count(len(missing), 'person')} never saw the payment code ({_were(never, 'never issued')}).{longest}"


def longest_wait_s(waits: Sequence[Wait] | None) -> float | None:
    """The longest of the waits that ended with a code, in seconds; None where none did."""
    return max((wait.waited_s for wait in waits or () if wait.waited_s is not None), default=None)


def _fault(fault: FaultSpan) -> str:
    if fault.confirmed_s is None:
        return f"{fault.what}: was asked for in second {fault.requested_s:.0f} and never took effect."
    until = f"to {fault.healed_s:.1f}" if fault.healed_s is not None else "and was not healed"
    return f"{fault.what}: from second {fault.confirmed_s:.1f} {until}."


def _invariants(checks: Sequence[CheckResult]) -> str:
    held = sum(check.verdict is CheckVerdict.HOLDS for check in checks)
    return f"{held} of {len(checks)} invariants held."
