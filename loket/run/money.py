"""Money on its way: a debit at the bank that is neither back nor known to the service as a paid application.

The service cannot tell of a payment that has not reached it yet: after a cut between bank, gateway and service it
looks at rest while money is still coming.
"""

from collections.abc import Callable, Iterable, Set

import msgspec

from loket.records import Bill, Entry, Event
from loket.run.feed_reader import UNREAD, FeedReader
from loket.stack.settings import Feed, Feeds

EVENTS = msgspec.json.Decoder(Event)
BILLS = msgspec.json.Decoder(Bill)
LEDGER = msgspec.json.Decoder(Entry)


def unsettled_money(bills: Iterable[Bill], ledger: Iterable[Entry], taken_up: Set[str]) -> int:
    """Debits that stand and that the service does not know of; `taken_up` are the billing codes it holds as paid.

    A debit belongs to the bill that its `ntb` paid: a second payment of the same code has to come back.
    """
    entries = list(ledger)
    returned = {entry.ntb for entry in entries if entry.type in ("returned", "refunded")}
    settled = returned | {bill.ntb for bill in bills if bill.billing_code in taken_up}
    return sum(entry.type == "debited" and entry.ntb not in settled for entry in entries)


def money_on_its_way(feeds: Feeds) -> Callable[[], dict[str, int]]:
    """A question for `await_quiet`; always quiet where one of the feeds is not offered."""
    if not (feeds.service and feeds.simponi and feeds.bank):
        return dict
    service, simponi, bank = feeds.service, feeds.simponi, feeds.bank
    reader = FeedReader()
    payments = _Payments(reader, service)

    def ask() -> dict[str, int]:
        try:
            ledger = LEDGER.decode_lines(reader.ledger(bank))
            bills = BILLS.decode_lines(reader.bills(simponi))
            return {"unsettled_money": unsettled_money(bills, ledger, payments.codes())}
        except UNREAD:
            return {"money_unknown": 1}

    return ask


class _Payments:
    """The billing codes of the applications that the service holds as paid, read on from the last event seen."""

    def __init__(self, reader: FeedReader, service: Feed) -> None:
        self._reader = reader
        self._service = service
        self._last = 0
        self._codes: set[str] = set()

    def codes(self) -> Set[str]:
        while events := EVENTS.decode_lines(self._reader.events(self._service, self._last)):
            self._last = events[-1].seq
            self._codes |= {event.billing_code for event in events if event.type == "paid" and event.billing_code}
        return self._codes
