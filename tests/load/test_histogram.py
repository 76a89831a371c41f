"""Latency histograms: precision, limits, and merging that loses nothing, read back by the HDR library itself."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loket.gate.distribution import Distribution, merged
from loket.load.histogram import DIGITS, HIGHEST_US, LOWEST_US, Histogram

MICROSECONDS = st.lists(st.integers(1, HIGHEST_US), min_size=1, max_size=200)
# From 50 µs to 10 minutes, every order of magnitude as likely as the next, and the edges of buckets among them.
PROMISED_US = st.one_of(
    st.integers(50, HIGHEST_US),
    st.integers(6, 29).flatmap(lambda bits: st.integers(2**bits, min(HIGHEST_US, 2 ** (bits + 1)))),
    st.integers(6, 29).map(lambda bits: 2**bits - 1),
)


@given(values=st.lists(PROMISED_US, min_size=1, max_size=300), percent=st.decimals("0.1", "100", places=1))
@settings(max_examples=300)
@example(values=list(range(1, 11)), percent=Decimal(50))
@example(values=list(range(1, 11)), percent=Decimal("50.1"))
def test_the_value_at_each_rank_is_the_one_of_the_sorted_list_within_one_per_cent(values, percent):
    """The k-th smallest of n stands at k, not beside it: 50 µs to 10 minutes, against the exact list."""
    rank = ceil(Fraction(percent) * len(values) / 100)
    found_us = Distribution.of([Histogram.of(values).encode()]).percentile_s(percent) * 1e6
    assert found_us == pytest.approx(sorted(values)[rank - 1], rel=0.01)


@given(values=st.lists(PROMISED_US, min_size=1, max_size=300))
def test_every_value_is_counted_in_a_bucket_that_holds_it(values):
    """Bucket by bucket the sorted list is used up, in order, and each bucket is no wider than a thousandth."""
    left = sorted(values)
    for bucket in Distribution.of([Histogram.of(values).encode()]).buckets:
        inside, left = left[: bucket.count], left[bucket.count :]
        assert all(bucket.low_us <= value <= bucket.high_us for value in inside)
        assert bucket.high_us - bucket.low_us <= bucket.low_us / 1000
    assert left == []


@given(values=st.lists(st.integers(-10, HIGHEST_US * 2), max_size=200))
@example(values=[])
@example(values=[2047, 2048, 2049, 4095, 4096])
def test_counting_is_what_the_library_counts(values):
    """Bit by bit, though ours is the faster."""
    theirs = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
    for value in values:
        assert theirs.record_value(min(max(value, LOWEST_US), HIGHEST_US))
    assert Histogram.of(values).encode() == theirs.encode().decode()


@given(hands=st.lists(st.lists(PROMISED_US, max_size=100), min_size=1, max_size=8), seed=st.randoms())
def test_merged_workers_are_bit_identical_to_one(hands, seed):
    """N workers' histograms merge into what one worker would have written, whatever the split and the order."""
    everything = [value for hand in hands for value in hand]
    encoded = [Histogram.of(hand).encode() for hand in hands]
    seed.shuffle(encoded)
    assert merged(encoded).encode().decode() == Histogram.of(everything).encode()


@given(hands=st.lists(MICROSECONDS, min_size=2, max_size=4))
def test_merging_in_steps_is_merging_at_once(hands):
    """Seconds into minutes, workers into hosts: no step loses anything."""
    encoded = [Histogram.of(hand).encode() for hand in hands]
    step_by_step = encoded[0]
    for one in encoded[1:]:
        step_by_step = merged([step_by_step, one]).encode().decode()
    assert step_by_step == merged(encoded).encode().decode()


@pytest.mark.parametrize(("value", "kept"), [(HIGHEST_US + 1, HIGHEST_US), (0, 1), (-5, 1)])
def test_a_value_out_of_range_is_recorded_as_the_limit(value, kept):
    """A freeze longer than ten minutes stays in the tail."""
    read = HdrHistogram.decode(Histogram.of([value]).encode())
    assert read.get_total_count() == 1
    assert read.get_value_at_percentile(100) == pytest.approx(kept, rel=1e-3)
