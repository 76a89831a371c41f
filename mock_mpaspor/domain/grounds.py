"""Why somebody may walk in without an appointment: over sixty, under five, pregnant or disabled (Ramah HAM)."""

from datetime import date
from enum import StrEnum

from mock_mpaspor.domain.eligibility import age
from mock_mpaspor.domain.nik import Sex


class Ground(StrEnum):
    """What a priority walk-in rests on."""

    OVER_60 = "over_60"
    UNDER_5 = "under_5"
    PREGNANT = "pregnant"
    DISABLED = "disabled"


def holds_for(ground: Ground, birth_date: date, sex: Sex, on: date) -> bool:
    """Whether what is known of a person agrees with the ground; the clerk sees the rest.

    >>> holds_for(Ground.OVER_60, date(1965, 2, 3), Sex.MALE, date(2025, 2, 3))  # sixty today
    False
    >>> holds_for(Ground.OVER_60, date(1965, 2, 2), Sex.MALE, date(2025, 2, 3))
    True
    """
    if birth_date > on:
        return False
    if ground is Ground.OVER_60:
        # Assumption: over sixty is from the day after the sixtieth birthday.
        return age(birth_date, on) > 60 or (age(birth_date, on) == 60 and not _is_birthday(birth_date, on))
    if ground is Ground.UNDER_5:
        return age(birth_date, on) < 5
    return ground is Ground.DISABLED or sex is Sex.FEMALE


def _is_birthday(birth_date: date, on: date) -> bool:
    """Whoever was born on 29 February turns a year older on 1 March of a common year, as `age` has it."""
    return age(birth_date, on) > age(birth_date, date.fromordinal(on.toordinal() - 1))
