"""Who may ask for what: the rules of age, and which applications the office sees before they are booked."""

from datetime import date

from mock_mpaspor.domain.applications import Kind, Replaced

OF_AGE = 17
# Assumption: nobody is married who is younger.
MARRIED_FROM = 15


def age(birth_date: date, on: date) -> int:
    """Whole years; whoever was born on 29 February turns a year older on 1 March of a common year.

    >>> age(date(2008, 2, 29), date(2025, 2, 28)), age(date(2008, 2, 29), date(2025, 3, 1))
    (16, 17)
    """
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def is_minor(birth_date: date, married: bool, on: date) -> bool:
    """Whether the applicant has no identity card yet: under seventeen, and not married.

    >>> is_minor(date(2010, 1, 1), False, date(2025, 1, 1)), is_minor(date(2010, 1, 1), True, date(2025, 1, 1))
    (True, False)
    >>> is_minor(date(2020, 1, 1), True, date(2025, 1, 1))
    True
    """
    return age(birth_date, on) < (MARRIED_FROM if married else OF_AGE)


def is_entitled(validity_years: int, minor: bool) -> bool:
    """Whether such a book is given to such an applicant: ten years only from seventeen on, or to the married.

    >>> is_entitled(10, minor=True), is_entitled(5, minor=True)
    (False, True)
    """
    return validity_years == 5 or not minor


def needs_interview(kind: Kind, replaced: Replaced | None) -> bool:
    """Whether an interview in person (BAP) comes before the booking: lost, damaged, and changes of data.

    >>> needs_interview(Kind.REPLACEMENT, Replaced.LOST), needs_interview(Kind.REPLACEMENT, Replaced.EXPIRED)
    (True, False)
    """
    # Assumption: a change of data is decided in person.
    return kind is Kind.DATA_CHANGE or replaced in (Replaced.LOST, Replaced.DAMAGED)
