"""What a passport costs, in rupiah: PP 45/2024 from 17 December 2024, PP 28/2019 before."""

from datetime import date
from enum import StrEnum


class PassportType(StrEnum):
    """The two books of an ordinary passport."""

    REGULAR = "regular"
    ELECTRONIC = "electronic"


PP_45_2024_IN_FORCE = date(2024, 12, 17)

# Before PP 45/2024 one fee covered both the five-year and the ten-year book.
PP_28_2019: dict[tuple[PassportType, int], int] = {
    (PassportType.REGULAR, 5): 350_000,
    (PassportType.REGULAR, 10): 350_000,
    (PassportType.ELECTRONIC, 5): 650_000,
    (PassportType.ELECTRONIC, 10): 650_000,
}
PP_45_2024: dict[tuple[PassportType, int], int] = {
    (PassportType.REGULAR, 5): 350_000,
    (PassportType.REGULAR, 10): 650_000,
    (PassportType.ELECTRONIC, 5): 650_000,
    (PassportType.ELECTRONIC, 10): 950_000,
}


def fee_idr(passport_type: PassportType, validity_years: int, on: date) -> int:
    """The fee on a day, in rupiah. Raises ValueError for a validity that no regulation knows.

    >>> fee_idr(PassportType.ELECTRONIC, 10, date(2024, 12, 16))
    650000
    >>> fee_idr(PassportType.ELECTRONIC, 10, date(2024, 12, 17))
    950000
    """
    table = PP_45_2024 if on >= PP_45_2024_IN_FORCE else PP_28_2019
    if (passport_type, validity_years) not in table:
        raise ValueError(f"a passport is valid for 5 or 10 years, not {validity_years}")
    return table[passport_type, validity_years]
