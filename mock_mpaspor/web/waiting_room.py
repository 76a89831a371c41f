"""The waiting room of an office's opening, and the service's time, by which its doors open."""

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.offices import Zone
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.store.waiting_room import Standing
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, caller

ROUTES = Blueprint("waiting_room", __name__)


class Place(msgspec.Struct, frozen=True):
    """Where a ticket stands; `position` and `ahead` are null until the lots are drawn."""

    ticket: str
    position: int | None
    ahead: int | None
    admitted: bool
    retry_after_s: int


class Now(msgspec.Struct, frozen=True):
    """The service's time, and how many times as fast as the wall clock it runs."""

    now: str
    scale: float


@ROUTES.post("/v1/offices/<office>/queue")
@operation(
    Operation(
        "Join the waiting room of an office's opening",
        {201: Place, 200: Place},
        (ErrorCode.UNKNOWN_OFFICE, ErrorCode.NOT_OPEN),
        door=Door.SESSION,
    )
)
def join(office: str) -> Response:
    account_id = caller()
    standing, is_new = parts().waiting_room.join(account_id, find_office(office))
    return answer(_place(standing), 201 if is_new else 200)


@ROUTES.get("/v1/queue/<ticket>")
@operation(Operation("Where a ticket stands", {200: Place}, (ErrorCode.UNKNOWN_TICKET,), door=Door.SESSION))
def look(ticket: str) -> Response:
    account_id = caller()
    return answer(_place(parts().waiting_room.look(ticket, account_id)))


@ROUTES.get("/v1/clock")
@operation(Operation("The service's time", {200: Now}))
def now() -> Response:
    clock = parts().clock
    return answer(Now(Zone.WIB.show(clock()), clock.scale))


def _place(standing: Standing) -> Place:
    return Place(standing.ticket, standing.position, standing.ahead, standing.admitted, standing.retry_after_s)
