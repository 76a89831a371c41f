"""Synthetic applicants: the same person for the same seed and number, visibly nobody real.

Their NIK lie in a province that does not exist (99); the structure is the civil registry's: region, birth date with
40 added to a woman's day, serial.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from faker import Faker

UNASSIGNED_PROVINCE = 99
WOMAN_DAY_OFFSET = 40
SERIALS = 9_999
# Regencies and districts are numbered from 01 to 99.
REGIONS = 99 * 99
YOUNGEST_BORN = date(2006, 1, 1)
AGE_SPAN_DAYS = 50 * 365


@dataclass(frozen=True)
class Person:
    """An adult who wants a passport."""

    name: str
    sex: str
    birth_date: date
    nik: str
    email: str
    phone: str
    password: str


@cache
def _faker() -> Faker:
    return Faker("id_ID")


def person(seed: int, index: int) -> Person:
    """Person number `index` of the crowd that `seed` makes.

    >>> person(7, 3) == person(7, 3)
    True
    """
    faker = _faker()
    faker.seed_instance(f"{seed}:{index}")
    woman = bool(faker.random.getrandbits(1))
    given = faker.first_name_female() if woman else faker.first_name_male()
    birth_date = YOUNGEST_BORN - timedelta(days=faker.random.randrange(AGE_SPAN_DAYS))
    return Person(
        name=f"{given} {faker.last_name()}",
        sex="female" if woman else "male",
        birth_date=birth_date,
        nik=nik(seed, index, birth_date, woman),
        # Reserved for examples by RFC 2606: no letter ever reaches anybody.
        email=f"pemohon.{seed}.{index}@example.com",
        phone=f"+62800{index % 10**8:08}",
        password=f"Paspor{index % 10**6:06}",
    )


def nik(seed: int, index: int, birth_date: date, woman: bool) -> str:
    """A NIK that no other number of the same seed has, whatever the birth dates.

    >>> nik(0, 0, date(1990, 3, 2), woman=True)
    '9901014203900001'
    """
    region = (seed + index // SERIALS) % REGIONS
    regency, district = 1 + region // 99, 1 + region % 99
    day = birth_date.day + (WOMAN_DAY_OFFSET if woman else 0)
    birth = f"{day:02}{birth_date.month:02}{birth_date.year % 100:02}"
    return f"{UNASSIGNED_PROVINCE}{regency:02}{district:02}{birth}{1 + index % SERIALS:04}"
