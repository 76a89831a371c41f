"""Latencies of many requests, merged from the HDR histograms of workers and seconds without any loss.

The histogram library rounds ranks and walks every bucket; here ranks are exact and only the used buckets are read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil

from hdrh.histogram import HdrHistogram

from loket.load.histogram import DIGITS, HIGHEST_US, LOWEST_US

_US_PER_S = 1_000_000


def merged(encoded: Iterable[str]) -> HdrHistogram:
    """The sum of base64 HDR histograms in microseconds; the same for any split among workers and seconds."""
    total = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
    for text in encoded:
        total.add(HdrHistogram.decode(text))
    return total


@dataclass(frozen=True)
class Bucket:
    """`count` values between `low_us` and `high_us` (both included): at most 0.1 % apart."""

    low_us: int
    high_us: int
    count: int


@dataclass(frozen=True)
class Distribution:
    """The used buckets of a histogram in ascending order. Every figure asks for at least one value."""

    buckets: tuple[Bucket, ...]

    @classmethod
    def of(cls, encoded: Iterable[str]) -> "Distribution":
        """The distribution of the sum of base64 HDR histograms."""
        histogram = merged(encoded)
        first = histogram.get_counts_array_index(histogram.get_min_value())
        last = histogram.get_counts_array_index(histogram.get_max_value())
        return cls(tuple(_used(histogram, range(first, last + 1))))

    @cached_property
    def count(self) -> int:
        return sum(bucket.count for bucket in self.buckets)

    def percentile_s(self, rank: Decimal) -> float:
        """Seconds that at least `rank` % of the values do not exceed (nearest rank, upper edge of the bucket)."""
        wanted = max(1, ceil(rank * self.count / 100))
        seen = 0
        for bucket in self.buckets:
            seen += bucket.count
            if seen >= wanted:
                return bucket.high_us / _US_PER_S
        raise ValueError("a distribution of no values has no percentile")

    def mean_s(self) -> float:
        """Seconds, each value taken as the middle of its bucket."""
        return sum((b.low_us + b.high_us) / 2 * b.count for b in self.buckets) / self.count / _US_PER_S

    def max_s(self) -> float:
        return self.buckets[-1].high_us / _US_PER_S


def _used(histogram: HdrHistogram, indices: range) -> Iterable[Bucket]:
    for index in indices:
        count = histogram.get_count_at_index(index)
        if count:
            low = histogram.get_value_from_index(index)
            yield Bucket(low, histogram.get_highest_equivalent_value(low), count)
