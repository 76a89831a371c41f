"""Money on its way: a debit at the bank that is neither back nor known to the service as a paid application.

The service cannot tell of a payment that has not reached it yet: after a cut between bank, gateway and service it
looks at rest while money is still coming.
"""

from collections.abc import Callable, Iterable, Set
from typing import TypeVar

import msgspec

from loket.records import Bill, Entry, Event, Row
from loket.stack.probe import Probe, Unanswered
from loket.stack.settings import Feed, Feeds

PAGE = 5000
FEED_TIMEOUT_S = 10.0
AnyRow = TypeVar("AnyRow", bound=Row)


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
    probe = Probe()
    payments = _Payments(probe, service)

    def ask() -> dict[str, int]:
        try:
            ledger = _rows(probe, bank, "/feed/ledger", Entry)
            bills = _rows(probe, simponi, "/feed/bills", Bill)
            return {"unsettled_money": unsettled_money(bills, ledger, payments.codes())}
        except (Unanswered, msgspec.MsgspecError, UnicodeDecodeError):
            return {"money_unknown": 1}

    return ask


class _Payments:
    """The billing codes of the applications that the service holds as paid, read on from the last event seen."""

    def __init__(self, probe: Probe, service: Feed) -> None:
        self._probe = probe
        self._service = service
        self._last = 0
        self._codes: set[str] = set()

    def codes(self) -> Set[str]:
        while events := _rows(self._probe, self._service, f"/audit/events?after={self._last}&limit={PAGE}", Event):
            self._last = events[-1].seq
            self._codes |= {event.billing_code for event in events if event.type == "paid" and event.billing_code}
        return self._codes


def _rows(probe: Probe, feed: Feed, path: str, kind: type[AnyRow]) -> list[AnyRow]:
    return msgspec.json.Decoder(kind).decode_lines(probe.get(f"{feed.url}{path}", feed.token, FEED_TIMEOUT_S))
