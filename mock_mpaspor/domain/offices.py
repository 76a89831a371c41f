"""Immigration offices (kantor imigrasi): class, time zone, daily quota and the network of their applicants.

Quotas with a source are published figures; the others are marked as assumptions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum, StrEnum


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


@dataclass(frozen=True)
class Office:
    """One office. `network` names the profile of its applicants' connections."""

    office: str
    name: str
    office_class: OfficeClass
    zone: Zone
    daily_quota: int
    network: str


# Assumption: every class and network profile; a quota where its line says so.
_PRESETS = (
    # 50 a day, 20 in Ramadan: Belakang Padang study.
    Office("belakang_padang", "Belakang Padang", OfficeClass.SECOND_TPI, Zone.WIB, 50, "kepri_island"),
    # Batam publishes 285 = 200 regular + 35 percepatan + 50 priority.
    Office("batam", "Batam", OfficeClass.SPECIAL, Zone.WIB, 200 + 35 + 50, "kepri_island"),
    # Assumption: 50 a day; 11,219 passports from January to 27 November 2023 are about 50 a working day.
    Office("kupang", "Kupang", OfficeClass.FIRST_TPI, Zone.WITA, 50, "kupang_4g"),
    # Assumption: 50 a day, as its neighbour Belakang Padang.
    Office("tanjung_uban", "Tanjung Uban", OfficeClass.SECOND_TPI, Zone.WIB, 50, "kepri_island"),
    # Assumption: 160 a day, the national mean of an office-day.
    Office("pekanbaru", "Pekanbaru", OfficeClass.FIRST_TPI, Zone.WIB, 160, "java_4g"),
    # Assumption: 80 a day.
    Office("bengkulu", "Bengkulu", OfficeClass.FIRST_TPI, Zone.WIB, 80, "java_congested"),
    # Assumption: 120 a day.
    Office("samarinda", "Samarinda", OfficeClass.FIRST_TPI, Zone.WITA, 120, "java_4g"),
    # Assumption: 200 a day, as Surabaya's published quota.
    Office("tangerang", "Tangerang", OfficeClass.FIRST_NON_TPI, Zone.WIB, 200, "java_congested"),
    # Assumption: 100 a day, as Malang's published quota.
    Office("ponorogo", "Ponorogo", OfficeClass.SECOND_NON_TPI, Zone.WIB, 100, "java_4g"),
    # Assumption: 384 a day, as Jakarta Pusat's published quota of 2020.
    Office("jakarta_selatan", "Jakarta Selatan", OfficeClass.SPECIAL, Zone.WIB, 384, "java_congested"),
    # Assumption: 60 a day.
    Office("dumai", "Dumai", OfficeClass.SECOND_TPI, Zone.WIB, 60, "java_4g"),
)
OFFICES: dict[str, Office] = {office.office: office for office in _PRESETS}
