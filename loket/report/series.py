"""The load second by second: counts of each step and its response times, gathered from the workers' series.

Histograms stay encoded until a figure is asked for, so that an hour of many workers fits in little memory.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from hdrh.codec import HdrCookieException, HdrHistogramSettingsException, HdrLengthException

from loket.gate.distribution import Distribution
from loket.gate.vocabulary import STEPS
from loket.records import Second
from loket.report.timeline import Window

UNDECODABLE = (
    ValueError,
    TypeError,
    IndexError,
    zlib.error,
    HdrCookieException,
    HdrLengthException,
    HdrHistogramSettingsException,
)


@dataclass(slots=True)
class Cell:
    """One step within one second, or sums of such; `responses` are encoded histograms in microseconds."""

    sent: int = 0
    ok: int = 0
    refused: int = 0
    errors: int = 0
    unknown: int = 0
    dropped: int = 0
    responses: list[str] = field(default_factory=list)

    def add(self, other: "Cell | Second") -> None:
        self.sent += other.sent
        self.ok += other.ok
        self.refused += other.refused
        self.errors += other.errors
        self.unknown += other.unknown
        self.dropped += other.dropped
        if isinstance(other, Cell):
            self.responses.extend(other.responses)
        elif other.response is not None:
            self.responses.append(other.response)


@dataclass(frozen=True)
class Percentiles:
    """Response times from the intended start, in milliseconds, and the number of answers behind them."""

    samples: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class LoadSeries:
    """Cells by step and second; warm-up (negative seconds) is left out."""

    def __init__(self, rows: Iterable[Second], on_unreadable: Callable[[str], None]) -> None:
        self._cells: dict[str, dict[int, Cell]] = {}
        self._on_unreadable = on_unreadable
        for row in rows:
            if row.second >= 0:
                self._cells.setdefault(row.step, {}).setdefault(row.second, Cell()).add(row)

    def steps(self) -> tuple[str, ...]:
        """Steps in the order of the journey; others after them, in the order in which the run came to them."""
        journey = {step: place for place, step in enumerate(STEPS)}
        return tuple(sorted(self._cells, key=lambda step: (journey.get(step, len(STEPS)), min(self._cells[step]))))

    def last_second(self) -> int:
        """The last second with a row; 0 for an empty series."""
        return max((second for cells in self._cells.values() for second in cells), default=0)

    def total(self, steps: Iterable[str], window: Window | None = None) -> Cell:
        """The sum over whole seconds that begin within the window (the whole run without one)."""
        total = Cell()
        for step in steps:
            for second, cell in self._cells.get(step, {}).items():
                if window is None or window.start_s <= second < window.end_s:
                    total.add(cell)
        return total

    def buckets(self, steps: Iterable[str], width_s: int) -> Iterator[tuple[int, Cell]]:
        """(first second, sum) of each stretch of `width_s` seconds from the first row to the last, gaps included."""
        sums: dict[int, Cell] = {}
        for step in steps:
            for second, cell in self._cells.get(step, {}).items():
                sums.setdefault(second // width_s, Cell()).add(cell)
        for index in range(min(sums, default=0), max(sums, default=-1) + 1):
            yield index * width_s, sums.get(index, Cell())

    def percentiles(self, cell: Cell) -> Percentiles | None:
        """Response times of the cell, by the gates' own arithmetic; None where it holds no readable answer."""
        if not cell.responses:
            return None
        try:
            found = Distribution.of(cell.responses)
        except UNDECODABLE as error:
            self._on_unreadable(f"series: a histogram could not be decoded ({error})")
            return None
        if not found.count:
            return None
        return Percentiles(
            samples=found.count,
            p50_ms=1000 * found.percentile_s(Decimal(50)),
            p95_ms=1000 * found.percentile_s(Decimal(95)),
            p99_ms=1000 * found.percentile_s(Decimal(99)),
            max_ms=1000 * found.max_s(),
        )
