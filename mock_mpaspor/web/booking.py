"""Booking: hold a place, ask for the billing code, see it."""

from typing import Annotated

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.idempotency import KeyedRequest
from mock_mpaspor.web.codes import visible_code
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, answer_json, body, caller, idempotency_key, trace_id

ROUTES = Blueprint("booking", __name__)


class _Choice(msgspec.Struct, frozen=True):
    slot: Annotated[str, msgspec.Meta(max_length=80)]


@ROUTES.post("/v1/applications/<application_id>/hold")
def hold(application_id: str) -> Response:
    account_id = caller()
    slot = body(_Choice).slot
    answered = parts().holds.hold(_keyed(account_id, application_id, f"hold {application_id} {slot}"), slot)
    return answer_json(answered.body, 201)


@ROUTES.post("/v1/applications/<application_id>/billing")
def request_billing(application_id: str) -> Response:
    keyed = _keyed(caller(), application_id, f"billing {application_id}")
    answered = parts().billing_requests.request(keyed)
    if not answered.replayed:
        parts().metrics.codes.labels("requested").inc()
    return answer_json(answered.body, 202)


@ROUTES.get("/v1/applications/<application_id>/billing")
def show_billing(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    if application.state is State.BILLING_REQUESTED:
        return answer({"state": application.state}, 202)
    if application.state is State.BILLING_FAILED:
        raise Refusal(ErrorCode.BILLING_FAILED)
    # A code that came after the service had given up has no deadline, and is not offered for payment.
    if application.billing_code is None or application.pay_before_ns is None:
        raise Refusal(ErrorCode.WRONG_STATE)
    content = {
        "billing_code": visible_code(application),
        "amount_idr": application.amount_idr,
        "pay_before": application.office.zone.show(application.pay_before_ns),
        "state": application.state,
    }
    return answer(content)


def _keyed(account_id: str, application_id: str, fingerprint: str) -> KeyedRequest:
    return KeyedRequest(account_id, idempotency_key(), application_id, fingerprint, trace_id())
