"""Invariant 2, conservation: places neither appear nor vanish; free + held + paid is the capacity at every moment.

Free places are what the events imply (capacity less holds plus releases), so the sum breaks exactly where a place is
given back that nobody held, is paid for without being held, or stays with an application that has ended.
"""

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import BOOKING, EventType, application_of, slot_of
from loket.audit.sources import Source
from loket.records import Event

# Why an application was cancelled: its owner gave it up, place and all.
BY_ITS_OWNER = "cancelled"


class _Places:
    """Who holds a place where, event by event."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding
        self._held: dict[str, list[str]] = {}
        self._ended: set[str] = set()

    def hold(self, event: Event) -> None:
        application = application_of(event)
        self.settle(application)
        self._held.setdefault(application, []).append(slot_of(event))
        self._finding.examined += 1

    def release(self, event: Event) -> None:
        application, slot = application_of(event), slot_of(event)
        held = self._held.get(application, [])
        if slot not in held:
            self._breach(application, f"gave back a place in slot {slot} that it did not hold")
            return
        held.remove(slot)
        if not held:
            del self._held[application]

    def pay(self, event: Event) -> None:
        application = application_of(event)
        if application not in self._held:
            self._breach(application, "was counted as paid without holding a place")
        self._ended.discard(application)

    def end(self, event: Event) -> None:
        self._ended.add(application_of(event))

    def cancel(self, event: Event) -> None:
        """A place that was cancelled comes back; a passport that nobody collected had its place used."""
        if event.reason == BY_ITS_OWNER:
            self.end(event)

    def settle(self, application: str) -> None:
        """Report the place of an application that has ended, if it still has one."""
        if application in self._ended:
            self._ended.discard(application)
            if application in self._held:
                self._breach(application, "ended and its place was never given back")

    def leaks(self) -> list[str]:
        """Applications that have ended and still hold a place."""
        return sorted(application for application in self._ended if application in self._held)

    def _breach(self, application: str, what: str) -> None:
        self._finding.breaches.add(
            Breach(sentence=f"Application {application} {what}.", types=BOOKING, applications=(application,))
        )


def _examine(history: History) -> Finding:
    finding = Finding(nothing="no place was ever held")
    places = _Places(finding)
    take = {
        EventType.HELD: places.hold,
        EventType.RELEASED: places.release,
        EventType.PAID: places.pay,
        EventType.EXPIRED: places.end,
        EventType.BILLING_FAILED: places.end,
        EventType.CANCELLED: places.cancel,
    }
    by_name = {str(name): action for name, action in take.items()}
    for event in history.events():
        if action := by_name.get(event.type):
            action(event)
    leaks = places.leaks()
    unsettled = history.unsettled
    if leaks and unsettled:
        finding.doubts.append(f"applications that ended and still hold their place: {len(leaks)}, but {unsettled}")
    else:
        for application in leaks:
            places.settle(application)
    return finding


CHECK = Check(
    number=2,
    name="conservation",
    promise="Places neither appear nor vanish: each is free, held or paid, and comes back once from one that ended.",
    sources=(Source.EVENTS,),
    examine=_examine,
)
