"""SIMPONI's callback: signed, at least once, and answered alike however often it comes."""

from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.billing import is_ntpn
from mock_mpaspor.domain.clock import instant_ns
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store.payments import Outcome, Payment
from mock_mpaspor.web.bodies import LARGEST_JSON, decode
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, raw_body, trace_id

ROUTES = Blueprint("callbacks", __name__)


class PaymentNotice(msgspec.Struct, frozen=True):
    """What SIMPONI tells of a payment; the NTPN says whether it was told before."""

    event_id: str
    billing_code: str
    ntpn: str
    ntb: str
    amount_idr: int
    paid_at: Annotated[datetime, msgspec.Meta(tz=True)]


class Settled(msgspec.Struct, frozen=True):
    """What became of the payment."""

    result: Outcome


@ROUTES.post("/v1/callbacks/simponi")
@operation(
    Operation(
        "SIMPONI tells of a payment",
        {200: Settled},
        refusals=(ErrorCode.UNKNOWN_CODE, ErrorCode.WRONG_AMOUNT),
        door=Door.SIGNATURE,
        body=PaymentNotice,
    )
)
def receive_payment() -> Response:
    timestamp = request.headers.get("X-Simponi-Timestamp", "")
    signature = request.headers.get("X-Simponi-Signature", "")
    # Of a stranger not even the body is waited for.
    parts().callback_signature.require_recent(timestamp, signature)
    raw = raw_body(parts().entrances.callbacks, LARGEST_JSON)
    parts().callback_signature.verify(timestamp, raw, signature)
    notice = decode(raw, PaymentNotice)
    if not is_ntpn(notice.ntpn):
        raise Refusal(ErrorCode.INVALID, "An NTPN has 16 capitals and digits.")
    payment = Payment(notice.billing_code, notice.ntpn, notice.amount_idr, instant_ns(notice.paid_at))
    return answer(Settled(parts().payments.settle(payment, trace_id())))
