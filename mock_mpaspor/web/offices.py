"""Offices and what is free at them."""

from flask import Blueprint, Response

from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer

ROUTES = Blueprint("offices", __name__)


@ROUTES.get("/v1/offices")
def list_offices() -> Response:
    offices = [
        {
            "office": office.office,
            "name": office.name,
            "class": office.office_class,
            "zone": office.zone.name,
            "daily_quota": office.daily_quota,
        }
        for office in OFFICES.values()
    ]
    return answer({"offices": offices})


@ROUTES.get("/v1/offices/<office>/availability")
def show_availability(office: str) -> Response:
    available = parts().releases.availability(find_office(office))
    opens_ns = available.opens_ns
    content = {
        "office": office,
        "opens_at": None if opens_ns is None else available.office.zone.show(opens_ns),
        "open": available.is_open,
        "free": sum(slot.free for slot in available.slots),
        "slots": available.slots,
    }
    return answer(content)
