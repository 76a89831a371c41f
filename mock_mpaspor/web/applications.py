"""An application: its draft, and how it is read back."""

from typing import Literal

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain.applications import Delivery, Kind, Purpose, Replaced, is_consistent
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.fees import PassportType
from mock_mpaspor.domain.states import LABELS, State
from mock_mpaspor.store.applications import Application, NewApplication
from mock_mpaspor.store.events import read_timeline
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.web.codes import visible_code
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body, caller, trace_id

ROUTES = Blueprint("applications", __name__)


class Draft(msgspec.Struct, frozen=True):
    """What is wanted; `replaced` belongs to a replacement and to nothing else."""

    kind: Kind
    passport_type: PassportType
    validity_years: Literal[5, 10]
    office: str
    purpose: Purpose
    express: bool = False
    replaced: Replaced | None = None
    married: bool = False

    def __post_init__(self) -> None:
        if not is_consistent(self.kind, self.replaced):
            raise ValueError("`replaced` says why, for a REPLACEMENT and for nothing else")


class Standing(msgspec.Struct, frozen=True):
    """Where the application stands now."""

    application_id: str
    state: State
    label: str


class Entry(msgspec.Struct, frozen=True):
    """One application of an account."""

    application_id: str
    kind: Kind
    office: str
    state: State
    label: str
    created_at: str


class Entries(msgspec.Struct, frozen=True):
    """All applications of an account, the newest first."""

    applications: list[Entry]


class Entered(msgspec.Struct, frozen=True):
    """A state, and when it was entered."""

    state: State
    label: str
    at: str


class Status(msgspec.Struct, frozen=True):
    """An application; until a code is asked for, `amount_idr` is what one would cost today.

    `applicant_name` is whom the civil registry confirmed.
    """

    application_id: str
    applicant_name: str | None
    kind: Kind
    replaced: Replaced | None
    passport_type: PassportType
    validity_years: int
    purpose: Purpose
    express: bool
    married: bool
    office: str
    state: State
    label: str
    slot: str | None
    billing_code: str | None
    amount_idr: int
    pay_before: str | None
    queue_number: int | None
    delivery: Delivery
    timeline: list[Entered]


@ROUTES.post("/v1/applications")
@operation(Operation("Begin an application", {201: Standing}, door=Door.SESSION, body=Draft))
def create() -> Response:
    account_id = caller()
    application_id = parts().applications.create(account_id, _wanted(body(Draft)), trace_id())
    return answer(standing(application_id, State.DRAFT), 201)


@ROUTES.put("/v1/applications/<application_id>")
@operation(
    Operation(
        "Change a draft, until somebody is identified for it",
        {200: Standing},
        (ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
        body=Draft,
    )
)
def change(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    parts().applications.change(application, _wanted(body(Draft)))
    return answer(standing(application_id, State.DRAFT))


@ROUTES.get("/v1/applications")
@operation(Operation("List the account's applications", {200: Entries}, door=Door.SESSION))
def list_applications() -> Response:
    return answer(Entries([_entry(application) for application in parts().applications.of_account(caller())]))


@ROUTES.get("/v1/applications/<application_id>")
@operation(Operation("See where an application stands", {200: Status}, door=Door.SESSION))
def show(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    zone = application.office.zone
    timeline = read_timeline(parts().database, application_id)
    pay_before_ns = application.pay_before_ns
    status = Status(
        application_id=application_id,
        applicant_name=application.applicant_name,
        kind=application.kind,
        replaced=application.replaced,
        passport_type=application.passport_type,
        validity_years=application.validity_years,
        purpose=application.purpose,
        express=application.express,
        married=application.married,
        office=application.office.office,
        state=application.state,
        label=LABELS[application.state],
        slot=application.slot,
        billing_code=visible_code(application),
        amount_idr=application.amount_idr,
        pay_before=None if pay_before_ns is None else zone.show(pay_before_ns),
        queue_number=application.queue_number,
        delivery=application.delivery,
        timeline=[Entered(state, LABELS[state], zone.show(parts().clock.at(at_ns))) for state, at_ns in timeline],
    )
    return answer(status)


def _wanted(draft: Draft) -> NewApplication:
    try:
        office = find_office(draft.office)
    except Refusal as refusal:
        raise Refusal(ErrorCode.INVALID, refusal.message) from refusal
    return NewApplication(
        draft.kind,
        draft.passport_type,
        draft.validity_years,
        office,
        draft.purpose,
        draft.express,
        draft.replaced,
        draft.married,
    )


def _entry(application: Application) -> Entry:
    return Entry(
        application_id=application.application_id,
        kind=application.kind,
        office=application.office.office,
        state=application.state,
        label=LABELS[application.state],
        created_at=application.office.zone.show(application.created_ns),
    )


def standing(application_id: str, state: State) -> Standing:
    """The answer to a move: the state with its label."""
    return Standing(application_id, state, LABELS[state])
