"""Brings a debit to its end: asks SIMPONI to take the payment; only a definite answer ends it."""

from enum import StrEnum

import msgspec
from prometheus_client import Counter

from mock_mpaspor.decoders import decoder
from mock_mpaspor.outside.bank.accounts import Accounts, Payment, PaymentState
from mock_mpaspor.outside.bank.channels import Channel
from mock_mpaspor.outside.front import tracing
from mock_mpaspor.outside.peer import NoAnswer, Peer, Reply


class PaymentOrder(msgspec.Struct, frozen=True):
    """What SIMPONI is told; the same ntb is the same payment, however often it is told."""

    billing_code: str
    amount_idr: int
    ntb: str
    channel: Channel


class Taken(msgspec.Struct, frozen=True):
    ntpn: str


class Turn(StrEnum):
    """Whether a person waits for the attempt, or the bank asks again by itself."""

    FIRST = "first"
    RETRY = "retry"


class Settlement:
    """`attempts` counts by turn and result: paid, refused, unanswered (no answer, or one that settles nothing)."""

    def __init__(self, accounts: Accounts, simponi: Peer, attempts: Counter) -> None:
        self._accounts = accounts
        self._simponi = simponi
        self._attempts = attempts

    def attempt(self, ntb: str, turn: Turn) -> Payment:
        """Ask SIMPONI once, unless the payment has ended; the payment as it stands then."""
        payment = self._accounts.find(ntb)
        if payment.state is not PaymentState.PENDING:
            return payment
        order = payment.order
        told = PaymentOrder(order.billing_code, order.amount_idr, ntb, order.channel)
        reply = self._simponi.post("/payments", msgspec.json.encode(told), tracing(payment.traceparent))
        return self._conclude(ntb, turn, reply)

    def _conclude(self, ntb: str, turn: Turn, reply: Reply | NoAnswer) -> Payment:
        if isinstance(reply, Reply) and (ntpn := _ntpn(reply)) is not None:
            self._attempts.labels(turn, "paid").inc()
            return self._accounts.settle(ntb, ntpn)
        if isinstance(reply, Reply) and (reason := reply.refusal()) is not None:
            self._attempts.labels(turn, "refused").inc()
            return self._accounts.give_back(ntb, reason)
        self._attempts.labels(turn, "unanswered").inc()
        return self._accounts.find(ntb)


def _ntpn(reply: Reply) -> str | None:
    """The ntpn of an acceptance; None where the reply is none, or something else than SIMPONI gave it."""
    try:
        return decoder(Taken).decode(reply.body).ntpn if reply.accepted else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
