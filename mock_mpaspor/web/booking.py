"""Booking: hold a place, ask for the billing code, see it."""

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.applications import Application
from mock_mpaspor.store.holds import Held
from mock_mpaspor.store.idempotency import KeyedRequest
from mock_mpaspor.web.codes import visible_code
from mock_mpaspor.web.operations import Door, Header, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, answer_json, body, caller, idempotency_key, trace_id

ROUTES = Blueprint("booking", __name__)

TICKET_HEADER = "X-Queue-Ticket"
TICKET = Header(TICKET_HEADER, {"type": "string"}, description="The ticket of the waiting room, while it is on.")


class Choice(msgspec.Struct, frozen=True):
    """The slot wanted."""

    slot: Annotated[str, msgspec.Meta(max_length=80)]


class BillingRequested(msgspec.Struct, frozen=True):
    """A code was ordered."""

    application_id: str
    state: State


class Pending(msgspec.Struct, frozen=True):
    """No code yet; ask again."""

    state: State


class Bill(msgspec.Struct, frozen=True):
    """What to pay, and until when."""

    billing_code: str
    amount_idr: int
    pay_before: str
    state: State


@ROUTES.post("/v1/applications/<application_id>/hold")
@operation(
    Operation(
        "Hold a place",
        {201: Held},
        (
            ErrorCode.SLOT_FULL,
            ErrorCode.SOLD_OUT,
            ErrorCode.NOT_OPEN,
            ErrorCode.ALREADY_BOOKED,
            ErrorCode.WRONG_STATE,
            ErrorCode.WRONG_LANE,
            ErrorCode.INTERVIEW_FIRST,
            ErrorCode.QUEUE_FIRST,
        ),
        door=Door.SESSION,
        body=Choice,
        keyed=True,
        headers=(TICKET,),
    )
)
def hold(application_id: str) -> Response:
    account_id = caller()
    slot = body(Choice).slot
    keyed = _keyed(account_id, application_id, f"hold {application_id} {slot}")
    answered = parts().holds.hold(keyed, slot, request.headers.get(TICKET_HEADER))
    return answer_json(answered.body, 201)


@ROUTES.post("/v1/applications/<application_id>/billing")
@operation(
    Operation(
        "Ask for the billing code",
        {202: BillingRequested},
        (ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
        keyed=True,
    )
)
def request_billing(application_id: str) -> Response:
    keyed = _keyed(caller(), application_id, f"billing {application_id}")
    answered = parts().billing_requests.request(keyed)
    if not answered.replayed:
        parts().metrics.codes.labels("requested").inc()
    return answer_json(answered.body, 202)


@ROUTES.get("/v1/applications/<application_id>/billing")
@operation(
    Operation(
        "The billing code, once it is issued",
        {200: Bill, 202: Pending},
        (ErrorCode.BILLING_FAILED, ErrorCode.WRONG_STATE),
        door=Door.SESSION,
    )
)
def show_billing(application_id: str) -> Response:
    return show_bill(parts().applications.find(application_id, caller()))


def show_bill(application: Application) -> Response:
    """Where the code of an application stands. Raises Refusal(BILLING_FAILED) and Refusal(WRONG_STATE)."""
    if application.state is State.BILLING_REQUESTED:
        return answer(Pending(application.state), 202)
    if application.state is State.BILLING_FAILED:
        raise Refusal(ErrorCode.BILLING_FAILED)
    # A code that came after the service had given up has no deadline, and is not offered for payment.
    code = None if application.pay_before_ns is None else visible_code(application)
    if code is None or application.pay_before_ns is None:
        raise Refusal(ErrorCode.WRONG_STATE)
    pay_before = application.office.zone.show(application.pay_before_ns)
    # Nobody is invited to pay once the time is over, whether or not expiry has come round.
    over = application.state is State.AWAITING_PAYMENT and application.pay_before_ns <= parts().clock()
    return answer(Bill(code, application.amount_idr, pay_before, State.EXPIRED if over else application.state))


def _keyed(account_id: str, application_id: str, fingerprint: str) -> KeyedRequest:
    return KeyedRequest(account_id, idempotency_key(), application_id, fingerprint, trace_id())
