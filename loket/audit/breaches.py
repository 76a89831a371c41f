"""Breaches found by a check: counted exactly, kept as a small sample, and proved by a witness at the end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from loket.audit import witness
from loket.audit.history import History
from loket.records import Event
from loket.verdict import Violation

SAMPLE = 5
# A witness is minimal, but a service gone mad can write a thousand events about one booking.
WITNESS_EVENTS = 12


@dataclass
class Breach:
    """One broken promise. Its witness: the `events` given, those of `types` about `applications` or with `keys`, and
    the `moments` that others wrote down."""

    sentence: str
    types: Collection[str] = ()
    applications: Collection[str] = ()
    keys: Collection[str] = ()
    events: list[Event] = field(default_factory=list)
    moments: list[witness.Moment] = field(default_factory=list)

    def concerns(self, event: Event) -> bool:
        return event.type in self.types and (event.application_id in self.applications or event.key in self.keys)


class Breaches:
    """All breaches of one check."""

    def __init__(self) -> None:
        self.count = 0
        self._sample: list[Breach] = []

    @property
    def room(self) -> bool:
        """Whether the next breach would still be part of the sample, so that its witness is worth making."""
        return len(self._sample) < SAMPLE

    def add(self, breach: Breach) -> None:
        self.count += 1
        if self.room:
            self._sample.append(breach)

    def violations(self, history: History) -> tuple[Violation, ...]:
        """The sample with its witnesses; reads the events once more, only if they are asked for."""
        searching = [breach for breach in self._sample if breach.types]
        if searching:
            _collect(searching, history.events())
        return tuple(
            Violation(
                sentence=breach.sentence,
                witness=witness.ordered(history, breach.events, breach.moments),
            )
            for breach in self._sample
        )


def _collect(breaches: list[Breach], events: Iterable[Event]) -> None:
    for event in events:
        for breach in breaches:
            if len(breach.events) < WITNESS_EVENTS and breach.concerns(event):
                breach.events.append(event)
