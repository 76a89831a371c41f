"""Whose passport it is: the owner of the account, the people they apply for too, and the old at the counter."""

from dataclasses import replace
from datetime import date, timedelta

from locustfiles._people import Person, nik, person

# The numbers of an account's second, third, … applicant lie so far apart that no crowd is larger.
APART = 1_000_000
# The second digit of the month: six of region, two of day, two of month.
MONTH_DIGIT = 9
# Born on these days somebody is under seventeen until 2033, and over sixty for ever.
CHILDREN_FROM, CHILDREN_UNTIL = date(2016, 1, 1), date(2023, 1, 1)
ELDERS_FROM, ELDERS_UNTIL = date(1935, 1, 1), date(1960, 1, 1)


def adult(seed: int, index: int, member: int = 0) -> Person:
    """The account's applicant number `member`, of age; 0 owns it.

    >>> adult(7, 3) == person(7, 3), adult(7, 3, 1).nik == adult(7, 3).nik
    (True, False)
    """
    return person(seed, index + APART * member)


def child(seed: int, index: int, member: int = 0) -> Person:
    """The same, under age."""
    return _born_between(seed, index + APART * member, CHILDREN_FROM, CHILDREN_UNTIL)


def elder(seed: int, index: int) -> Person:
    """Somebody over sixty."""
    return _born_between(seed, index, ELDERS_FROM, ELDERS_UNTIL)


def mistaken(who: Person) -> Person:
    """The same person with the birth date a day off, which their NIK contradicts."""
    return replace(who, birth_date=who.birth_date + timedelta(days=1))


def mistyped(who: Person) -> Person:
    """The same person with a wrong digit in the month of their NIK, which their birth date contradicts.

    >>> somebody = person(7, 3)
    >>> sum(digit != typed for digit, typed in zip(somebody.nik, mistyped(somebody).nik, strict=True))
    1
    """
    wrong = str((int(who.nik[MONTH_DIGIT]) + 1) % 10)
    return replace(who, nik=f"{who.nik[:MONTH_DIGIT]}{wrong}{who.nik[MONTH_DIGIT + 1 :]}")


def _born_between(seed: int, number: int, first: date, last: date) -> Person:
    somebody = person(seed, number)
    born = first + timedelta(days=number * 37 % (last - first).days)
    return replace(somebody, birth_date=born, nik=nik(seed, number, born, somebody.sex == "female"))
