"""The demand of a month: who wants a passport when, from the published figures, along the clock of the service.

Three factors multiply: the season, the day of the month, the hour of the day. All offices are taken to share the hours
of Jakarta.
"""

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from math import exp2

from loket.load.arrivals import Rates

WIB = timezone(timedelta(hours=7), "WIB")

# Tanjungpinang, January to September 2024 against their mean (press). October: Assumption, the mean. November and
# December: the nation's 419,168 and 436,739 of 2022 against that year's mean of 323,242.
SEASON = (1.16, 1.26, 1.23, 0.87, 0.94, 0.82, 1.01, 0.85, 0.86, 1.0, 1.30, 1.35)
# Assumption: who waited for the month's release comes on its first working day, six times as many as on another; half
# of what is too much wears off with each working day.
RELEASE_PEAK = 6.0
PEAK_HALVES_DAYS = 1.0
# Assumption: at a weekend a third, for the office is closed and the application is not.
WEEKEND = 1 / 3
# Assumption: the hours of a day, in twenty-fourths of it: asleep, before work, the forenoon, the rest, the evening.
HOURS = (
    *(0.1, 0.05, 0.05, 0.05, 0.2, 0.5, 0.8, 1.2),
    *(2.2, 2.4, 2.2, 1.8, 1.4, 1.5, 1.4, 1.2),
    *(1.0, 0.9, 1.0, 1.3, 1.3, 0.9, 0.4, 0.15),
)
# Passports a month: Batam 107,775 in 2024; Kupang 11,219 from January to 27 November 2023; Tanjungpinang's 1,141 to
# 1,743 for its neighbour Tanjung Uban; Belakang Padang 707 in January 2025; Jakarta Pusat's 118,563 of 2024 for
# Jakarta Selatan. Assumption: the others, 21 working days of their quota.
MONTHLY = {
    "belakang_padang": 707,
    "batam": 8_981,
    "kupang": 1_031,
    "tanjung_uban": 1_442,
    "pekanbaru": 3_360,
    "bengkulu": 1_680,
    "samarinda": 2_520,
    "tangerang": 4_200,
    "ponorogo": 2_100,
    "jakarta_selatan": 9_880,
    "dumai": 1_260,
    "jayapura": 1_050,
}


def weight(moment: datetime) -> float:
    """How many times the mean demand of an hour, at that moment.

    >>> new_year, later = datetime(2025, 1, 1, 9, tzinfo=WIB), datetime(2025, 1, 22, 9, tzinfo=WIB)
    >>> weight(new_year) > 5 * weight(later), weight(datetime(2025, 1, 25, 9, tzinfo=WIB)) < weight(later) / 2
    (True, True)
    """
    return SEASON[moment.month - 1] * _of_day(moment) * HOURS[moment.hour]


def demand(starts: datetime, scale: float, run_s: float) -> Rates:
    """The curve over seconds 0 to `run_s` of a run whose service's clock shows `starts` at second 0 and runs `scale`
    times as fast. Its rates are weights: only their proportions mean something.
    """
    at = starts.astimezone(WIB)
    ends = at + timedelta(seconds=run_s * scale)
    hours = [at]
    while hours[-1] < ends:
        hours.append(min(ends, hours[-1].replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)))
    edges = [(hour, (hour - at).total_seconds() / scale) for hour in hours]
    steps = (((from_s, weight(hour)), (to_s, weight(hour))) for (hour, from_s), (_, to_s) in pairwise(edges))
    return Rates(knot for step in steps for knot in step)


def _of_day(moment: datetime) -> float:
    if moment.weekday() >= 5:
        return WEEKEND
    first = moment.replace(day=1)
    working_days = sum((first + timedelta(days=day)).weekday() < 5 for day in range(moment.day - 1))
    return 1 + (RELEASE_PEAK - 1) * exp2(-working_days / PEAK_HALVES_DAYS)
