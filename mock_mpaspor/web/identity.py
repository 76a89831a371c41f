"""Whom an application is for, and whether they are entitled to it; the interview that some must pass first."""

from datetime import date

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain import nik
from mock_mpaspor.domain.eligibility import is_entitled, is_minor
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.states import State, may_move
from mock_mpaspor.web.accounts import Name
from mock_mpaspor.web.applications import Standing, standing
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.registry import confirm
from mock_mpaspor.web.requests import answer, body, caller, trace_id

ROUTES = Blueprint("identity", __name__)


class StatedIdentity(msgspec.Struct, frozen=True):
    """Who the passport is for."""

    nik: str
    name: Name
    birth_date: date
    sex: Sex

    def __repr__(self) -> str:
        return "StatedIdentity(…)"


@ROUTES.put("/v1/applications/<application_id>/identity")
@operation(
    Operation(
        "State whom the passport is for; the civil registry confirms it",
        {200: Standing},
        (
            ErrorCode.IDENTITY_INVALID,
            ErrorCode.NOT_ELIGIBLE,
            ErrorCode.WRONG_STATE,
            ErrorCode.TOO_MANY_APPLICANTS,
            ErrorCode.DUKCAPIL_UNAVAILABLE,
            ErrorCode.TOO_MANY_ATTEMPTS,
        ),
        door=Door.SESSION,
        body=StatedIdentity,
    )
)
def identify(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    stated = body(StatedIdentity)
    if not may_move(application.state, State.NIK_VERIFIED):
        raise Refusal(ErrorCode.WRONG_STATE)
    # Assumption: the rules of age look at the day on which the identity is stated.
    today = application.office.zone.day(parts().clock())
    identity = plausible(stated, today)
    minor = is_minor(stated.birth_date, application.married, today)
    if not is_entitled(application.validity_years, minor):
        raise Refusal(ErrorCode.NOT_ELIGIBLE)
    confirm(application.account_id, identity)
    parts().applications.identify(application, identity, minor, trace_id())
    return answer(standing(application_id, State.NIK_VERIFIED))


@ROUTES.post("/v1/applications/<application_id>/referral")
@operation(
    Operation("Ask for the interview that comes first", {200: Standing}, (ErrorCode.WRONG_STATE,), door=Door.SESSION)
)
def refer(application_id: str) -> Response:
    parts().applications.find(application_id, caller())
    parts().referrals.refer(application_id, trace_id())
    return answer(standing(application_id, State.REFERRED))


def plausible(stated: StatedIdentity, today: date) -> Identity:
    """The identity to ask Dukcapil about. Raises Refusal(IDENTITY_INVALID) where the NIK itself speaks against it."""
    if stated.birth_date > today or not nik.is_valid(stated.nik, stated.birth_date, stated.sex):
        raise Refusal(ErrorCode.IDENTITY_INVALID)
    return Identity(stated.nik, stated.name, stated.birth_date, stated.sex)
