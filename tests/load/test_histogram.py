"""Latency histograms: precision, limits, and merging that loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.load.histogram import HIGHEST_US, Histogram

MICROSECONDS = st.lists(st.integers(1, HIGHEST_US), min_size=1, max_size=200)


@given(values=MICROSECONDS, share=st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_right_to_three_digits(values, share):
    """Against the sorted values themselves."""
    rank = max(0, int(share * len(values) + 0.5) - 1)
    exact = sorted(values)[rank]
    assert Histogram.of(values).quantile_us(share) == pytest.approx(exact, rel=1e-3, abs=1)


@given(hands=st.lists(MICROSECONDS, min_size=1, max_size=4))
def test_merged_workers_are_bit_identical_to_one(hands):
    """N workers' histograms merge into what one worker would have written."""
    merged = Histogram()
    for hand in hands:
        merged.merge(Histogram.decode(Histogram.of(hand).encode()))
    assert merged.encode() == Histogram.of([value for hand in hands for value in hand]).encode()


@pytest.mark.parametrize(("value", "kept"), [(HIGHEST_US + 1, HIGHEST_US), (0, 1), (-5, 1)])
def test_a_value_out_of_range_is_recorded_as_the_limit_and_counted(value, kept):
    """A freeze longer than ten minutes stays in the tail."""
    histogram = Histogram.of([value])
    assert histogram.count == histogram.clamped == 1
    assert histogram.quantile_us(1.0) == pytest.approx(kept, rel=1e-3)


def test_no_values_have_no_quantile():
    """Zero stands for none; the count tells."""
    assert (Histogram().count, Histogram().quantile_us(0.99)) == (0, 0)


@pytest.mark.parametrize("text", ["", "not base64", "AAAA"])
def test_what_is_not_a_histogram_is_refused(text):
    """A damaged row is an error of its own, not one of a library below."""
    with pytest.raises(ValueError, match="not an encoded HDR histogram"):
        Histogram.decode(text)
