"""The people: who they are, what they bring, and how they behave, all from the seed."""

import io
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from locustfiles._behaviour import Behaviour, Habits
from locustfiles._document import jpeg
from locustfiles._people import nik, person

BIRTH_DATES = st.dates(date(1930, 1, 1), date(2010, 12, 31))


@given(seed=st.integers(0, 2**32), index=st.integers(0, 10**6))
def test_a_person_is_the_same_whoever_asks_and_however_often(seed, index):
    """Nothing but seed and number makes a person; those made before do not matter."""
    first = person(seed, index)
    person(seed, index + 1)
    assert person(seed, index) == first


@given(seed=st.integers(0, 10**6), one=st.integers(0, 10**6), other=st.integers(0, 10**6), birth=BIRTH_DATES)
def test_two_people_of_a_run_never_share_a_nik(seed, one, other, birth):
    """Even born on the same day."""
    if one != other:
        assert nik(seed, one, birth, woman=True) != nik(seed, other, birth, woman=True)


@given(seed=st.integers(0, 10**6), index=st.integers(0, 10**6))
def test_a_nik_is_well_formed_agrees_with_the_person_and_is_nobodys(seed, index):
    """Sixteen digits, a province that does not exist, the stated birth date, 40 more on a woman's day, serial ≥ 1."""
    one = person(seed, index)
    assert len(one.nik) == 16
    assert one.nik.startswith("99")
    day = int(one.nik[6:8]) - (40 if one.sex == "female" else 0)
    assert (day, int(one.nik[8:10]), one.nik[10:12]) == (
        one.birth_date.day,
        one.birth_date.month,
        f"{one.birth_date.year % 100:02}",
    )
    assert int(one.nik[12:]) >= 1


@given(index=st.integers(0, 10**9))
def test_a_password_is_as_m_paspor_asks(index):
    """Eight to twelve characters with a capital."""
    password = person(1, index).password
    assert 8 <= len(password) <= 12
    assert any(letter.isupper() for letter in password)


def test_a_crowd_has_different_people():
    """Names and sexes vary; e-mail addresses are unique and reach nobody."""
    crowd = [person(3, index) for index in range(200)]
    assert len({one.name for one in crowd}) > 100
    assert {one.sex for one in crowd} == {"male", "female"}
    assert len({one.email for one in crowd}) == 200
    assert all(one.email.endswith("@example.com") for one in crowd)


@pytest.mark.parametrize("size", [0, 1_000, 20_000, 300_000])
def test_a_scan_is_a_whole_jpeg_of_about_the_size(size):
    """An image library reads it; the padding is no part of the picture."""
    content = jpeg(size)
    picture = Image.open(io.BytesIO(content))
    picture.load()
    assert (picture.format, picture.size) == ("JPEG", (8, 8))
    assert abs(len(content) - size) < 10 or len(content) < 300


def test_habits_are_drawn_in_the_shares_that_are_stated():
    """Of many people about as many forget and pay late as the behaviour says; nobody does both."""
    behaviour = Behaviour(forgets_share=0.1, pays_late_share=0.2)
    crowd = [Habits.draw(Random(number), behaviour) for number in range(2_000)]
    assert sum(one.forgets for one in crowd) == pytest.approx(200, abs=60)
    assert sum(one.pays_late for one in crowd) == pytest.approx(400, abs=80)
    assert not any(one.forgets and one.pays_late for one in crowd)
