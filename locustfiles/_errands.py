"""What brings people to an office in the course of a month, as a table of shares; and what goes wrong on the way.

The studies name every row of it and give no shares: all of them are ours.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from locustfiles._mpaspor import Wish


class Way(StrEnum):
    """How somebody comes."""

    APPLICATION = "application"
    QUEUE_NUMBER = "queue_number"  # APAPO: a number from home, everything else at the counter
    COUNTER = "counter"  # no appointment, but priority
    QUESTION = "question"  # only to ask, again and again


@dataclass(frozen=True)
class Errand:
    """`children` of the `applicants` of the account are minors."""

    way: Way = Way.APPLICATION
    wish: Wish = field(default_factory=Wish)
    applicants: int = 1
    children: int = 0

    @property
    def in_person_first(self) -> bool:
        """Whether an interview (BAP) comes before the appointment."""
        return self.wish.kind == "DATA_CHANGE" or self.wish.replaced in ("lost", "damaged")


def _renewal(replaced: str, passport_type: str = "electronic", validity_years: int = 10) -> Errand:
    return Errand(wish=Wish("REPLACEMENT", replaced, passport_type, validity_years))


# Assumption: of a hundred who come so many come for this. An account applies for five people at most.
ERRANDS: tuple[tuple[int, Errand], ...] = (
    (18, Errand()),
    (6, Errand(wish=Wish(passport_type="regular", validity_years=5, purpose="umrah"))),
    (4, Errand(wish=Wish(passport_type="regular", purpose="formal_work"))),
    (4, Errand(wish=Wish(validity_years=5, purpose="study"))),
    (5, Errand(wish=Wish(express=True, purpose="medical"))),
    (4, Errand(wish=Wish(validity_years=5), applicants=1, children=1)),
    (4, Errand(wish=Wish(validity_years=5), applicants=3, children=2)),
    (3, Errand(wish=Wish(passport_type="regular", validity_years=5, purpose="hajj"), applicants=5, children=3)),
    (12, _renewal("expired")),
    (5, _renewal("full")),
    (4, _renewal("lost")),
    (3, _renewal("damaged", "regular", 5)),
    (4, Errand(wish=Wish("DATA_CHANGE", passport_type="regular", validity_years=5))),
    (6, Errand(Way.QUEUE_NUMBER)),
    (6, Errand(Way.COUNTER)),
    (12, Errand(Way.QUESTION)),
)


@dataclass(frozen=True)
class QuirkShares:
    """Of a hundred applicants so many do this, each on its own."""

    # Assumption: nobody has counted any of them.
    mistypes_code: float = 0.06
    mistakes_birth_date: float = 0.08
    picks_wrong_file: float = 0.10
    leaves_draft: float = 0.12
    cancels: float = 0.06
    moves: float = 0.12
    by_post: float = 0.20
    fetches_pass: float = 0.50
    mistypes_nik: float = 0.05


@dataclass(frozen=True)
class Quirks:
    """What one person does beside the straight way, drawn once."""

    mistypes_code: bool = False
    mistakes_birth_date: bool = False
    picks_wrong_file: bool = False
    leaves_draft: bool = False
    cancels: bool = False
    moves: bool = False
    by_post: bool = False
    fetches_pass: bool = False
    mistypes_nik: bool = False

    @classmethod
    def of(cls, shares: QuirkShares, seed: int, index: int, member: int) -> "Quirks":
        """The quirks of an account's applicant: each has dice of their own, so that one changes nothing for another."""
        rng = Random(f"{seed}:quirks:{index}:{member}")
        return cls(**{name: rng.random() < getattr(shares, name) for name in QuirkShares.__dataclass_fields__})


def errand_of(seed: int, index: int) -> Errand:
    """What brings person number `index`: the same in every run of the seed."""
    rng = Random(f"{seed}:errand:{index}")
    errands = [errand for _, errand in ERRANDS]
    return rng.choices(errands, [share for share, _ in ERRANDS])[0]
