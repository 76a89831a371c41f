"""The bank over HTTP, and how its parts are put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Annotated

import msgspec
from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mock_mpaspor.outside.amount import AmountIdr
from mock_mpaspor.outside.backoff import Backoff
from mock_mpaspor.outside.bank.accounts import Accounts, Order, PaymentState
from mock_mpaspor.outside.bank.cashier import Cashier
from mock_mpaspor.outside.bank.channels import Channel
from mock_mpaspor.outside.bank.ledger import Ledger, feed_line
from mock_mpaspor.outside.bank.settlement import Settlement, Turn
from mock_mpaspor.outside.clock import Clock
from mock_mpaspor.outside.errands import Errands
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.front import answer, answer_feed, open_front, read_body, traceparent
from mock_mpaspor.outside.peer import Peer
from mock_mpaspor.outside.settings import BankSettings, Front
from mock_mpaspor.outside.system import System

NAME = "bank"
LONGEST_KEY = 200
# So many unanswered payments are asked about at once.
CLERKS = 4


class PayRequest(msgspec.Struct, frozen=True):
    billing_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{15}$")]
    amount_idr: AmountIdr
    channel: Channel


class RefundRequest(msgspec.Struct, frozen=True):
    billing_code: str
    ntpn: str
    ntb: str


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bank says of a payment."""

    ntb: str
    state: PaymentState
    ntpn: str | None = None


@dataclass(frozen=True)
class Movements(Collector):
    """Read from the accounts at each scrape, so that a restart does not begin at nothing."""

    accounts: Accounts

    def collect(self) -> Iterator[Metric]:
        moved = CounterMetricFamily("bank_movements", "Lines of the ledger by type.", labels=["type"])
        for movement, number in self.accounts.movements().items():
            moved.add_metric([movement], number)
        yield moved
        pending = len(self.accounts.pending())
        yield GaugeMetricFamily("bank_payments_pending", "Debits that SIMPONI has not answered for.", value=pending)


def create_app(front: Front, registry: CollectorRegistry, accounts: Accounts, cashier: Cashier) -> Flask:
    """The bank's routes over its accounts."""
    app = open_front(NAME, front, registry)
    payments = Counter("bank_payments", "Payments answered.", ["channel", "state"], registry=registry)

    @app.post("/pay")
    def pay() -> Response:
        asked = read_body(PayRequest)
        order = Order(asked.billing_code, asked.amount_idr, asked.channel)
        payment = cashier.pay(order, _idempotency_key(), traceparent())
        payments.labels(asked.channel, payment.state).inc()
        if payment.state is PaymentState.RETURNED:
            raise Refusal(Code.PAYMENT_REFUSED, word=payment.reason)
        if payment.state is PaymentState.PENDING:
            return answer(Receipt(payment.ntb, payment.state), 202)
        # A later refund does not change what the key's answer was.
        return answer(Receipt(payment.ntb, PaymentState.PAID, payment.ntpn), 201)

    @app.post("/refunds")
    def refund() -> Response:
        asked = read_body(RefundRequest)
        payment = accounts.refund(asked.ntb, asked.billing_code, asked.ntpn)
        return answer(Receipt(payment.ntb, payment.state, payment.ntpn))

    @app.get("/feed/ledger")
    def feed() -> Response:
        return answer_feed((feed_line(line) for line in accounts.feed()), front)

    return app


def open_system(settings: BankSettings, clock: Clock, rng: Random) -> System:
    """The bank over its ledger; debits that a former process left open are followed to their end."""
    registry = CollectorRegistry()
    ledger = Ledger(settings.ledger_path)
    accounts = Accounts(ledger, clock, rng)
    simponi = Peer(settings.simponi_url, settings.timeout_s, connections=settings.front.threads)
    attempts = Counter("bank_attempts", "Payments told to SIMPONI.", ["turn", "result"], registry=registry)
    settlement = Settlement(accounts, simponi, attempts)

    def settles(ntb: str) -> bool:
        return settlement.attempt(ntb, Turn.RETRY).state is not PaymentState.PENDING

    unsettled = Errands(settles, clock, rng, Backoff(), threads=CLERKS)
    for payment in accounts.pending():
        unsettled.add(payment.ntb)
    registry.register(Movements(accounts))

    def close() -> None:
        simponi.close()
        ledger.close()

    app = create_app(settings.front, registry, accounts, Cashier(accounts, settlement, unsettled))
    return System(app, (unsettled,), close)


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        raise Refusal(Code.INVALID, f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters")
    return key
