"""SIMPONI's callback: signed, at least once, and answered alike however often it comes."""

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.billing import is_ntpn
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store.payments import Payment
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body, trace_id

ROUTES = Blueprint("callbacks", __name__)


class _Notice(msgspec.Struct, frozen=True):
    event_id: str
    billing_code: str
    ntpn: str
    ntb: str
    amount_idr: int
    paid_at: str


@ROUTES.post("/v1/callbacks/simponi")
def receive_payment() -> Response:
    timestamp = request.headers.get("X-Simponi-Timestamp", "")
    signature = request.headers.get("X-Simponi-Signature", "")
    parts().callback_signature.verify(timestamp, request.get_data(), signature)
    notice = body(_Notice)
    if not is_ntpn(notice.ntpn):
        raise Refusal(ErrorCode.INVALID, "An NTPN has 16 capitals and digits.")
    payment = Payment(notice.billing_code, notice.ntpn, notice.amount_idr)
    return answer({"result": parts().payments.settle(payment, trace_id())})
