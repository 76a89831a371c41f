"""How the clocks of hosts compare: each has a monotonic clock of its own, and wall clocks are not trusted.

A worker asks the master what time it is. Whatever the ways there and back took, the master answered in between, so the
middle of asking and hearing is wrong by half the round trip at most; the fastest of several rounds tells the most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from loket.records import ClockReading
from loket.run_directory import RunDirectory
from loket.verdict import Doubt


@dataclass(frozen=True)
class ClockLimits:
    """Beyond these a remote worker's people were not where the run says that they were."""

    # Assumption: what a clock is wrong by moves a worker's people against the opening and against the faults. The
    # opening may be late by 100 ms (docs/decisions/0002-send-lateness.md); a quarter of that is the clocks' part.
    uncertainty_ms: float = 25.0
    drift_ms: float = 25.0


CLOCK_LIMITS = ClockLimits()


@dataclass(frozen=True, slots=True)
class Round:
    """One question and its answer: the other clock is `offset_ns` ahead of ours, give or take `uncertainty_ns`."""

    offset_ns: int
    uncertainty_ns: int

    @classmethod
    def of(cls, asked_ns: int, theirs_ns: int, heard_ns: int) -> "Round":
        """From our clock at asking, theirs at answering, ours at hearing.

        >>> Round.of(asked_ns=1_000, theirs_ns=51_200, heard_ns=1_400)
        Round(offset_ns=50000, uncertainty_ns=200)
        """
        half_ns = (heard_ns - asked_ns + 1) // 2
        return cls(offset_ns=theirs_ns - asked_ns - half_ns, uncertainty_ns=half_ns)


def fastest(rounds: Iterable[Round]) -> Round:
    """The round that tells the most. Raises ValueError where there is none."""
    return min(rounds, key=lambda each: each.uncertainty_ns)


def clock_doubts(directory: RunDirectory, worker: str, limits: ClockLimits = CLOCK_LIMITS) -> Iterator[Doubt]:
    """Why not to trust the instants of a worker of another host; nothing for one of the master's own."""
    readings = directory.clock(worker)
    first = next(readings, None)
    if first is None:
        return
    origin = directory.origin()
    origin_ns = origin.mono_ns if origin else first.mono_ns
    if (within_ms := first.uncertainty_ns / 1e6) > limits.uncertainty_ms:
        yield Doubt(
            reason=(
                f"worker {worker}'s clock was known to within {within_ms:.1f} ms only"
                f" (limit {limits.uncertainty_ms:g} ms)"
            ),
            second=round((first.mono_ns - origin_ns) / 1e9, 2),
        )
    worst = max(chain([first], readings), key=lambda reading: _drift_ns(first, reading))
    if (drift_ms := _drift_ns(first, worst) / 1e6) > limits.drift_ms:
        yield Doubt(
            reason=(
                f"worker {worker}'s clock drifted by {drift_ms:.1f} ms or more against the master's"
                f" (limit {limits.drift_ms:g} ms)"
            ),
            second=round((worst.mono_ns - origin_ns) / 1e9, 2),
        )


def _drift_ns(first: ClockReading, later: ClockReading) -> int:
    """What the clock certainly drifted by: the change of the offset, less what both readings may be wrong by."""
    change_ns = abs(later.offset_ns - first.offset_ns)
    return max(0, change_ns - first.uncertainty_ns - later.uncertainty_ns)
