"""The arrival pass: what the applicant shows at the office, to read and as a QR code."""

from datetime import date
from io import BytesIO

import msgspec
import segno
from flask import Blueprint, Response

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.slots import Session
from mock_mpaspor.store.visits import Visit, find_visit
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, caller

ROUTES = Blueprint("arrival_pass", __name__)

# Pixels a module, and the white frame in modules that the QR standard asks for.
SCALE = 8
BORDER = 4


class ArrivalPass(msgspec.Struct, frozen=True):
    application_id: str
    office: str
    date: date
    session: Session
    pass_code: str


@ROUTES.get("/v1/applications/<application_id>/arrival-pass")
@operation(
    Operation(
        summary="The arrival pass of an appointment",
        answers={200: ArrivalPass},
        refusals=(ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
    )
)
def show(application_id: str) -> Response:
    visit = find_visit(parts().database, application_id, caller())
    day = date.fromisoformat(visit.date)
    return answer(ArrivalPass(application_id, visit.office, day, Session(visit.session), _code(application_id, visit)))


@ROUTES.get("/v1/applications/<application_id>/arrival-pass.png")
@operation(
    Operation(
        summary="The arrival pass as a QR code",
        answers={200: "image/png"},
        refusals=(ErrorCode.WRONG_STATE,),
        door=Door.SESSION,
    )
)
def draw(application_id: str) -> Response:
    visit = find_visit(parts().database, application_id, caller())
    picture = BytesIO()
    # Error level M still reads with a seventh of the picture lost to a scratched screen.
    segno.make(_code(application_id, visit), error="m", micro=False).save(
        picture, kind="png", scale=SCALE, border=BORDER
    )
    return Response(picture.getvalue(), content_type="image/png")


def _code(application_id: str, visit: Visit) -> str:
    return parts().arrival_passes.code(application_id, visit.slot)
