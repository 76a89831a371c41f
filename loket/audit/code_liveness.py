"""Invariant 11, code liveness: every booking gets its payment code in the end, or its place goes back."""

from enum import Enum

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import BOOKING, EventType, application_of
from loket.audit.sources import Source
from loket.records import Event

# Places that ask for no code (any more): late money has its code, a moved appointment is paid or queued already, and a
# number in the counter queue (APAPO) is paid at the counter.
ASKS_FOR_NO_CODE = frozenset({"late_payment", "rescheduled", "apapo"})

# Assumption: the expiry job comes round within this time, so a hold may outlive its limit by it.
LAPSE_GRACE_S = 5.0


class _Stage(Enum):
    """What a booking's code waits for; the values end the sentence of a violation."""

    HELD = "held a place without asking for a code, beyond the time a hold lasts"
    ASKED = "asked for a code and got neither a code nor a final failure"
    FAILED = "was finally refused a code and its place did not go back"
    SERVED = "has its code, or needs none"
    RETURNED = "gave its place back"


_NEXT: dict[str, _Stage] = {
    EventType.BILLING_REQUESTED: _Stage.ASKED,
    EventType.BILL_ISSUED: _Stage.SERVED,
    EventType.BILLING_FAILED: _Stage.FAILED,
    EventType.RELEASED: _Stage.RETURNED,
}


def _after(stage: _Stage, event: Event) -> _Stage:
    if stage is _Stage.RETURNED:
        return stage
    if stage is _Stage.SERVED and event.type != EventType.RELEASED:
        return stage
    return _NEXT[event.type]


def _examine(history: History) -> Finding:
    bookings = _bookings(history)
    finding = Finding(nothing="no place was ever held", examined=len(bookings))
    stuck: dict[str, _Stage] = {
        application: stage for application, (stage, _) in bookings.items() if stage in (_Stage.ASKED, _Stage.FAILED)
    }
    idle = {application: held_ns for application, (stage, held_ns) in bookings.items() if stage is _Stage.HELD}
    limit_s = history.agreement.hold_ttl_s
    if idle and limit_s is None:
        finding.doubts.append(f"places held to the end: {len(idle)}; how long one may be held is not known")
    elif limit_s is not None:
        stuck |= {app: _Stage.HELD for app, held_ns in idle.items() if _overdue(history, held_ns, limit_s)}
    unsettled = history.unsettled
    if stuck and unsettled:
        finding.doubts.append(f"bookings still waiting for their code: {len(stuck)}, but {unsettled}")
        return finding
    for application, stage in stuck.items():
        sentence = f"Application {application} {stage.value}."
        finding.breaches.add(Breach(sentence=sentence, types=BOOKING, applications=(application,)))
    return finding


def _bookings(history: History) -> dict[str, tuple[_Stage, int]]:
    """Each application that ever held a place: how far its code came, and when (unix ns) it last took a place."""
    bookings: dict[str, tuple[_Stage, int]] = {}
    for event in history.events():
        if event.type == EventType.HELD:
            stage = _Stage.SERVED if event.reason in ASKS_FOR_NO_CODE else _Stage.HELD
            bookings[application_of(event)] = (stage, event.unix_ns)
        elif event.type in _NEXT and (application := application_of(event)) in bookings:
            stage, held_ns = bookings[application]
            bookings[application] = (_after(stage, event), held_ns)
    return bookings


def _overdue(history: History, held_ns: int, limit_s: float) -> bool:
    """Whether a hold without a billing request should have lapsed before the run came to rest, if it did."""
    rest_ns = history.rested_unix_ns
    return rest_ns is None or held_ns + (limit_s + LAPSE_GRACE_S) * 1e9 < rest_ns


CHECK = Check(
    number=11,
    name="code liveness",
    promise="Every booking gets its payment code in the end, or its place goes back.",
    sources=(Source.EVENTS,),
    examine=_examine,
)
