"""The pure rules: fees by date, the spread of places, the shape of a NIK, legal moves; and their doctests."""

import doctest
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mock_mpaspor
from mock_mpaspor.domain import nik
from mock_mpaspor.domain.fees import PassportType, fee_idr
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.slots import spread
from mock_mpaspor.domain.states import LABELS, LEGAL_MOVES, State, may_move

SERVICE = Path(mock_mpaspor.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(SERVICE.parent).with_suffix("").parts)
    for path in SERVICE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_in_docstrings_are_true(module):
    """Each module's doctests run, and there are some."""
    result = doctest.testmod(import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("passport", "years", "before", "since"),
    [
        (PassportType.REGULAR, 5, 350_000, 350_000),
        (PassportType.REGULAR, 10, 350_000, 650_000),
        (PassportType.ELECTRONIC, 5, 650_000, 650_000),
        (PassportType.ELECTRONIC, 10, 650_000, 950_000),
    ],
)
def test_the_tariff_changes_on_17_december_2024(passport, years, before, since):
    """PP 28/2019 until the day before, PP 45/2024 from that day on."""
    assert fee_idr(passport, years, date(2024, 12, 16)) == before
    assert fee_idr(passport, years, date(2024, 12, 17)) == since


@given(days=st.integers(1, 60), places=st.integers(1, 5_000), first=st.dates(date(2020, 1, 1)))
def test_a_release_spreads_exactly_its_places_over_working_days(days, places, first):
    """No place is lost or invented, no slot is empty, sizes differ by one at most, no weekend."""
    plans = spread("kupang", min(first, date(9990, 1, 1)), days, places)
    assert sum(plan.capacity for plan in plans) == places
    sizes = {plan.capacity for plan in plans}
    assert min(sizes) > 0
    assert max(sizes) - min(sizes) <= 1
    assert all(plan.day.weekday() < 5 for plan in plans)
    assert len({plan.slot for plan in plans}) == len(plans)


@given(born=st.dates(date(1900, 1, 1), date(2030, 1, 1)), sex=st.sampled_from(Sex), serial=st.integers(1, 9999))
def test_a_nik_agrees_with_its_own_birth_date_and_with_no_other_sex(born, sex, serial):
    """Whoever is born when the digits say is accepted; the other sex never is."""
    number = f"997101{nik.birth_digits(born, sex)}{serial:04}"
    other = Sex.MALE if sex is Sex.FEMALE else Sex.FEMALE
    assert nik.is_valid(number, born, sex)
    assert not nik.is_valid(number, born, other)


@pytest.mark.parametrize("bad", ["", "997101420390000", "9971014203900000", "99710142039000a1", "٩" * 16])
def test_a_malformed_nik_is_refused(bad):
    """Too short, serial 0000, letters, digits of another script."""
    assert not nik.is_valid(bad, date(1990, 3, 2), Sex.FEMALE)


def test_every_state_has_moves_and_a_label():
    """The tables know every state, and no label is empty."""
    assert set(LEGAL_MOVES) == set(LABELS) == set(State)
    assert all(LABELS.values())


@pytest.mark.parametrize(
    ("current", "following"),
    [
        (State.PAID, State.EXPIRED),
        (State.DRAFT, State.SLOT_HELD),
        (State.REFUNDED, State.PAID),
        (State.BILLING_FAILED, State.AWAITING_PAYMENT),
    ],
)
def test_a_move_that_would_hurt_somebody_is_not_legal(current, following):
    """Paid never expires, nothing is held without papers, money sent back is gone, a dead bill stays dead."""
    assert not may_move(current, following)


def test_the_studies_offices_are_all_there():
    """The offices of the studies, under their own name, with a quota."""
    assert {"belakang_padang", "batam", "kupang", "tanjung_uban", "pekanbaru", "bengkulu", "samarinda"} <= set(OFFICES)
    assert all(name == office.office and office.daily_quota > 0 for name, office in OFFICES.items())
