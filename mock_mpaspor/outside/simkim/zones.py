"""The offices that SIMKIM serves and the zone in which each keeps its days.

Indonesia has three zones and no summer time: WIB (UTC+7), WITA (UTC+8), WIT (UTC+9).
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

WIB, WITA, WIT = (timezone(timedelta(hours=hours)) for hours in (7, 8, 9))
SECOND = timedelta(seconds=1)
NS_PER_US = 1000

ZONES: dict[str, timezone] = {
    "belakang_padang": WIB,
    "batam": WIB,
    "kupang": WITA,
    "tanjung_uban": WIB,
    "pekanbaru": WIB,
    "bengkulu": WIB,
    "samarinda": WITA,
    "tangerang": WIB,
    "ponorogo": WIB,
    "jakarta_selatan": WIB,
    "dumai": WIB,
    "jayapura": WIT,
}


def local(office: str, unix_ns: int) -> datetime:
    """The instant on the office's wall.

    >>> local("kupang", 1_738_548_000_000_000_000).isoformat()
    '2025-02-03T10:00:00+08:00'
    """
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=unix_ns // NS_PER_US)).astimezone(ZONES[office])


def unix_ns_of(moment: datetime) -> int:
    """The instant in unix nanoseconds, to the microsecond."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) * NS_PER_US


def clock_time(office: str, day: date, hour: float) -> int:
    """When the office's clock shows `hour` (of 24, with fractions) on this day, in unix nanoseconds."""
    return unix_ns_of(datetime.combine(day, time(), ZONES[office]) + timedelta(hours=hour))


def working_days_later(office: str, unix_ns: int, days: int) -> int:
    """The same time of day so many working days (Monday to Friday) later.

    >>> friday = clock_time("batam", date(2025, 2, 7), 10)
    >>> local("batam", working_days_later("batam", friday, 4)).isoformat()
    '2025-02-13T10:00:00+07:00'
    """
    moment = local(office, unix_ns)
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return unix_ns_of(moment)
