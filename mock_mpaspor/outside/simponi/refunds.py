"""Gives the money of a paid bill back: the bank first, the book once the bank has confirmed.

A bank that hangs must not take the threads that issue codes: so many refunds wait for it at once, and no more.
"""

import threading

import msgspec

from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.front import tracing
from mock_mpaspor.outside.peer import NoAnswer, Peer
from mock_mpaspor.outside.simponi.bills import Bill, BillBook, BillState


class RefundOrder(msgspec.Struct, frozen=True):
    """What the bank is asked to give back."""

    billing_code: str
    ntpn: str
    ntb: str


class Refunds:
    """`at_once` refunds may wait for the bank; one more is refused without asking it."""

    def __init__(self, bills: BillBook, bank: Peer, at_once: int) -> None:
        self._bills = bills
        self._bank = bank
        self._places = threading.BoundedSemaphore(at_once)

    def give_back(self, billing_code: str, ntpn: str, traceparent: str | None) -> Bill:
        """The bill as refunded. Refusal where it was not paid under this ntpn, or while the bank has not confirmed."""
        bill = self._bills.find(billing_code)
        if bill.ntpn is None or bill.ntb is None:
            raise Refusal(Code.NOT_PAID)
        if bill.ntpn != ntpn:
            raise Refusal(Code.WRONG_NTPN)
        if bill.state is not BillState.REFUNDED:
            if not self._confirmed(RefundOrder(billing_code, ntpn, bill.ntb), traceparent):
                raise Refusal(Code.BANK_UNAVAILABLE)
            self._bills.refund(billing_code)
        return self._bills.find(billing_code)

    def _confirmed(self, order: RefundOrder, traceparent: str | None) -> bool:
        if not self._places.acquire(blocking=False):
            return False
        try:
            reply = self._bank.post("/refunds", msgspec.json.encode(order), tracing(traceparent))
        finally:
            self._places.release()
        return not isinstance(reply, NoAnswer) and reply.accepted
