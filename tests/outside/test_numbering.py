"""Reference numbers: fixed length, one-to-one over the whole range, apart from those of another book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_mpaspor.outside.simponi.numbering import ALPHANUMERICS, DIGITS, Numbering


@pytest.mark.parametrize(("alphabet", "length"), [("01", 1), ("01", 7), (DIGITS, 3), (ALPHANUMERICS, 2)])
def test_every_number_comes_exactly_once(alphabet, length):
    """Over a whole small range the numbering is a permutation."""
    numbering = Numbering(alphabet, length, offset=5)
    assert len({numbering.nth(n) for n in range(1, numbering.size + 1)}) == numbering.size


@given(st.integers(1, 10**14), st.integers(1, 10**14), st.integers(0, 10**14 - 1))
def test_two_billing_codes_are_equal_only_when_their_counts_are(first, second, offset):
    """Uniqueness follows from how codes are made, at full size too."""
    codes = Numbering(DIGITS, 14, offset, prefix="8")
    assert (codes.nth(first) == codes.nth(second)) == (first == second)
    assert len(codes.nth(first)) == 15
