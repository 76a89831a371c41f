"""Immigration offices (kantor imigrasi): class, time zone, place, daily quota and the network of their applicants.

Quotas with a source are published figures; the others are marked as assumptions.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from types import MappingProxyType

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.slots import Lane

EARTH_KM = 6371.0


class OfficeClass(StrEnum):
    """The rank of an office (Permenkumham on the organisation of immigration offices)."""

    SPECIAL = "Kelas I Khusus TPI"
    FIRST_TPI = "Kelas I TPI"
    FIRST_NON_TPI = "Kelas I Non TPI"
    SECOND_TPI = "Kelas II TPI"
    SECOND_NON_TPI = "Kelas II Non TPI"


class Zone(Enum):
    """Indonesia's three zones; none has summer time."""

    WIB = timezone(timedelta(hours=7), "WIB")
    WITA = timezone(timedelta(hours=8), "WITA")
    WIT = timezone(timedelta(hours=9), "WIT")

    def show(self, unix_ns: int) -> str:
        """An instant as RFC 3339 in this zone, to the millisecond.

        >>> Zone.WIB.show(1_738_548_000_000_000_000)
        '2025-02-03T09:00:00.000+07:00'
        """
        return datetime.fromtimestamp(unix_ns / 1e9, self.value).isoformat(timespec="milliseconds")

    def day(self, unix_ns: int) -> date:
        """The day that an instant lies in, in this zone. Whole seconds, so that no midnight is rounded to.

        >>> [str(zone.day(1_734_368_399_999_999_999)) for zone in Zone]
        ['2024-12-16', '2024-12-17', '2024-12-17']
        """
        return datetime.fromtimestamp(unix_ns // NS_PER_S, self.value).date()


@dataclass(frozen=True)
class Position:
    """A place on the map, in degrees."""

    latitude: float
    longitude: float

    def distance_km(self, other: "Position") -> float:
        """The way over the surface of a globe (haversine).

        >>> round(Position(-6.1754, 106.8272).distance_km(Position(-7.2575, 112.7521)))  # Jakarta, Surabaya
        665
        """
        north, south = math.radians(self.latitude), math.radians(other.latitude)
        east = math.radians(other.longitude - self.longitude)
        chord = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
        return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


@dataclass(frozen=True)
class Office:
    """One office. `quota` has its places of a day by lane; `network` is the profile of its applicants' connections."""

    office: str
    name: str
    office_class: OfficeClass
    zone: Zone
    quota: Mapping[Lane, int]
    network: str
    position: Position
    # Of an ordinary place's lanes; absent where Ramadan changes nothing.
    ramadan_quota: int | None = None

    @property
    def daily_quota(self) -> int:
        """How many people the office receives on a day."""
        return sum(self.quota.values())


def _quota(online: int, express: int = 0, priority: int = 0) -> Mapping[Lane, int]:
    lanes = {Lane.ONLINE: online, Lane.EXPRESS: express, Lane.PRIORITY: priority}
    return MappingProxyType({lane: places for lane, places in lanes.items() if places})


# Positions are those of the towns. Assumption: every class and network profile; a quota where its line says so.
# Assumption: offices of 100 people a day and more keep 30 places for priority walk-ins, as published for 30 to 50.
_PRESETS = (
    # 50 a day, 20 in Ramadan: Belakang Padang study.
    Office(
        "belakang_padang",
        "Belakang Padang",
        OfficeClass.SECOND_TPI,
        Zone.WIB,
        _quota(50),
        "kepri_island",
        Position(1.155, 103.890),
        ramadan_quota=20,
    ),
    # Batam publishes 285 = 200 regular + 35 percepatan + 50 priority.
    Office(
        "batam",
        "Batam",
        OfficeClass.SPECIAL,
        Zone.WIB,
        _quota(200, express=35, priority=50),
        "kepri_island",
        Position(1.130, 104.053),
    ),
    # Assumption: 50 a day; 11,219 passports from January to 27 November 2023 are about 50 a working day.
    Office("kupang", "Kupang", OfficeClass.FIRST_TPI, Zone.WITA, _quota(50), "kupang_4g", Position(-10.178, 123.607)),
    # Assumption: 50 a day, as its neighbour Belakang Padang.
    Office(
        "tanjung_uban",
        "Tanjung Uban",
        OfficeClass.SECOND_TPI,
        Zone.WIB,
        _quota(50),
        "kepri_island",
        Position(1.066, 104.224),
    ),
    # Assumption: 160 a day, the national mean of an office-day.
    Office(
        "pekanbaru",
        "Pekanbaru",
        OfficeClass.FIRST_TPI,
        Zone.WIB,
        _quota(130, priority=30),
        "java_4g",
        Position(0.507, 101.448),
    ),
    # Assumption: 80 a day.
    Office(
        "bengkulu", "Bengkulu", OfficeClass.FIRST_TPI, Zone.WIB, _quota(80), "java_congested", Position(-3.793, 102.261)
    ),
    # Assumption: 120 a day.
    Office(
        "samarinda",
        "Samarinda",
        OfficeClass.FIRST_TPI,
        Zone.WITA,
        _quota(90, priority=30),
        "java_4g",
        Position(-0.502, 117.154),
    ),
    # Assumption: 200 a day, as Surabaya's published quota.
    Office(
        "tangerang",
        "Tangerang",
        OfficeClass.FIRST_NON_TPI,
        Zone.WIB,
        _quota(170, priority=30),
        "java_congested",
        Position(-6.178, 106.630),
    ),
    # Assumption: 100 a day, as Malang's published quota.
    Office(
        "ponorogo",
        "Ponorogo",
        OfficeClass.SECOND_NON_TPI,
        Zone.WIB,
        _quota(70, priority=30),
        "java_4g",
        Position(-7.871, 111.462),
    ),
    # Assumption: 384 a day, as Jakarta Pusat's published quota of 2020, of which 35 express as in Batam.
    Office(
        "jakarta_selatan",
        "Jakarta Selatan",
        OfficeClass.SPECIAL,
        Zone.WIB,
        _quota(299, express=35, priority=50),
        "java_congested",
        Position(-6.261, 106.810),
    ),
    # Assumption: 60 a day.
    Office("dumai", "Dumai", OfficeClass.SECOND_TPI, Zone.WIB, _quota(60), "java_4g", Position(1.668, 101.447)),
    # Assumption: 50 a day, as Kupang, and its network; the easternmost zone has no published quota.
    Office("jayapura", "Jayapura", OfficeClass.FIRST_TPI, Zone.WIT, _quota(50), "kupang_4g", Position(-2.533, 140.718)),
)
OFFICES: dict[str, Office] = {office.office: office for office in _PRESETS}
