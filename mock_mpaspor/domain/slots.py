"""Slots: for whom a place is, and how a release spreads its places over working days and the sessions of a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from mock_mpaspor.domain.applications import Channel


class Session(StrEnum):
    """When people are received. Assumption: two sessions a day share its places evenly."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Lane(StrEnum):
    """Who a place is for. Batam publishes 285 a day = 200 ordinary + 35 express + 50 priority."""

    ONLINE = "online"  # either book
    REGULAR = "regular"  # the regular book alone, where an office splits its quota by book (Batam, November 2024)
    ELECTRONIC = "electronic"
    EXPRESS = "express"
    APAPO = "apapo"
    PRIORITY = "priority"


@dataclass(frozen=True)
class SlotPlan:
    """One session of one day at one office, for whom it is, and how many people it receives."""

    slot: str
    day: date
    session: Session
    capacity: int
    lane: Lane = Lane.ONLINE


def lanes_for(channel: str, express: bool, passport_type: str) -> tuple[Lane, ...]:
    """The lanes in which an application may have a place.

    >>> lanes_for("online", express=False, passport_type="regular")
    (<Lane.ONLINE: 'online'>, <Lane.REGULAR: 'regular'>)
    >>> lanes_for("online", express=True, passport_type="regular")
    (<Lane.EXPRESS: 'express'>,)
    """
    if channel == Channel.APAPO:
        return (Lane.APAPO,)
    if channel == Channel.WALK_IN:
        return (Lane.PRIORITY,)
    return (Lane.EXPRESS,) if express else (Lane.ONLINE, Lane(passport_type))


def working_days(first: date) -> Iterator[date]:
    """Monday to Friday from `first` on. Assumption: public holidays are not left out."""
    day = first
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def spread(office: str, first: date, days: int, places: int, lane: Lane = Lane.ONLINE) -> list[SlotPlan]:
    """Slots for `places` people on the first `days` working days from `first`, none of them empty.

    >>> [(s.slot, s.capacity) for s in spread("kupang", date(2025, 2, 7), days=2, places=5)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('kupang-20250207-morning', 2), ('kupang-20250207-afternoon', 1),
     ('kupang-20250210-morning', 1), ('kupang-20250210-afternoon', 1)]
    """
    return share_out(office, list(islice(working_days(first), days)), places, lane)


def share_out(office: str, days: Iterable[date], places: int, lane: Lane) -> list[SlotPlan]:
    """Slots of a lane for `places` people on exactly these `days`, none of them empty."""
    sessions = [(day, session) for day in days for session in Session]
    each, left_over = divmod(places, len(sessions))
    plans = [
        SlotPlan(slot_id(office, day, session, lane), day, session, each + (index < left_over), lane)
        for index, (day, session) in enumerate(sessions)
    ]
    return [plan for plan in plans if plan.capacity > 0]


def slot_id(office: str, day: date, session: Session, lane: Lane) -> str:
    """The id of a slot, which says what it is; the ordinary lane goes without its name.

    >>> slot_id("batam", date(2025, 2, 7), Session.MORNING, Lane.EXPRESS)
    'batam-20250207-morning-express'
    """
    ordinary = f"{office}-{day:%Y%m%d}-{session}"
    return ordinary if lane is Lane.ONLINE else f"{ordinary}-{lane}"
