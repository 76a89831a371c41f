"""NIK (Nomor Induk Kependudukan, population registration number): what its sixteen digits say of a birth date.

Six digits of region, then ddmmyy with 40 added to a woman's day, then a serial from 0001; no check digit (DOMAIN §5).
"""

import re
from datetime import date
from enum import StrEnum

SHAPE = re.compile(r"\d{12}(?!0000)\d{4}", re.ASCII)


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


def is_valid(nik: str) -> bool:
    """Sixteen digits with a serial above 0000.

    >>> is_valid("9901015708900001"), is_valid("9901015708900000"), is_valid("99010157089001")
    (True, False, False)
    """
    return SHAPE.fullmatch(nik) is not None


def agrees(nik: str, birth_date: date, sex: Sex) -> bool:
    """Whether a valid NIK states this birth date and sex; the century is the birth date's.

    >>> agrees("9901015708900001", date(1990, 8, 17), Sex.FEMALE)
    True
    >>> agrees("9901015708900001", date(1990, 8, 17), Sex.MALE)
    False
    """
    day = birth_date.day + (40 if sex is Sex.FEMALE else 0)
    return nik[6:12] == f"{day:02d}{birth_date:%m%y}"
