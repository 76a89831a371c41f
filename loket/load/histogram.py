"""Latencies as HDR histograms: 1 µs to 10 minutes, three significant digits, mergeable without loss.

A value outside counts as the limit, so that a freeze never vanishes from the tail.
"""

from collections import Counter
from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 600_000_000
DIGITS = 3


class Histogram:
    """Counts of microseconds, on their way to a row of the series; `loket.gate.distribution` reads them."""

    def __init__(self, counts: HdrHistogram) -> None:
        self._counts = counts

    @classmethod
    def of(cls, values_us: Iterable[int]) -> "Histogram":
        """A histogram of the values given.

        The library's way of recording takes several times as long, and a worker records two values a request.
        """
        histogram = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        counts, magnitude = histogram.counts, histogram.sub_bucket_half_count_magnitude
        # Values below 2 << magnitude have a bucket each; above, each doubling is cut into 1 << magnitude equal ones.
        exact_bits = magnitude + 1
        seen = Counter(values_us)
        for value_us, times in seen.items():
            within_us = LOWEST_US if value_us < LOWEST_US else HIGHEST_US if value_us > HIGHEST_US else value_us
            cut = within_us.bit_length() - exact_bits
            counts[within_us if cut <= 0 else (cut << magnitude) + (within_us >> cut)] += times
        if seen:
            histogram.total_count = seen.total()
            histogram.min_value = min(HIGHEST_US, max(LOWEST_US, min(seen)))
            histogram.max_value = min(HIGHEST_US, max(LOWEST_US, max(seen)))
        return cls(histogram)

    def encode(self) -> str:
        """Base64, as every HDR library reads it."""
        encoded: bytes = self._counts.encode()
        return encoded.decode("ascii")
