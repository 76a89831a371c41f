"""Behind tokens: releases of quota, and the audit's view of what happened and what still moves."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.slots import Lane, Session
from mock_mpaspor.store.events import read_feed
from mock_mpaspor.store.figures import Pending
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.web.operations import Door, Operation, Query, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body, require_token

ROUTES = Blueprint("administration", __name__)

LARGEST_PAGE = 10_000
# More digits than this do not fit a database's number.
LONGEST_NUMBER = 18
# The last nanosecond that a database's number holds: in April 2262.
LATEST_NS = 2**63 - 1
_WHOLE = {"type": "integer", "minimum": 0, "maximum": 10**LONGEST_NUMBER - 1}


class _Release(msgspec.Struct, frozen=True):
    office: str
    opens_at: Annotated[datetime, msgspec.Meta(tz=True)]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    places: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    lane: Lane = Lane.ONLINE


class ReleasedSlot(msgspec.Struct, frozen=True):
    """One slot that was made."""

    slot: str
    date: date
    session: Session
    lane: Lane
    capacity: int


class Released(msgspec.Struct, frozen=True):
    """What was made available, by date."""

    slots: list[ReleasedSlot]


@ROUTES.post("/admin/releases")
@operation(Operation("Release places", {201: Released}, door=Door.ADMIN, body=_Release))
def release() -> Response:
    require_token(parts().admin_token)
    wanted = body(_Release)
    try:
        office = find_office(wanted.office)
    except Refusal as refusal:
        raise Refusal(ErrorCode.INVALID, refusal.message) from refusal
    opens_ns = int(wanted.opens_at.timestamp() * NS_PER_S)
    if not 0 <= opens_ns <= LATEST_NS:
        raise Refusal(ErrorCode.INVALID, "`opens_at` lies between 1970 and 2262.")
    plans = parts().releases.release(office, opens_ns, wanted.days, wanted.places, wanted.lane)
    slots = [ReleasedSlot(plan.slot, plan.day, plan.session, plan.lane, plan.capacity) for plan in plans]
    return answer(Released(slots), 201)


@ROUTES.get("/audit/events")
@operation(
    Operation(
        "The events, ascending, one a line",
        {200: "application/x-ndjson"},
        door=Door.AUDIT,
        query=(
            Query("after", _WHOLE, description="The last `seq` that the reader has."),
            Query("limit", _WHOLE, description=f"How many events at most; {LARGEST_PAGE} whatever is asked."),
        ),
    )
)
def feed() -> Response:
    require_token(parts().audit_token)
    lines = read_feed(parts().database, _whole("after", 0), min(_whole("limit", 1_000), LARGEST_PAGE))
    return Response(lines, content_type="application/x-ndjson")


@ROUTES.get("/audit/pending")
@operation(Operation("What has not come to its end, counted", {200: Pending}, door=Door.AUDIT))
def pending() -> Response:
    require_token(parts().audit_token)
    return answer(parts().figures.pending())


def _whole(name: str, default: int) -> int:
    raw = request.args.get(name, str(default))
    if not (raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_NUMBER):
        raise Refusal(ErrorCode.INVALID, f"`{name}` is a whole number.")
    return int(raw)
