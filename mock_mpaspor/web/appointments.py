"""After the booking: move the appointment, cancel, choose how the passport is delivered."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.applications import Delivery
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.idempotency import KeyedRequest
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.web.booking import TICKET, TICKET_HEADER
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, answer_json, body, caller, idempotency_key, require_token, trace_id

ROUTES = Blueprint("appointments", __name__)

# Days whose ends fit a database's number of nanoseconds.
FIRST_YEAR, LAST_YEAR = 2000, 2200


class Fault(StrEnum):
    """What went wrong at the office."""

    OFFICER_ERROR = "officer_error"
    SERVER_OFFLINE = "server_offline"
    MISSING_DATA = "missing_data"
    FORCE_MAJEURE = "force_majeure"


class Choice(msgspec.Struct, frozen=True):
    slot: Annotated[str, msgspec.Meta(max_length=80)]


class Moved(msgspec.Struct, frozen=True):
    application_id: str
    slot: str
    state: State


class Cancelled(msgspec.Struct, frozen=True):
    application_id: str
    state: State


class DeliveryChoice(msgspec.Struct, frozen=True):
    method: Delivery
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None


class Delivered(msgspec.Struct, frozen=True):
    application_id: str
    method: Delivery


class OfficeDay(msgspec.Struct, frozen=True):
    office: str
    date: date
    reason: Fault
    application_id: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class Granted(msgspec.Struct, frozen=True):
    applications: int


@ROUTES.post("/v1/applications/<application_id>/reschedule")
@operation(
    Operation(
        summary="Move a paid appointment, once, until the day before it",
        answers={200: Moved},
        refusals=(
            ErrorCode.TOO_LATE,
            ErrorCode.ALREADY_RESCHEDULED,
            ErrorCode.SLOT_FULL,
            ErrorCode.SOLD_OUT,
            ErrorCode.NOT_OPEN,
            ErrorCode.WRONG_LANE,
            ErrorCode.WRONG_STATE,
            ErrorCode.QUEUE_FIRST,
        ),
        door=Door.SESSION,
        body=Choice,
        keyed=True,
        headers=(TICKET,),
    )
)
def reschedule(application_id: str) -> Response:
    account_id = caller()
    slot = body(Choice).slot
    keyed = _keyed(account_id, application_id, f"reschedule {application_id} {slot}")
    ticket = request.headers.get(TICKET_HEADER)
    return answer_json(parts().appointments.reschedule(keyed, slot, ticket).body, 200)


@ROUTES.post("/v1/applications/<application_id>/cancel")
@operation(
    Operation(
        summary="Cancel an application before its payment; a place goes back",
        answers={200: Cancelled},
        refusals=(ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
        keyed=True,
    )
)
def cancel(application_id: str) -> Response:
    keyed = _keyed(caller(), application_id, f"cancel {application_id}")
    return answer_json(parts().cancellations.cancel(keyed).body, 200)


@ROUTES.put("/v1/applications/<application_id>/delivery")
@operation(
    Operation(
        summary="Choose how the passport reaches its holder",
        answers={200: Delivered},
        refusals=(ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
        body=DeliveryChoice,
    )
)
def choose_delivery(application_id: str) -> Response:
    account_id = caller()
    chosen = body(DeliveryChoice)
    by_post = chosen.method is Delivery.POST
    if by_post and chosen.address is None:
        raise Refusal(ErrorCode.INVALID, "A passport sent by post needs an `address`.")
    address = chosen.address if by_post else None
    parts().deliveries.choose(application_id, account_id, chosen.method, address, trace_id())
    return answer(Delivered(application_id, chosen.method))


@ROUTES.post("/admin/special-reschedules")
@operation(
    Operation(
        summary="Let whoever was booked on an office-day, all or one, move once more, also on the day and after it",
        answers={201: Granted},
        door=Door.ADMIN,
        body=OfficeDay,
    )
)
def grant_special_reschedules() -> Response:
    require_token(parts().admin_token)
    wanted = body(OfficeDay)
    try:
        office = find_office(wanted.office)
    except Refusal as refusal:
        raise Refusal(ErrorCode.INVALID, refusal.message) from refusal
    if not FIRST_YEAR <= wanted.date.year <= LAST_YEAR:
        raise Refusal(ErrorCode.INVALID, f"`date` lies between {FIRST_YEAR} and {LAST_YEAR}.")
    day, only = wanted.date.isoformat(), wanted.application_id
    number = parts().special_reschedules.grant(office, day, wanted.reason, only)
    return answer(Granted(number), 201)


def _keyed(account_id: str, application_id: str, fingerprint: str) -> KeyedRequest:
    return KeyedRequest(account_id, idempotency_key(), application_id, fingerprint, trace_id())
