"""Unknown outcomes resolved: what a client could not know, the service's events and the bank's ledger can."""

from collections import Counter
from collections.abc import Iterable

from loket.audit.journal import Journal
from loket.audit.operations import LogicalOperation, Resolution
from loket.audit.service_events import EventType
from loket.audit.steps import Step
from loket.records import Entry, Event
from loket.verdict import Resolved

# Past this share of all writes the history has too many holes for a promise to be called kept.
UNRESOLVED_LIMIT = 0.01


def doubt(resolved: Resolved) -> str | None:
    """Why the history has too many holes, or None."""
    if resolved.unresolved <= UNRESOLVED_LIMIT * resolved.writes:
        return None
    return (
        f"the outcome of {resolved.unresolved} of {resolved.writes} writes is unknown, more than {UNRESOLVED_LIMIT:.0%}"
    )


def resolve(
    journal: Journal,
    events: Iterable[Event] | None,
    ledger: Iterable[Entry] | None,
    *,
    settled: bool,
) -> Resolved:
    """Count the writes by outcome. A source that is None was not read to its end.

    What left no trace is `void` only if the run had `settled`: before that it may still arrive.
    """
    known: Counter[Resolution] = Counter()
    unknown: list[LogicalOperation] = []
    for operation in journal.operations.values():
        resolution = operation.resolution
        if resolution is Resolution.INFO:
            unknown.append(operation)
        else:
            known[resolution] += 1
    booked, debited = _booked(events, {operation.key for operation in unknown}), _debited(ledger)
    fates: Counter[str] = Counter()
    for operation in unknown:
        if operation.step == Step.PAY:
            fates[_fate(_code_paid(operation, journal), debited, settled)] += 1
        else:
            fates[_fate(operation.key, booked, settled)] += 1
    return Resolved(
        ok=known[Resolution.OK],
        refused=known[Resolution.FAIL],
        recovered=fates["recovered"],
        void=fates["void"],
        unresolved=fates["unresolved"],
    )


def _fate(trace: str | None, traces: set[str] | None, settled: bool) -> str:
    """What became of an operation that would have left `trace` among `traces`; None is what nobody knows."""
    if trace is None or traces is None:
        return "unresolved"
    if trace in traces:
        return "recovered"
    return "void" if settled else "unresolved"


def _code_paid(operation: LogicalOperation, journal: Journal) -> str | None:
    """The code that a payment was for: as the payment names it, or as the person had seen it."""
    sight = journal.codes_seen.get(operation.application_id or "")
    return operation.billing_code or (sight.billing_code if sight else None)


def _booked(events: Iterable[Event] | None, keys: set[str]) -> set[str] | None:
    """Those of the keys that left a booking or a billing request behind."""
    if events is None:
        return None
    return {
        event.key
        for event in events
        if event.key in keys and event.type in (EventType.HELD, EventType.BILLING_REQUESTED)
    }


def _debited(ledger: Iterable[Entry] | None) -> set[str] | None:
    return None if ledger is None else {entry.billing_code for entry in ledger if entry.type == "debited"}
