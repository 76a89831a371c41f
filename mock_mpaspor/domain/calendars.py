"""Release calendars: when an office's places open, and for which days. All of it arithmetic on dates.

Published: Fridays 14:00 WIB a week ahead (APAPO and early M-Paspor); the last working day of the month 09:00 WIB a
month ahead, 80 % M-Paspor and 20 % APAPO (February 2022); each office by itself, mostly early in the month (2023);
twice a month (Batam, November 2023); later three months ahead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zlib import crc32

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.offices import Office, Zone
from mock_mpaspor.domain.slots import Lane, SlotPlan, share_out, working_days


class Rule(StrEnum):
    """How an office releases its places."""

    WEEKLY = "weekly"
    MONTH_END = "month_end"
    OWN = "own"
    TWICE_MONTHLY = "twice_monthly"
    THREE_MONTHS = "three_months"


@dataclass(frozen=True)
class Opening:
    """One release: when it opens (unix ns), and the working days that it is for."""

    opens_ns: int
    days: tuple[date, ...]


# The fasting month as the government set it, first and last day. Assumption: from 2026 on as it is computed.
RAMADAN = (
    (date(2022, 4, 3), date(2022, 5, 1)),
    (date(2023, 3, 23), date(2023, 4, 21)),
    (date(2024, 3, 12), date(2024, 4, 9)),
    (date(2025, 3, 1), date(2025, 3, 30)),
    (date(2026, 2, 19), date(2026, 3, 20)),
    (date(2027, 2, 8), date(2027, 3, 9)),
)
# Of an office's ordinary places, those that the month-end release left to the counter queue.
APAPO_PERCENT = 20
# Assumption: where no hour is published, offices open at nine.
NINE = time(9)
# A release of any rule opens at most so long before the last of its days.
LONGEST_AHEAD = timedelta(days=130)


def openings(rule: Rule, office: Office, after_ns: int) -> Iterator[Opening]:
    """The office's releases by this rule that open after an instant, in order, without end."""
    # Whatever the zone, the instant's month began no later than the day before has it.
    day = Zone.WIB.day(after_ns) - timedelta(days=1)
    year, month = day.year, day.month
    while True:
        for opening in _IN_MONTH[rule](office, year, month):
            if opening.opens_ns > after_ns:
                yield opening
        year, month = _month_after(year, month)


def next_opening(rule: Rule, office: Office, after_ns: int) -> Opening:
    """The first release that opens after an instant.

    >>> from mock_mpaspor.domain.offices import OFFICES
    >>> found = next_opening(Rule.WEEKLY, OFFICES["kupang"], 1_738_548_000_000_000_000)  # Monday 3 February 2025
    >>> Zone.WIB.show(found.opens_ns), str(found.days[0]), str(found.days[-1])
    ('2025-02-07T14:00:00.000+07:00', '2025-02-10', '2025-02-14')
    """
    return next(openings(rule, office, after_ns))


def plans(rule: Rule, office: Office, days: tuple[date, ...]) -> list[SlotPlan]:
    """The slots that a release makes for these days: the office's quota of each, by lane."""
    return [
        plan
        for day in days
        for lane, places in quota_on(rule, office, day).items()
        for plan in share_out(office.office, [day], places, lane)
    ]


def quota_on(rule: Rule, office: Office, day: date) -> Mapping[Lane, int]:
    """The office's places on a day, by lane: fewer in Ramadan, and shared with the counter queue at month end."""
    quota = dict(office.quota)
    if office.ramadan_quota is not None and is_ramadan(day):
        quota[Lane.ONLINE] = office.ramadan_quota
    if rule is Rule.MONTH_END:
        quota[Lane.APAPO] = quota[Lane.ONLINE] * APAPO_PERCENT // 100
        quota[Lane.ONLINE] -= quota[Lane.APAPO]
    return quota


def is_ramadan(day: date) -> bool:
    """Whether people fast on this day.

    >>> is_ramadan(date(2025, 2, 28)), is_ramadan(date(2025, 3, 1))
    (False, True)
    """
    return any(first <= day <= last for first, last in RAMADAN)


def _weekly(office: Office, year: int, month: int) -> Iterator[Opening]:
    """Fridays 14:00 WIB: Monday to Friday of the week after."""
    for day in _days(year, month):
        if day.weekday() == 4:
            week = tuple(islice(working_days(day + timedelta(days=1)), 5))
            yield Opening(_instant(day, time(14), Zone.WIB), week)


def _month_end(office: Office, year: int, month: int) -> Iterator[Opening]:
    """The last working day 09:00 WIB: the next month."""
    last = _working(_days(year, month))[-1]
    yield Opening(_instant(last, NINE, Zone.WIB), _working(_days(*_month_after(year, month))))


def _own(office: Office, year: int, month: int) -> Iterator[Opening]:
    """Early in the month, at an office's own day and in its own zone: the next month.

    Assumption: one of the first five working days, always the same for an office.
    """
    opens = _working(_days(year, month))[crc32(office.office.encode()) % 5]
    yield Opening(_instant(opens, NINE, office.zone), _working(_days(*_month_after(year, month))))


def _twice_monthly(office: Office, year: int, month: int) -> Iterator[Opening]:
    """Assumption: on the 1st for the second half of the month, on the 15th for the first half of the next."""
    second_half = [day for day in _days(year, month) if day.day > 15]
    first_half = [day for day in _days(*_month_after(year, month)) if day.day <= 15]
    yield Opening(_instant(date(year, month, 1), NINE, office.zone), _working(second_half))
    yield Opening(_instant(date(year, month, 15), NINE, office.zone), _working(first_half))


def _three_months(office: Office, year: int, month: int) -> Iterator[Opening]:
    """Assumption: on the first working day 09:00 WIB, the third month after this one."""
    first = _working(_days(year, month))[0]
    covered = year, month
    for _ in range(3):
        covered = _month_after(*covered)
    yield Opening(_instant(first, NINE, Zone.WIB), _working(_days(*covered)))


_IN_MONTH = {
    Rule.WEEKLY: _weekly,
    Rule.MONTH_END: _month_end,
    Rule.OWN: _own,
    Rule.TWICE_MONTHLY: _twice_monthly,
    Rule.THREE_MONTHS: _three_months,
}


def _days(year: int, month: int) -> list[date]:
    first, beyond = date(year, month, 1), date(*_month_after(year, month), 1)
    return [first + timedelta(days=number) for number in range((beyond - first).days)]


def _working(days: list[date]) -> tuple[date, ...]:
    """As `working_days` has it: Monday to Friday."""
    return tuple(day for day in days if day.weekday() < 5)


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _instant(day: date, at: time, zone: Zone) -> int:
    return int(datetime.combine(day, at, zone.value).timestamp()) * NS_PER_S
