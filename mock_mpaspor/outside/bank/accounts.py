"""The bank's payments, rebuilt from its ledger: what was debited, and how each debit ended.

Every change is on the ledger before it is known here, and decided under one lock: a key never debits twice.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from mock_mpaspor.outside.bank.channels import Channel
from mock_mpaspor.outside.bank.ledger import Ledger, Line, Movement
from mock_mpaspor.outside.clock import Clock
from mock_mpaspor.outside.errors import Code, Refusal


class PaymentState(StrEnum):
    PENDING = "pending"  # the money has left the account; SIMPONI has not said what became of it
    PAID = "paid"
    RETURNED = "returned"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Order:
    """What a person asks of the bank."""

    billing_code: str
    amount_idr: int
    channel: Channel


@dataclass(frozen=True)
class Payment:
    """One debit. `reason` is why it was returned; `ntpn` is there once SIMPONI has taken it."""

    order: Order
    ntb: str
    key: str | None
    traceparent: str | None
    state: PaymentState = PaymentState.PENDING
    ntpn: str | None = None
    reason: str | None = None


class Accounts:
    """`rng` draws the ntb of each debit."""

    def __init__(self, ledger: Ledger, clock: Clock, rng: Random) -> None:
        self._ledger = ledger
        self._clock = clock
        self._rng = rng
        self._lock = threading.Lock()
        self._by_ntb: dict[str, Payment] = {}
        self._ntb_by_key: dict[str, str] = {}
        self._movements = dict.fromkeys(Movement, 0)
        for line in ledger.lines():
            self._remember(line)

    def debit(self, order: Order, key: str, traceparent: str | None) -> tuple[Payment, bool]:
        """The key's payment, and whether this call took the money. Refusal where the key stands for another order."""
        with self._lock:
            known = self._ntb_by_key.get(key)
            if known is None:
                ntb = self._new_ntb()
                self._write(Movement.DEBITED, order, ntb, key=key, traceparent=traceparent)
                return self._by_ntb[ntb], True
            if self._by_ntb[known].order != order:
                raise Refusal(Code.KEY_REUSED)
            return self._by_ntb[known], False

    def settle(self, ntb: str, ntpn: str) -> Payment:
        """SIMPONI took the payment."""
        with self._lock:
            payment = self._by_ntb[ntb]
            if payment.state is PaymentState.PENDING:
                self._by_ntb[ntb] = replace(payment, state=PaymentState.PAID, ntpn=ntpn)
            return self._by_ntb[ntb]

    def give_back(self, ntb: str, reason: str) -> Payment:
        """SIMPONI definitely refused: the money goes back, unless the payment ended before."""
        with self._lock:
            payment = self._by_ntb[ntb]
            if payment.state is PaymentState.PENDING:
                self._write(Movement.RETURNED, payment.order, ntb, reason=reason)
            return self._by_ntb[ntb]

    def refund(self, ntb: str, billing_code: str, ntpn: str) -> Payment:
        """Give the money back on SIMPONI's word, once; a pending payment was thereby taken by SIMPONI.

        Refusal where there is no such debit, or its money was returned before.
        """
        with self._lock:
            payment = self._by_ntb.get(ntb)
            if payment is None or payment.order.billing_code != billing_code:
                raise Refusal(Code.UNKNOWN_PAYMENT)
            if payment.state is PaymentState.RETURNED:
                raise Refusal(Code.ALREADY_RETURNED)
            if payment.state is not PaymentState.REFUNDED:
                self._write(Movement.REFUNDED, payment.order, ntb, ntpn=ntpn)
            return self._by_ntb[ntb]

    def find(self, ntb: str) -> Payment:
        with self._lock:
            return self._by_ntb[ntb]

    def pending(self) -> list[Payment]:
        """Debits whose end is not known, in the order of the ledger."""
        with self._lock:
            return [payment for payment in self._by_ntb.values() if payment.state is PaymentState.PENDING]

    def movements(self) -> dict[Movement, int]:
        """How many lines of each type the ledger has."""
        with self._lock:
            return dict(self._movements)

    def feed(self) -> Iterator[Line]:
        """The ledger as it stands on disk."""
        return self._ledger.lines()

    def _new_ntb(self) -> str:
        while (ntb := f"{self._rng.randrange(10**12):012d}") in self._by_ntb:
            continue
        return ntb

    def _write(
        self,
        movement: Movement,
        order: Order,
        ntb: str,
        *,
        key: str | None = None,
        traceparent: str | None = None,
        reason: str | None = None,
        ntpn: str | None = None,
    ) -> None:
        line = Line(
            seq=sum(self._movements.values()) + 1,
            unix_ns=self._clock.unix_ns(),
            type=movement,
            billing_code=order.billing_code,
            amount_idr=order.amount_idr,
            ntb=ntb,
            channel=order.channel,
            key=key,
            traceparent=traceparent,
            reason=reason,
            ntpn=ntpn,
        )
        self._ledger.append(line)
        self._remember(line)

    def _remember(self, line: Line) -> None:
        self._movements[line.type] += 1
        if line.type is Movement.DEBITED:
            order = Order(line.billing_code, line.amount_idr, line.channel)
            self._by_ntb[line.ntb] = Payment(order, line.ntb, line.key, line.traceparent)
            if line.key is not None:
                self._ntb_by_key[line.key] = line.ntb
            return
        payment = self._by_ntb[line.ntb]
        ended = PaymentState.RETURNED if line.type is Movement.RETURNED else PaymentState.REFUNDED
        self._by_ntb[line.ntb] = replace(payment, state=ended, reason=line.reason, ntpn=line.ntpn or payment.ntpn)
