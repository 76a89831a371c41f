"""The book-keeping of places, from the audit feed alone: who had which place after each event."""

from collections import defaultdict
from collections.abc import Iterable


class DoubleBookingError(AssertionError):
    """A place was given twice, or to somebody who had one."""


class PlaceBook:
    """Follows the feed event by event; `taken` and `holders` are what stands after the last."""

    def __init__(self) -> None:
        self.capacity: dict[str, int] = {}
        self.taken: dict[str, int] = defaultdict(int)
        self.holders: dict[str, str] = {}
        self._slots: dict[str, str] = {}

    def follow(self, events: Iterable[dict[str, object]]) -> "PlaceBook":
        """Raises DoubleBookingError at the first event after which more is taken than there is."""
        for event in events:
            match event["type"]:
                case "slot_opened":
                    self.capacity[str(event["slot"])] = int(str(event["capacity"]))
                case "held":
                    self._held(event)
                case "released":
                    self._released(event)
        return self

    def _held(self, event: dict[str, object]) -> None:
        application, applicant, slot = (str(event[name]) for name in ("application_id", "applicant", "slot"))
        if applicant in self.holders:
            raise DoubleBookingError(f"{applicant} has {self.holders[applicant]} and gets {slot}")
        self.holders[applicant] = slot
        self._slots[application] = applicant
        self.taken[slot] += 1
        if self.taken[slot] > self.capacity[slot]:
            raise DoubleBookingError(f"{slot} has {self.capacity[slot]} places, {self.taken[slot]} are taken")

    def _released(self, event: dict[str, object]) -> None:
        slot = str(event["slot"])
        applicant = self._slots.pop(str(event["application_id"]))
        assert self.holders.pop(applicant) == slot, "a place came back that its holder did not have"
        self.taken[slot] -= 1
