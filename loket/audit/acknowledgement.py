"""Invariant 3, no lost acknowledgement: what a person was told is booked exists in the service's events."""

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.operations import LogicalOperation, Resolution
from loket.audit.service_events import BOOKING, EventType, application_of
from loket.audit.sources import Source
from loket.audit.steps import Step
from loket.audit.witness import of_operation

# The event that must exist for an accepted write.
TRACE: dict[str, EventType] = {
    Step.HOLD_SLOT: EventType.HELD,
    Step.REQUEST_BILLING: EventType.BILLING_REQUESTED,
}


def _examine(history: History) -> Finding:
    finding = Finding(nothing="nothing was ever acknowledged")
    acknowledged = {
        operation.key: operation
        for operation in history.journal.operations.values()
        if operation.step in TRACE and operation.resolution is Resolution.OK
    }
    finding.examined = len(acknowledged)
    traces = frozenset(str(trace) for trace in TRACE.values())
    for event in history.events():
        if event.type in traces and event.key in acknowledged:
            operation = acknowledged[event.key]
            if event.type == TRACE[operation.step] and _same_application(operation, application_of(event)):
                del acknowledged[event.key]
    for operation in acknowledged.values():
        finding.breaches.add(_lost(history, operation))
    return finding


def _same_application(operation: LogicalOperation, application: str) -> bool:
    return operation.application_id is None or operation.application_id == application


def _lost(history: History, operation: LogicalOperation) -> Breach:
    application = operation.application_id
    return Breach(
        sentence=(
            f"Person {operation.user} of {operation.worker} was told that {operation.step} succeeded for application "
            f"{application}, and the service has no {TRACE[operation.step]} event for it."
        ),
        types=BOOKING,
        applications=() if application is None else (application,),
        keys=(operation.key,),
        moments=of_operation(history, operation),
    )


CHECK = Check(
    number=3,
    name="no lost acknowledgement",
    promise="Whoever was told that a place is held, or a code is on its way, has it in the service's books.",
    sources=(Source.JOURNAL, Source.EVENTS),
    examine=_examine,
)
