"""Invariant 1, no overbooking: at no moment do more applications hold a place in a slot than it has places."""

from dataclasses import dataclass, field

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import EventType, application_of, capacity_of, slot_of
from loket.audit.sources import Source
from loket.records import Event

# The last holders show the moment of overbooking; all of them would be the whole slot.
HOLDERS_SHOWN = 3


@dataclass
class _Slot:
    """A slot as the events so far tell it. `holds` has one event for each place given and not yet given back."""

    opened: Event | None = None
    capacity: int = 0
    holds: dict[str, list[Event]] = field(default_factory=dict)
    taken: int = 0
    was_full: bool = False

    def open(self, event: Event) -> None:
        # Assumption: a slot opened again has the new capacity, not the sum.
        self.opened, self.capacity = event, capacity_of(event)

    def hold(self, event: Event) -> bool:
        """Take a place; False if there was none."""
        self.holds.setdefault(application_of(event), []).append(event)
        self.taken += 1
        self.was_full |= self.taken >= self.capacity
        return self.taken <= self.capacity

    def release(self, application: str) -> None:
        """Give a place back. A release without a hold gives back nothing: it is conservation's matter."""
        held = self.holds.get(application)
        if held:
            self.taken -= 1
            held.pop()
            if not held:
                del self.holds[application]

    def last_holds(self) -> list[Event]:
        holds = sorted((event for held in self.holds.values() for event in held), key=lambda event: event.seq)
        return holds[-HOLDERS_SHOWN:]


def _examine(history: History) -> Finding:
    finding = Finding(nothing="no place was ever held")
    slots: dict[str, _Slot] = {}
    for event in history.events():
        if event.type == EventType.SLOT_OPENED:
            slots.setdefault(slot_of(event), _Slot()).open(event)
        elif event.type == EventType.HELD:
            finding.examined += 1
            slot = slots.setdefault(slot_of(event), _Slot())
            if not slot.hold(event):
                _overbooked(finding, slot, event)
        elif event.type == EventType.RELEASED:
            slots.setdefault(slot_of(event), _Slot()).release(application_of(event))
    full = sum(slot.was_full for slot in slots.values())
    finding.notes.append(f"{full} of {len(slots)} slots were full at some moment")
    return finding


def _overbooked(finding: Finding, slot: _Slot, event: Event) -> None:
    if slot.opened is None:
        sentence = f"Slot {event.slot} gave a place to application {event.application_id} and was never opened."
        witness = [event]
    else:
        sentence = (
            f"Slot {event.slot} has room for {slot.capacity} and gave a place to application {event.application_id} "
            f"as holder number {slot.taken}."
        )
        witness = [slot.opened, *slot.last_holds()] if finding.breaches.room else []
    finding.breaches.add(Breach(sentence=sentence, events=witness))


CHECK = Check(
    number=1,
    name="no overbooking",
    promise="No slot ever gives out more places than it has.",
    sources=(Source.EVENTS,),
    examine=_examine,
)
