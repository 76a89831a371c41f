"""What a passport costs, in rupiah: PP 45/2024 from 17 December 2024, PP 28/2019 before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mock_mpaspor.domain.applications import Replaced


class PassportType(StrEnum):
    """The two books of an ordinary passport."""

    REGULAR = "regular"
    ELECTRONIC = "electronic"


@dataclass(frozen=True)
class Tariff:
    """One regulation: a fee for each book and validity (years), and what comes on top."""

    regulation: str
    books: Mapping[tuple[PassportType, int], int]
    express_idr: int
    lost_idr: int
    damaged_idr: int


# Before PP 45/2024 one fee covered both the five-year and the ten-year book.
# Assumption: what comes on top was the same.
PP_28_2019 = Tariff(
    "PP 28/2019",
    {
        (PassportType.REGULAR, 5): 350_000,
        (PassportType.REGULAR, 10): 350_000,
        (PassportType.ELECTRONIC, 5): 650_000,
        (PassportType.ELECTRONIC, 10): 650_000,
    },
    express_idr=1_000_000,
    lost_idr=1_000_000,
    damaged_idr=500_000,
)
PP_45_2024 = Tariff(
    "PP 45/2024",
    {
        (PassportType.REGULAR, 5): 350_000,
        (PassportType.REGULAR, 10): 650_000,
        (PassportType.ELECTRONIC, 5): 650_000,
        (PassportType.ELECTRONIC, 10): 950_000,
    },
    express_idr=1_000_000,
    lost_idr=1_000_000,
    damaged_idr=500_000,
)
PP_45_2024_IN_FORCE = date(2024, 12, 17)


def tariff(on: date) -> Tariff:
    """The regulation in force on a day.

    >>> tariff(date(2024, 12, 16)).regulation, tariff(date(2024, 12, 17)).regulation
    ('PP 28/2019', 'PP 45/2024')
    """
    return PP_45_2024 if on >= PP_45_2024_IN_FORCE else PP_28_2019


def fee_idr(
    passport_type: PassportType,
    validity_years: int,
    on: date,
    express: bool = False,
    replaced: Replaced | None = None,
    force_majeure: bool = False,
) -> int:
    """The whole fee on a day, in rupiah. Raises ValueError for a validity that no regulation knows.

    >>> fee_idr(PassportType.ELECTRONIC, 10, date(2024, 12, 16))
    650000
    >>> fee_idr(PassportType.ELECTRONIC, 10, date(2024, 12, 17))
    950000
    >>> fee_idr(PassportType.REGULAR, 5, date(2025, 2, 3), express=True, replaced=Replaced.DAMAGED)
    1850000
    """
    in_force = tariff(on)
    if (passport_type, validity_years) not in in_force.books:
        raise ValueError(f"a passport is valid for 5 or 10 years, not {validity_years}")
    fee = in_force.books[passport_type, validity_years]
    return fee + express * in_force.express_idr + _for_loss(in_force, replaced, force_majeure)


def _for_loss(in_force: Tariff, replaced: Replaced | None, force_majeure: bool) -> int:
    if force_majeure or replaced not in (Replaced.LOST, Replaced.DAMAGED):
        return 0
    return in_force.lost_idr if replaced is Replaced.LOST else in_force.damaged_idr
