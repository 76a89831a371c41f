"""SIMPONI over HTTP, and how its parts are put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mock_mpaspor.outside.backoff import Backoff
from mock_mpaspor.outside.clock import Clock, rfc3339
from mock_mpaspor.outside.errands import Errands
from mock_mpaspor.outside.front import answer, answer_feed, open_front, read_body, traceparent
from mock_mpaspor.outside.peer import Peer
from mock_mpaspor.outside.settings import Front, SimponiSettings
from mock_mpaspor.outside.simponi import messages
from mock_mpaspor.outside.simponi.bills import BillBook, Payment
from mock_mpaspor.outside.simponi.books import Books
from mock_mpaspor.outside.simponi.callbacks import Messenger
from mock_mpaspor.outside.simponi.notices import Notice, NoticeBook
from mock_mpaspor.outside.simponi.refunds import Refunds
from mock_mpaspor.outside.system import System

NAME = "simponi"
# So many callbacks are under way at once: a slow M-Paspor must not make one wait for all before it.
MESSENGERS = 8


@dataclass(frozen=True)
class Counters(Collector):
    """Read at each scrape from the books and the queue, so that a restart does not begin at nothing."""

    bills: BillBook
    callbacks: Errands[Notice]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        bills = GaugeMetricFamily("simponi_bills", "Bills by state.", labels=["state"])
        for state, number in self.bills.count().items():
            bills.add_metric([state], number)
        yield bills
        yield GaugeMetricFamily(
            "simponi_callbacks_pending", "Payments M-Paspor has not acknowledged.", value=self.callbacks.pending()
        )


def create_app(
    front: Front, registry: CollectorRegistry, bills: BillBook, refunds: Refunds, callbacks: Errands[Notice]
) -> Flask:
    """SIMPONI's routes over its books; whoever pays a bill leaves a notice in `callbacks`."""
    app = open_front(NAME, front, registry)

    @app.post("/bills")
    def issue() -> Response:
        order = read_body(messages.BillRequest)
        bill, new = bills.issue(order.reference, order.amount_idr)
        issued = messages.IssuedBill(bill.billing_code, bill.amount_idr, rfc3339(bill.valid_until_unix_ns))
        return answer(issued, 201 if new else 200)

    @app.get("/bills")
    def reconcile() -> Response:
        bill = bills.find_by_reference(request.args.get("reference", ""))
        return answer(messages.BillList([] if bill is None else [messages.view(bill)]))

    @app.get("/bills/<billing_code>")
    def show(billing_code: str) -> Response:
        return answer(messages.view(bills.find(billing_code)))

    @app.post("/bills/<billing_code>/refund")
    def refund(billing_code: str) -> Response:
        ntpn = read_body(messages.RefundRequest).ntpn
        return answer(messages.view(refunds.give_back(billing_code, ntpn, traceparent())))

    @app.post("/payments")
    def pay() -> Response:
        order = read_body(messages.PaymentRequest)
        payment = Payment(order.billing_code, order.amount_idr, order.ntb, order.channel)
        bill, notice = bills.pay(payment, traceparent())
        if notice is not None:
            callbacks.add(notice)
        return answer(messages.TakenPayment(bill.ntpn or "", rfc3339(bill.paid_unix_ns or 0)), 201)

    @app.get("/feed/bills")
    def feed() -> Response:
        return answer_feed((messages.feed_line(bill) for bill in bills.all()), front)

    return app


def open_system(settings: SimponiSettings, clock: Clock, rng: Random) -> System:
    """SIMPONI over its database; notices that a former process still owed are owed again."""
    registry = CollectorRegistry()
    books = Books(settings.database_path, rng)
    bills, notices = BillBook(books, clock, settings.validity_s, settings.pace), NoticeBook(books, clock)
    owner = Peer(settings.callback_url, settings.timeout_s, connections=MESSENGERS)
    bank = Peer(settings.bank_url, settings.timeout_s, connections=settings.front.threads)
    attempts = Counter("simponi_callback_attempts", "Callbacks by result.", ["result"], registry=registry)
    messenger = Messenger(notices, owner, settings.callback_secret, clock, attempts)
    callbacks = Errands(messenger.deliver, clock, rng, Backoff(), threads=MESSENGERS)
    for notice in notices.owed():
        callbacks.add(notice)
    registry.register(Counters(bills, callbacks))
    refunds = Refunds(bills, bank, at_once=max(1, settings.front.threads // 2))
    app = create_app(settings.front, registry, bills, refunds, callbacks)

    def close() -> None:
        for part in (owner, bank, books):
            part.close()

    return System(app, (callbacks,), close)
