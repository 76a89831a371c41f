"""Offices, nearest first, and what is free at them: by slot and by day."""

import math
import re
from datetime import date

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.offices import OFFICES, Office, Position
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.store.releases import DayStatus, SlotView, find_office
from mock_mpaspor.web.operations import Operation, Query, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer

ROUTES = Blueprint("offices", __name__)

_LANE = Query("lane", {"type": "string", "enum": list(Lane), "default": Lane.ONLINE})
_MONTH = Query("month", {"type": "string", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$"})
_LATITUDE = Query("lat", {"type": "number", "minimum": -90, "maximum": 90})
_LONGITUDE = Query("lon", {"type": "number", "minimum": -180, "maximum": 180})


class OfficeLine(msgspec.Struct, frozen=True, rename={"office_class": "class"}):
    """One office; `distance_km` is null where the request states no position."""

    office: str
    name: str
    office_class: str
    zone: str
    daily_quota: int
    latitude: float
    longitude: float
    distance_km: float | None


class OfficeList(msgspec.Struct, frozen=True):
    """Offices, nearest first, or by name."""

    offices: list[OfficeLine]


class SlotLine(msgspec.Struct, frozen=True):
    """One slot; `open` tells whether its release has opened."""

    slot: str
    date: str
    session: str
    lane: str
    capacity: int
    free: int
    open: bool


class AvailabilityAnswer(msgspec.Struct, frozen=True):
    """The places of a lane. `opens_at` is the next opening, or else the last; null while there was none."""

    office: str
    lane: Lane
    opens_at: str | None
    open: bool
    free: int
    slots: list[SlotLine]


class DayLine(msgspec.Struct, frozen=True):
    """One day of the calendar."""

    date: str
    status: DayStatus
    free: int


class CalendarAnswer(msgspec.Struct, frozen=True):
    """The days of a month on which the office has places of the lane, full or not."""

    office: str
    lane: Lane
    month: str
    days: list[DayLine]


@ROUTES.get("/v1/offices")
@operation(Operation("Offices, nearest first", {200: OfficeList}, query=(_LATITUDE, _LONGITUDE)))
def list_offices() -> Response:
    here = _position()
    lines = [_line(office, here) for office in OFFICES.values()]
    lines.sort(key=lambda line: (line.distance_km or 0.0, line.name))
    return answer(OfficeList(lines))


@ROUTES.get("/v1/offices/<office>/availability")
@operation(Operation("The places of an office", {200: AvailabilityAnswer}, (ErrorCode.UNKNOWN_OFFICE,), query=(_LANE,)))
def show_availability(office: str) -> Response:
    available = parts().releases.availability(find_office(office), _lane())
    opens_ns = available.opens_ns
    content = AvailabilityAnswer(
        office,
        available.lane,
        None if opens_ns is None else available.office.zone.show(opens_ns),
        available.any_open,
        sum(slot.free for slot in available.slots),
        [_slot(slot, available.is_open(slot)) for slot in available.slots],
    )
    return answer(content)


@ROUTES.get("/v1/offices/<office>/calendar")
@operation(
    Operation(
        "The days of a month: open, full, or not open yet",
        {200: CalendarAnswer},
        (ErrorCode.UNKNOWN_OFFICE,),
        query=(_LANE, _MONTH),
    )
)
def show_calendar(office: str) -> Response:
    found = find_office(office)
    available = parts().releases.availability(found, _lane())
    month = _month(found.zone.day(parts().clock()))
    days = [DayLine(day.date, day.status, day.free) for day in available.days() if day.date.startswith(month)]
    return answer(CalendarAnswer(office, available.lane, month, days))


def _line(office: Office, here: Position | None) -> OfficeLine:
    return OfficeLine(
        office.office,
        office.name,
        office.office_class,
        office.zone.name,
        office.daily_quota,
        office.position.latitude,
        office.position.longitude,
        None if here is None else round(here.distance_km(office.position), 1),
    )


def _slot(slot: SlotView, is_open: bool) -> SlotLine:
    return SlotLine(slot.slot, slot.date, slot.session, slot.lane, slot.capacity, slot.free, is_open)


def _position() -> Position | None:
    """Where the caller is, if the request says so."""
    if "lat" not in request.args and "lon" not in request.args:
        return None
    return Position(_degrees("lat", 90), _degrees("lon", 180))


def _degrees(name: str, limit: int) -> float:
    raw = request.args.get(name, "")
    # Plain decimals: `float` would also take underscores, exponents, infinities and digits of other scripts.
    value = float(raw) if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", raw) else math.inf
    if abs(value) > limit:
        raise Refusal(ErrorCode.INVALID, f"`{name}` is a number of degrees, and `lat` and `lon` come together.")
    return value


def _lane() -> Lane:
    raw = request.args.get("lane", Lane.ONLINE)
    if raw not in frozenset(Lane):
        raise Refusal(ErrorCode.INVALID, f"`lane` is one of {', '.join(Lane)}.")
    return Lane(raw)


def _month(today: date) -> str:
    raw = request.args.get("month", f"{today:%Y-%m}")
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", raw):
        raise Refusal(ErrorCode.INVALID, "`month` reads YYYY-MM.")
    return raw
