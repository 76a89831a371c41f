"""A worker's own health, from its shift: lost, standing still, saturated, behind its schedule, or silent in between."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from loket.load.limits import Limits
from loket.records import Shift
from loket.verdict import Doubt


def ailments(worker: str, shift: list[Shift], origin_ns: int, limits: Limits) -> Iterator[Doubt]:
    """What ailed a worker that wrote at least one row; each with the second in which it began."""

    def second(mono_ns: int) -> float:
        return round((mono_ns - origin_ns) / 1e9, 2)

    last = shift[-1]
    if last.type != "end":
        reason = f"worker {worker} was lost: its record stops with {last.people_inside} people inside"
        yield Doubt(reason=reason, second=second(last.mono_ns))
    before, worst = max(pairwise([shift[0], *shift]), key=lambda rows: rows[1].loop_lag_ms)
    if worst.loop_lag_ms > limits.loop_lag_ms:
        reason = f"worker {worker} stood still for {worst.loop_lag_ms:.0f} ms (limit {limits.loop_lag_ms:.0f} ms)"
        yield Doubt(reason=reason, second=second(before.mono_ns))
    for before, row in pairwise(shift):
        if row.seq and (missing := row.seq - before.seq - 1):
            reason = f"worker {worker}'s record has a hole: {missing} of its rows are missing"
            yield Doubt(reason=reason, second=second(before.mono_ns))
            break
    if (busy := _longest(shift, lambda row: row.cpu_share >= limits.cpu_share)) and busy.seconds >= limits.busy_s:
        reason = (
            f"worker {worker} was saturated: {limits.cpu_share:.0%} of a core or more for {busy.seconds:.1f} s"
            f" (limit {limits.busy_s:g} s)"
        )
        yield Doubt(reason=reason, second=second(busy.since_ns))
    if (late := _longest(shift, lambda row: _is_behind(row, limits))) and late.seconds >= limits.behind_s:
        reason = (
            f"worker {worker} was behind for {late.seconds:.1f} s on end (limit {limits.behind_s:g} s):"
            f" its loop or a request more than {limits.behind_ms:.0f} ms late in every tick"
        )
        yield Doubt(reason=reason, second=second(late.since_ns))


def _is_behind(row: Shift, limits: Limits) -> bool:
    """One standstill beyond its own limit is told as such, and not as being behind too."""
    return row.loop_lag_ms <= limits.loop_lag_ms and max(row.loop_lag_ms, row.send_lateness_ms) > limits.behind_ms


@dataclass(frozen=True)
class _Spell:
    since_ns: int
    seconds: float


def _longest(shift: list[Shift], ails: Callable[[Shift], bool]) -> _Spell | None:
    """The longest unbroken time in which every tick has the ailment."""
    longest: _Spell | None = None
    since_ns = shift[0].mono_ns
    for row in shift[1:]:
        if not ails(row):
            since_ns = row.mono_ns
            continue
        spell = _Spell(since_ns, (row.mono_ns - since_ns) / 1e9)
        if longest is None or spell.seconds > longest.seconds:
            longest = spell
    return longest
