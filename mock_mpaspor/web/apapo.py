"""APAPO: a number in the counter queue, taken from home."""

from typing import Annotated

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain import nik
from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.offices import Zone
from mock_mpaspor.store.apapo import Ticket
from mock_mpaspor.store.idempotency import Answer, KeyedRequest
from mock_mpaspor.web.identity import StatedIdentity, plausible
from mock_mpaspor.web.operations import Door, Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.registry import confirm
from mock_mpaspor.web.requests import answer_json, body, caller, idempotency_key, trace_id

ROUTES = Blueprint("apapo", __name__)


class TicketWanted(StatedIdentity, frozen=True, kw_only=True):
    """For whom, and when."""

    slot: Annotated[str, msgspec.Meta(max_length=80)]


@ROUTES.post("/v1/apapo/tickets")
@operation(
    Operation(
        "Take a number in the counter queue",
        {201: Ticket},
        (
            ErrorCode.SLOT_FULL,
            ErrorCode.SOLD_OUT,
            ErrorCode.NOT_OPEN,
            ErrorCode.ALREADY_BOOKED,
            ErrorCode.WRONG_LANE,
            ErrorCode.TOO_MANY_APPLICANTS,
            ErrorCode.IDENTITY_INVALID,
            ErrorCode.DUKCAPIL_UNAVAILABLE,
            ErrorCode.TOO_MANY_ATTEMPTS,
        ),
        door=Door.SESSION,
        body=TicketWanted,
        keyed=True,
    )
)
def take_ticket() -> Response:
    account_id = caller()
    wanted = body(TicketWanted)
    # Whoever was born today was so first in the east, wherever the slot is.
    identity = plausible(wanted, Zone.WIT.day(parts().clock()))
    asked = f"apapo {wanted.slot} {fingerprint(identity)}"
    keyed = KeyedRequest(account_id, idempotency_key(), "", asked, trace_id())
    seen = parts().apapo.look(keyed, wanted.slot, identity)
    if not isinstance(seen, Answer):
        confirm(account_id, identity)
        seen = parts().apapo.take(keyed, wanted.slot, identity)
    return answer_json(seen.body, 201)


def fingerprint(identity: Identity) -> str:
    """Tells one stated identity from another, and nothing about either."""
    stated = f"{identity.nik}/{identity.birth_date}/{identity.sex}/{identity.name}"
    return nik.keyed_hash(stated, parts().identity_secret)
