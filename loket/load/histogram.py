"""Latencies as HDR histograms: 1 µs to 10 minutes, three significant digits, mergeable without loss.

A value outside is recorded as the limit and counted, so that a freeze never vanishes from the tail.
"""

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

LOWEST_US = 1
HIGHEST_US = 600_000_000
DIGITS = 3


class Histogram:
    """Microseconds. `clamped` counts the values that lay outside [LOWEST_US, HIGHEST_US]; it is not encoded."""

    def __init__(self) -> None:
        self._counts = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
        self.clamped = 0

    @classmethod
    def of(cls, values_us: Iterable[int]) -> "Histogram":
        """A histogram of the values given."""
        histogram = cls()
        for value_us in values_us:
            histogram.record(value_us)
        return histogram

    @classmethod
    def decode(cls, text: str) -> "Histogram":
        """The histogram that `encode` wrote. Raises ValueError where the text is not one."""
        histogram = cls()
        histogram._counts.add(_decoded(text))
        return histogram

    def encode(self) -> str:
        """Base64, as every HDR library reads it."""
        encoded: bytes = self._counts.encode()
        return encoded.decode("ascii")

    def record(self, value_us: int) -> None:
        """Count one value."""
        within_us = min(max(value_us, LOWEST_US), HIGHEST_US)
        if within_us != value_us:
            self.clamped += 1
        if not self._counts.record_value(within_us):
            raise AssertionError(f"{within_us} µs lies within the limits and was not recorded")

    def merge(self, other: "Histogram") -> None:
        """Add the other's counts: the same result whatever the order and the grouping."""
        self._counts.add(other._counts)
        self.clamped += other.clamped

    @property
    def count(self) -> int:
        return int(self._counts.get_total_count())

    def quantile_us(self, share: float) -> int:
        """The smallest recorded value (within three digits) that `share` of the values do not exceed; 0 of none.

        >>> Histogram.of(range(1, 101)).quantile_us(0.95)
        95
        """
        return int(self._counts.get_value_at_percentile(share * 100)) if self.count else 0


def _decoded(text: str) -> HdrHistogram:
    try:
        return HdrHistogram.decode(text)
    except Exception as error:  # the library raises its own kinds, zlib's and binascii's
        raise ValueError(f"not an encoded HDR histogram: {error}") from error
