"""Invariant 5, at most once: one request makes one booking at most, however often it was sent."""

from collections import defaultdict

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.operations import LogicalOperation
from loket.audit.service_events import EventType, application_of
from loket.audit.sources import Source
from loket.audit.witness import of_operation

ONCE = frozenset({EventType.HELD, EventType.BILLING_REQUESTED})
WITNESS = frozenset({*ONCE, EventType.RELEASED})


def _examine(history: History) -> Finding:
    finding = Finding(nothing="no request ever made a booking")
    seen: set[tuple[str, str]] = set()
    rows: dict[tuple[str, str], int] = defaultdict(lambda: 1)
    holding: dict[str, str | None] = {}
    doubled: dict[str, int] = defaultdict(lambda: 1)
    for event in history.events():
        if event.type in ONCE and event.key is not None:
            effect = (event.type, event.key)
            if effect in seen:
                rows[effect] += 1
            seen.add(effect)
        if event.type == EventType.HELD:
            application = application_of(event)
            # The same key twice is one breach, told by its key.
            if application in holding and (event.key is None or holding[application] != event.key):
                doubled[application] += 1
            holding[application] = event.key
        elif event.type == EventType.RELEASED:
            holding.pop(application_of(event), None)
    finding.examined = len(seen)
    operations = history.journal.operations
    for (effect_type, key), count in rows.items():
        finding.breaches.add(_repeated(history, operations.get(key), effect_type, key, count))
    for application, count in doubled.items():
        sentence = f"Application {application} held {count} places at once."
        finding.breaches.add(Breach(sentence=sentence, types=WITNESS, applications=(application,)))
    return finding


def _repeated(history: History, operation: LogicalOperation | None, effect: str, key: str, count: int) -> Breach:
    return Breach(
        sentence=f"One request (key {key}) made {count} {effect} events; it may make one at most.",
        types=WITNESS,
        keys=(key,),
        moments=of_operation(history, operation) if operation else [],
    )


CHECK = Check(
    number=5,
    name="at most once",
    promise="One request makes at most one booking, however often it was sent.",
    sources=(Source.JOURNAL, Source.EVENTS),
    examine=_examine,
)
