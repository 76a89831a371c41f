"""NIK (nomor induk kependudukan): the 16-digit number of a person in Indonesia's civil registry.

Region (province, regency, district: 2 digits each), birth date ddmmyy with 40 added to the day for women, and
a serial from 0001. There is no check digit, and the century stands nowhere in it.
"""

import hashlib
import hmac
from datetime import date
from enum import StrEnum

WOMAN_DAY_OFFSET = 40


class Sex(StrEnum):
    """As the civil registry states it."""

    MALE = "male"
    FEMALE = "female"


def validate(nik: str, birth_date: date, sex: Sex) -> None:
    """Raise ValueError unless `nik` is well formed and agrees with the stated birth date and sex.

    >>> validate("9971014203900001", date(1990, 3, 2), Sex.FEMALE)
    >>> validate("9971010203900001", date(1890, 3, 2), Sex.MALE)  # the century comes from the stated date
    >>> validate("9971014203900001", date(1990, 3, 2), Sex.MALE)
    Traceback (most recent call last):
    ValueError: the NIK does not agree with the birth date and sex
    """
    if len(nik) != 16 or not (nik.isascii() and nik.isdigit()):
        raise ValueError("a NIK has 16 digits")
    if nik[12:] == "0000":
        raise ValueError("the serial of a NIK starts at 0001")
    if nik[6:12] != birth_digits(birth_date, sex):
        raise ValueError("the NIK does not agree with the birth date and sex")


def is_valid(nik: str, birth_date: date, sex: Sex) -> bool:
    """Whether `validate` would accept.

    >>> is_valid("997101420390000", date(1990, 3, 2), Sex.FEMALE)
    False
    """
    try:
        validate(nik, birth_date, sex)
    except ValueError:
        return False
    return True


def birth_digits(birth_date: date, sex: Sex) -> str:
    """Digits 7 to 12 of the NIK of a person born on `birth_date`.

    >>> birth_digits(date(2004, 12, 31), Sex.FEMALE)
    '711204'
    """
    day = birth_date.day + (WOMAN_DAY_OFFSET if sex is Sex.FEMALE else 0)
    return f"{day:02}{birth_date.month:02}{birth_date.year % 100:02}"


def keyed_hash(nik: str, secret: bytes) -> str:
    """The only form in which the service keeps a NIK: 32 hex digits that cannot be reversed without `secret`.

    >>> keyed_hash("9971014203900001", b"one") == keyed_hash("9971014203900001", b"two")
    False
    """
    return hmac.new(secret, b"nik:" + nik.encode(), hashlib.sha256).hexdigest()[:32]
