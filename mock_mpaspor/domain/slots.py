"""Slots: how a release spreads its places over working days and the sessions of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice


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
    """One session of one day at one office, and how many people it receives."""

    slot: str
    day: date
    session: Session
    capacity: int


def working_days(first: date) -> Iterator[date]:
    """Monday to Friday from `first` on. Assumption: public holidays are not left out."""
    day = first
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def spread(office: str, first: date, days: int, places: int) -> list[SlotPlan]:
    """Slots for `places` people on the first `days` working days from `first`, none of them empty.

    >>> [(s.slot, s.capacity) for s in spread("kupang", date(2025, 2, 7), days=2, places=5)]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('kupang-20250207-morning', 2), ('kupang-20250207-afternoon', 1),
     ('kupang-20250210-morning', 1), ('kupang-20250210-afternoon', 1)]
    """
    sessions = [(day, session) for day in islice(working_days(first), days) for session in Session]
    each, left_over = divmod(places, len(sessions))
    plans = [
        SlotPlan(f"{office}-{day:%Y%m%d}-{session}", day, session, each + (index < left_over))
        for index, (day, session) in enumerate(sessions)
    ]
    return [plan for plan in plans if plan.capacity > 0]
