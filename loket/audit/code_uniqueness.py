"""Invariant 9, codes unique: a payment code belongs to one application, in the service's events and at the gateway."""

from collections.abc import Iterable, Iterator

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import EventType, application_of, code_of
from loket.audit.sources import Source
from loket.audit.witness import Moment, of_bill


def _examine(history: History) -> Finding:
    finding = Finding(nothing="no payment code was ever issued")
    with_bills = history.has(Source.BILLS)
    if not with_bills:
        finding.notes.append("by the service's events alone: the gateway's bills were not read")
    owner: dict[str, str] = {}
    shared: dict[str, set[str]] = {}
    for code, application in _owners(history, with_bills):
        first = owner.setdefault(code, application)
        if first != application:
            shared.setdefault(code, {first}).add(application)
    finding.examined = len(owner)
    moments = _bill_moments(history, shared) if with_bills else {}
    for code, applications in shared.items():
        finding.breaches.add(_shared(code, sorted(applications), moments.get(code, [])))
    return finding


def _owners(history: History, with_bills: bool) -> Iterator[tuple[str, str]]:
    """Every claim that a code belongs to an application."""
    for event in history.events():
        if event.type == EventType.BILL_ISSUED:
            yield code_of(event), application_of(event)
    if with_bills:
        for bill in history.bills():
            yield bill.billing_code, bill.reference


def _bill_moments(history: History, codes: Iterable[str]) -> dict[str, list[Moment]]:
    moments: dict[str, list[Moment]] = {code: [] for code in codes}
    if moments:
        for bill in history.bills():
            if bill.billing_code in moments:
                moments[bill.billing_code].append(of_bill(history, bill))
    return moments


def _shared(code: str, applications: list[str], moments: list[Moment]) -> Breach:
    return Breach(
        sentence=f"Payment code {code} was given to {len(applications)} applications: {', '.join(applications)}.",
        types=(EventType.BILL_ISSUED,),
        applications=applications,
        moments=moments,
    )


CHECK = Check(
    number=9,
    name="codes unique",
    promise="No two applications share a payment code.",
    sources=(Source.EVENTS,),
    examine=_examine,
)
