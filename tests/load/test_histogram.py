"""Latency histograms: precision, limits, and merging that loses nothing, read back by the HDR library itself."""

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from loket.gate.distribution import merged
from loket.load.histogram import HIGHEST_US, Histogram

MICROSECONDS = st.lists(st.integers(1, HIGHEST_US), min_size=1, max_size=200)


@given(values=MICROSECONDS, share=st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_right_to_three_digits(values, share):
    """Against the sorted values themselves."""
    rank = max(0, int(share * len(values) + 0.5) - 1)
    exact = sorted(values)[rank]
    read = HdrHistogram.decode(Histogram.of(values).encode())
    assert read.get_value_at_percentile(share * 100) == pytest.approx(exact, rel=1e-3, abs=1)


@given(hands=st.lists(MICROSECONDS, min_size=1, max_size=4))
def test_merged_workers_are_bit_identical_to_one(hands):
    """N workers' histograms merge into what one worker would have written."""
    together = merged(Histogram.of(hand).encode() for hand in hands)
    alone = Histogram.of([value for hand in hands for value in hand])
    assert together.encode().decode() == alone.encode()


@pytest.mark.parametrize(("value", "kept"), [(HIGHEST_US + 1, HIGHEST_US), (0, 1), (-5, 1)])
def test_a_value_out_of_range_is_recorded_as_the_limit(value, kept):
    """A freeze longer than ten minutes stays in the tail."""
    read = HdrHistogram.decode(Histogram.of([value]).encode())
    assert read.get_total_count() == 1
    assert read.get_value_at_percentile(100) == pytest.approx(kept, rel=1e-3)
