"""Invariant 13, money honoured: every payment that stands in the bank's ledger bought a place or was given back.

The bank is the truth about money. A debit stands unless the bank returned it; each standing debit must by the end be
either `paid` at the service, with its code and amount, or refunded: exactly one of the two.
"""

from collections import Counter
from dataclasses import dataclass, field

from loket.audit.breaches import Breach
from loket.audit.check import Check, Finding
from loket.audit.history import History
from loket.audit.service_events import MONEY, EventType, application_of, code_of
from loket.audit.sources import Source
from loket.audit.witness import Moment, of_bill, of_entry
from loket.records import Bill, Entry, Event

# A place given up by the applicant forfeits the fee; every other way of losing a paid place is the service's doing.
FORFEITING = "cancelled"
PLACE = frozenset({EventType.HELD, EventType.EXPIRED, EventType.RELEASED})


@dataclass
class Account:
    """All that is known of one billing code somebody paid on."""

    entries: list[Entry] = field(default_factory=list)
    application: str | None = None
    paid: list[Event] = field(default_factory=list)
    refund_numbers: set[str | None] = field(default_factory=set)
    placeless: bool = False
    bill: Bill | None = None

    def ntbs(self, kind: str) -> set[str]:
        return {entry.ntb for entry in self.entries if entry.type == kind}

    @property
    def standing(self) -> list[Entry]:
        """Debits the bank did not return, each once."""
        returned = self.ntbs("returned")
        debits = {entry.ntb: entry for entry in self.entries if entry.type == "debited"}
        return [entry for ntb, entry in debits.items() if ntb not in returned]

    @property
    def honoured(self) -> int:
        """How many debits bought a place: booked as paid, with a place there and kept."""
        return int(bool(self.paid) and not self.placeless)

    @property
    def refunds(self) -> int:
        """How many debits were given back, by whoever told most of them."""
        by_gateway = int(self.bill is not None and self.bill.state == "refunded")
        return max(len(self.ntbs("refunded")), len(self.refund_numbers), by_gateway)

    def take(self, event: Event) -> None:
        """Take in an event that carries the account's code."""
        # A code whose bill came too late to be issued is known by its late payment alone.
        self.application = self.application or event.application_id
        if event.type == EventType.PAID:
            self.paid.append(event)
        elif event.type == EventType.REFUNDED:
            self.refund_numbers.add(event.ntpn)

    def move(self, event: Event) -> None:
        """Take in what happened to the place of the account's application."""
        if event.type == EventType.HELD:
            self.placeless = False
        elif not (self.paid and event.reason == FORFEITING):
            self.placeless = True

    def fault(self) -> str | None:
        """What is wrong with the money now, as the end of a sentence; None if all is well."""
        standing = self.standing
        settled = self.honoured + self.refunds
        if settled > len(standing):
            return "bought a place and was refunded as well" if self.honoured else "was refunded more than once"
        if settled == len(standing):
            return self._wrong_amount()
        if self.application is None:
            return "was paid on a code that the service does not know"
        if self.paid and self.placeless:
            return "was booked as paid, has no place to show for it and was not refunded"
        return "neither bought a place nor was refunded"

    def _wrong_amount(self) -> str | None:
        amounts = {entry.amount_idr for entry in self.standing}
        wrong = [event.amount_idr for event in self.paid if event.amount_idr not in amounts]
        return f"was booked as {wrong[0]}" if wrong and not self.refunds else None

    @property
    def pending(self) -> bool:
        """Whether time alone could still put it right."""
        return self.honoured + self.refunds < len(self.standing)


def _examine(history: History) -> Finding:
    finding = Finding(nothing="no money left any account for good")
    accounts = _accounts(history)
    unsettled = history.unsettled
    waiting = 0
    for code, account in accounts.items():
        finding.examined += len(account.standing)
        fault = account.fault()
        if fault and unsettled and account.pending:
            waiting += 1
        elif fault:
            finding.breaches.add(_breach(history, code, account, fault))
    if waiting:
        finding.doubts.append(f"payments still open: {waiting}, but {unsettled}")
    finding.notes.append(_summary(accounts))
    return finding


def _accounts(history: History) -> dict[str, Account]:
    """Every code with a debit that stands, and what bank, service and gateway say of it."""
    accounts: dict[str, Account] = {}
    for entry in history.ledger():
        accounts.setdefault(entry.billing_code, Account()).entries.append(entry)
    accounts = {code: account for code, account in accounts.items() if account.standing}
    by_application: dict[str, Account] = {}
    for event in history.events():
        if event.type in PLACE:
            if owner := by_application.get(application_of(event)):
                owner.move(event)
        elif event.type in MONEY and (account := accounts.get(code_of(event))):
            account.take(event)
            by_application[application_of(event)] = account
    if history.has(Source.BILLS):
        for bill in history.bills():
            if account := accounts.get(bill.billing_code):
                account.bill = bill
    return accounts


def _breach(history: History, code: str, account: Account, fault: str) -> Breach:
    total = sum(entry.amount_idr for entry in account.standing)
    moments: list[Moment] = [of_entry(history, entry) for entry in account.entries]
    if account.bill:
        moments.append(of_bill(history, account.bill))
    return Breach(
        sentence=f"Payment of {total} rupiah on code {code} (application {account.application}) {fault}.",
        types=MONEY,
        applications=() if account.application is None else (account.application,),
        moments=moments,
    )


def _summary(accounts: dict[str, Account]) -> str:
    paid: Counter[str] = Counter(
        account.paid[-1].reason or "on_time" for account in accounts.values() if account.honoured
    )
    refunds = sum(account.refunds for account in accounts.values())
    confirmed = sum(len(account.ntbs("refunded")) for account in accounts.values())
    return (
        f"{paid['on_time']} honoured on time, {paid['late_honoured']} honoured late, "
        f"{refunds} refunded ({confirmed} of them in the bank's ledger)"
    )


CHECK = Check(
    number=13,
    name="money honoured",
    promise="Every payment that left a bank account bought a place or came back.",
    sources=(Source.LEDGER, Source.EVENTS),
    examine=_examine,
)
