"""Places and payment codes over time, in one pass over the service's events.

Counts are taken as the service wrote them (a hold adds one, a release takes one away), so that an overbooking shows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from loket.records import Event


@dataclass(frozen=True)
class PlacesPoint:
    """Places at one moment; `taken` counts held and paid ones, `released` every one given back so far."""

    second: float
    taken: int
    paid: int
    released: int
    capacity: int


@dataclass
class Places:
    """Sweeps events into a curve with at most one point per `grid_s` seconds, the last state of each."""

    grid_s: float
    curve: list[PlacesPoint] = field(default_factory=list)
    capacity: int = 0
    taken: int = 0
    released: int = 0
    peak_taken: int = 0
    overbooked_slots: set[str] = field(default_factory=set)
    _paid: set[str] = field(default_factory=set)
    _slots: dict[str, int] = field(default_factory=dict)
    _taken_of: Counter[str] = field(default_factory=Counter)

    @property
    def paid(self) -> int:
        return len(self._paid)

    def see(self, second: float, event: Event) -> None:
        """Take one event into account; those that do not concern places are ignored."""
        slot, application = event.slot or "", event.application_id or ""
        match event.type:
            case "slot_opened":
                self.capacity += event.capacity or 0
                self._slots[slot] = event.capacity or 0
            case "held":
                self._take(slot, 1)
            case "released":
                self._take(slot, -1)
                self.released += 1
                self._paid.discard(application)
            case "paid":
                self._paid.add(application)
            case _:
                return
        point = PlacesPoint(second, self.taken, self.paid, self.released, self.capacity)
        _draw(self.curve, point, self.grid_s)

    def _take(self, slot: str, places: int) -> None:
        self.taken += places
        self.peak_taken = max(self.peak_taken, self.taken)
        self._taken_of[slot] += places
        if self._taken_of[slot] > self._slots.get(slot, inf):
            self.overbooked_slots.add(slot)


@dataclass(frozen=True)
class CodesPoint:
    """Applications waiting at one moment: for SIMPONI's code, and for a code issued but not yet shown."""

    second: float
    without_code: int
    not_shown: int


@dataclass
class Codes:
    """Sweeps events into the queue for payment codes, the waits that ended and the attempts that failed."""

    grid_s: float
    curve: list[CodesPoint] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    failed_attempts: Counter[int] = field(default_factory=Counter)
    asked: int = 0
    _asked_at: dict[str, float] = field(default_factory=dict)
    _issued: set[str] = field(default_factory=set)

    def see(self, second: float, event: Event) -> None:
        """Take one event into account; those that do not concern payment codes are ignored."""
        application = event.application_id or ""
        match event.type:
            case "billing_requested":
                self.asked += application not in self._asked_at
                self._asked_at.setdefault(application, second)
            case "bill_issued" if application in self._asked_at:
                self._issued.add(application)
            case "code_shown" if application in self._asked_at:
                self.waits_s.append(second - self._asked_at[application])
                self._close(application)
            case "billing_failed" | "released":
                self._close(application)
            case "bill_attempt_failed":
                self.failed_attempts[int(second)] += 1
                return
            case _:
                return
        point = CodesPoint(second, len(self._asked_at) - len(self._issued), len(self._issued))
        _draw(self.curve, point, self.grid_s)

    def _close(self, application: str) -> None:
        self._asked_at.pop(application, None)
        self._issued.discard(application)


P = TypeVar("P", PlacesPoint, CodesPoint)


@dataclass(frozen=True)
class Bookings:
    """What the events say of places and of codes."""

    places: Places
    codes: Codes

    @property
    def last_second(self) -> float:
        """When the last event of either curve happened; 0 for none."""
        return max((curve[-1].second for curve in (self.places.curve, self.codes.curve) if curve), default=0.0)


def sweep(events: Iterable[Event], origin_unix_ns: int, grid_s: float) -> Bookings:
    """Both curves from the events in their order; moments are seconds since the origin on the wall clock."""
    bookings = Bookings(Places(grid_s), Codes(grid_s))
    for event in events:
        second = (event.unix_ns - origin_unix_ns) / 1e9
        bookings.places.see(second, event)
        bookings.codes.see(second, event)
    return bookings


def _draw(curve: list[P], point: P, grid_s: float) -> None:
    """Append the point; within one stretch of the grid the last one stays."""
    # Events are ordered by the database, and their clocks may disagree by a little: time never runs back on a curve.
    if curve and point.second < curve[-1].second:
        point = replace(point, second=curve[-1].second)
    if curve and curve[-1].second // grid_s == point.second // grid_s:
        curve.pop()
    curve.append(point)
