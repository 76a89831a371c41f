"""Takes a payment order: debits once a key, asks SIMPONI at once, and leaves what stays open to the errands."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mock_mpaspor.outside.bank.accounts import Accounts, Order, Payment, PaymentState
from mock_mpaspor.outside.bank.settlement import Settlement, Turn
from mock_mpaspor.outside.errands import Errands


class Cashier:
    """`unsettled` holds the ntb of each debit that SIMPONI has not answered for."""

    def __init__(self, accounts: Accounts, settlement: Settlement, unsettled: Errands[str]) -> None:
        self._accounts = accounts
        self._settlement = settlement
        self._unsettled = unsettled
        self._serving: set[str] = set()
        self._served = threading.Condition()

    def pay(self, order: Order, key: str, traceparent: str | None) -> Payment:
        """The key's payment as it stands; the same key again gives the same payment. Refusal for another order."""
        with self._alone(key):
            payment, new = self._accounts.debit(order, key, traceparent)
            return self._settle_now(payment.ntb) if new else payment

    def _settle_now(self, ntb: str) -> Payment:
        try:
            return self._settlement.attempt(ntb, Turn.FIRST)
        finally:
            # Whatever happened to the attempt, money that has left an account is followed to its end.
            if self._accounts.find(ntb).state is PaymentState.PENDING:
                self._unsettled.add(ntb)

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Requests of one key come one after another, so that a repeat hears what became of the first."""
        with self._served:
            self._served.wait_for(lambda: key not in self._serving)
            self._serving.add(key)
        try:
            yield
        finally:
            with self._served:
                self._serving.discard(key)
                self._served.notify_all()
