"""The counter: clerks of an office receive people who have priority and no appointment."""

from typing import Literal

from flask import Blueprint, Response

from mock_mpaspor.domain.eligibility import is_entitled, is_minor
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.fees import PassportType
from mock_mpaspor.domain.grounds import Ground, holds_for
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.store.idempotency import KeyedRequest
from mock_mpaspor.store.walk_ins import Received, WalkIn, counter_of
from mock_mpaspor.web.apapo import fingerprint
from mock_mpaspor.web.booking import Bill, Pending, show_bill
from mock_mpaspor.web.identity import StatedIdentity, plausible
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer_json, body, idempotency_key, require_token, trace_id

ROUTES = Blueprint("counter", __name__)


class WalkInWanted(StatedIdentity, frozen=True, kw_only=True):
    """Who stands at the counter, why they need no appointment, and the passport wanted."""

    office: str
    ground: Ground
    passport_type: PassportType
    validity_years: Literal[5, 10]


@ROUTES.post("/office/walk-ins")
@operation(
    Operation(
        "Receive somebody who has priority",
        {201: Received},
        (
            ErrorCode.SOLD_OUT,
            ErrorCode.ALREADY_BOOKED,
            ErrorCode.NOT_ELIGIBLE,
            ErrorCode.IDENTITY_INVALID,
            ErrorCode.DUKCAPIL_UNAVAILABLE,
        ),
        door=Door.OFFICE,
        body=WalkInWanted,
        keyed=True,
    )
)
def receive() -> Response:
    _require_clerk()
    wanted = body(WalkInWanted)
    if wanted.office not in OFFICES:
        raise Refusal(ErrorCode.INVALID, "There is no such office.")
    office = OFFICES[wanted.office]
    identity = plausible(wanted, office.zone.day(parts().clock()))
    asked = f"walk-in {wanted.ground} {wanted.passport_type} {wanted.validity_years} {fingerprint(identity)}"
    keyed = KeyedRequest(counter_of(office), idempotency_key(), "", asked, trace_id())
    answered = parts().walk_ins.known(keyed)
    if not answered:
        _judge(wanted, office)
        parts().dukcapil.confirm(identity, keyed.trace_id)
        walk_in = WalkIn(office, identity, wanted.passport_type, wanted.validity_years)
        answered = parts().walk_ins.receive(keyed, walk_in)
    if not answered.replayed:
        parts().metrics.codes.labels("requested").inc()
    return answer_json(answered.body, 201)


@ROUTES.get("/office/applications/<application_id>/billing")
@operation(
    Operation(
        "The billing code of a walk-in, once it is issued",
        {200: Bill, 202: Pending},
        (ErrorCode.UNKNOWN_APPLICATION, ErrorCode.BILLING_FAILED, ErrorCode.WRONG_STATE),
        door=Door.OFFICE,
    )
)
def show_billing(application_id: str) -> Response:
    _require_clerk()
    owner = parts().walk_ins.owner(application_id)
    return show_bill(parts().applications.find(application_id, owner))


def _require_clerk() -> None:
    """Raises Refusal(WRONG_TOKEN), always where the service has no office token."""
    if not parts().office_token:
        raise Refusal(ErrorCode.WRONG_TOKEN)
    require_token(parts().office_token)


def _judge(wanted: WalkInWanted, office: Office) -> None:
    """Raises Refusal(NOT_ELIGIBLE)."""
    today = office.zone.day(parts().clock())
    if not holds_for(wanted.ground, wanted.birth_date, wanted.sex, today):
        raise Refusal(ErrorCode.NOT_ELIGIBLE)
    # Assumption: nobody is asked at the counter whether a minor is married.
    if not is_entitled(wanted.validity_years, is_minor(wanted.birth_date, False, today)):
        raise Refusal(ErrorCode.NOT_ELIGIBLE)
