"""Witnesses: the few lines that prove a violation, each with its time and with who wrote it down."""

from collections.abc import Iterable
from dataclasses import dataclass

from loket.audit.history import History
from loket.audit.operations import LogicalOperation, Resolution
from loket.records import Bill, Entry, Event

_KNOWN = {
    Resolution.OK: "accepted",
    Resolution.FAIL: "refused",
    Resolution.INFO: "outcome never learnt",
}
_EVENT_FIELDS = (
    "application_id",
    "slot",
    "capacity",
    "key",
    "billing_code",
    "amount_idr",
    "ntpn",
    "reason",
    "attempt",
)


@dataclass(frozen=True)
class Moment:
    """One line of a witness, and the second of the run it belongs to."""

    second: float
    text: str

    def __str__(self) -> str:
        return f"{self.second:.3f} s  {self.text}"


def of_event(history: History, event: Event) -> Moment:
    told = ((field.removesuffix("_id").removesuffix("_idr"), getattr(event, field)) for field in _EVENT_FIELDS)
    facts = ", ".join(f"{name} {value}" for name, value in told if value is not None)
    return Moment(history.second_unix(event.unix_ns), f"service #{event.seq}: {event.type} ({facts})")


def of_operation(history: History, operation: LogicalOperation) -> list[Moment]:
    """When the person first asked, and when the last answer came, if any did."""
    person = f"person {operation.user} of {operation.worker}"
    asked = Moment(
        history.second(operation.invoked_ns),
        f"{person}: {operation.step} asked (key {operation.key}, attempts: {operation.attempts})",
    )
    if operation.returned_ns is None:
        return [asked]
    answer = f"{person}: {operation.step} {_KNOWN[operation.resolution]} (key {operation.key})"
    return [asked, Moment(history.second(operation.returned_ns), answer)]


def of_bill(history: History, bill: Bill) -> Moment:
    text = f"gateway: bill {bill.billing_code} for {bill.reference}, {bill.amount_idr}, in the end {bill.state}"
    return Moment(history.second_unix(bill.issued_unix_ns), text)


def of_entry(history: History, entry: Entry) -> Moment:
    text = f"bank #{entry.seq}: {entry.type} {entry.amount_idr} for {entry.billing_code} (ntb {entry.ntb})"
    return Moment(history.second_unix(entry.unix_ns), text)


def ordered(history: History, events: Iterable[Event], others: Iterable[Moment]) -> tuple[str, ...]:
    """All lines by time; the events keep the order of the database even where its clock went back."""
    lines: list[tuple[float, Moment]] = [(moment.second, moment) for moment in others]
    latest = float("-inf")
    for event in sorted(events, key=lambda event: event.seq):
        moment = of_event(history, event)
        latest = max(latest, moment.second)
        lines.append((latest, moment))
    return tuple(str(moment) for _, moment in sorted(lines, key=lambda line: line[0]))
