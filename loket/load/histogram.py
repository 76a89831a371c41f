"""Latencies as HDR histograms: 1 µs to 10 minutes, three significant digits, mergeable without loss.

A value outside counts as the limit, so that a freeze never vanishes from the tail.
"""

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 600_000_000
DIGITS = 3


class Histogram:
    """Counts of microseconds, on their way to a row of the series; `loket.gate.distribution` reads them."""

    def __init__(self) -> None:
        self._counts = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)

    @classmethod
    def of(cls, values_us: Iterable[int]) -> "Histogram":
        """A histogram of the values given."""
        histogram = cls()
        for value_us in values_us:
            histogram.record(value_us)
        return histogram

    def encode(self) -> str:
        """Base64, as every HDR library reads it."""
        encoded: bytes = self._counts.encode()
        return encoded.decode("ascii")

    def record(self, value_us: int) -> None:
        """Count one value."""
        within_us = min(max(value_us, LOWEST_US), HIGHEST_US)
        if not self._counts.record_value(within_us):
            raise AssertionError(f"{within_us} µs lies within the limits and was not recorded")
