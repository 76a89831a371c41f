"""Invariant 10, at most one payable bill a booking: nobody can be made to pay twice for one place."""

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import EventType
from loket.audit.sources import Source
from loket.audit.witness import of_bill
from loket.records import Bill

# A paid bill counts: an open one beside it asks for the same fee again.
PAYABLE = frozenset({"open", "paid"})


def _examine(history: History) -> Finding:
    finding = Finding(nothing="the gateway has no bill")
    first: dict[str, Bill] = {}
    several: dict[str, list[Bill]] = {}
    references: set[str] = set()
    for bill in history.bills():
        references.add(bill.reference)
        if bill.state in PAYABLE and first.setdefault(bill.reference, bill) is not bill:
            several.setdefault(bill.reference, [first[bill.reference]]).append(bill)
    finding.examined = len(references)
    for reference, bills in several.items():
        finding.breaches.add(_several(history, reference, bills))
    return finding


def _several(history: History, reference: str, bills: list[Bill]) -> Breach:
    told = ", ".join(f"{bill.billing_code} ({bill.state})" for bill in bills)
    return Breach(
        sentence=f"Application {reference} has {len(bills)} bills that are payable or paid: {told}.",
        types=(EventType.BILLING_REQUESTED, EventType.BILL_ISSUED) if history.has(Source.EVENTS) else (),
        applications=(reference,),
        moments=[of_bill(history, bill) for bill in bills],
    )


CHECK = Check(
    number=10,
    name="one payable bill",
    promise="A booking has at most one bill that is payable or paid.",
    sources=(Source.BILLS,),
    examine=_examine,
)
