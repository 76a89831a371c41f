"""Whether a run can be trusted: was it the service that was measured, or the generator's own trouble?

Pure: it reads what the workers wrote down and nothing else. A doubt is never about the service.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import msgspec

from loket.load.books import differences
from loket.load.ledger import imbalance
from loket.load.plan import LoadPlan
from loket.load.remote.hosts import remote_doubts
from loket.records import Ledger, OperationType, Row, Shift, added, read_rows
from loket.run_directory import RunDirectory
from loket.verdict import Doubt


@dataclass(frozen=True)
class Limits:
    """Beyond these a run is not trusted."""

    # Assumption: people's reactions to the opening differ by hundreds of milliseconds; a generator that makes one
    # person in twenty a tenth of a second late does not change the shape of their rush. Over the whole run the limit
    # is wider, because a late request counts from its intended start (docs/decisions/0002-send-lateness.md).
    opening_lateness_p95_ms: float = 100.0
    opening_s: float = 5.0
    send_lateness_p99_ms: float = 250.0
    # Assumption: a worker whose loop stood still for this long delayed everyone in it by as much.
    loop_lag_ms: float = 500.0
    # Assumption: from this share of one core on, for so long, requests queue inside the generator.
    cpu_share: float = 0.95
    busy_s: float = 3.0
    # A 95 % upper bound for a p95 needs 59 samples.
    fewest_requests: int = 59


LIMITS = Limits()


class _Sending(Row, frozen=True):
    """The fields of an operation that tell which person's it was, how late it left, and how it ended."""

    type: OperationType
    mono_ns: int
    intended_ns: int
    user: int


def doubts(run_directory: RunDirectory, plan: LoadPlan, limits: Limits = LIMITS, halted: bool = False) -> list[Doubt]:
    """Every reason not to trust the run; none where there is none. One that was `halted` need not be whole."""
    origin = run_directory.origin()
    workers = run_directory.workers()
    if origin is None or not workers:
        return [Doubt(reason="the load never began: no worker wrote anything down")]
    found: list[Doubt] = []
    last_rows = []
    opening: dict[int, int] = {}
    opens_ns = origin.mono_ns + round(plan.opens_at_s * 1e9)
    for worker in workers:
        shift = list(run_directory.shifts(worker))
        if not shift:
            found.append(Doubt(reason=f"worker {worker} was lost before its first word"))
            continue
        last_rows.append(shift[-1])
        found += _of_worker(worker, shift, origin.mono_ns, limits)
        sendings = list(read_rows(run_directory.journal / f"operations-{worker}.ndjson", _Sending))
        opening |= _first_lateness(sendings, opens_ns, limits)
        found += _of_sending(worker, sendings, origin.mono_ns, limits)
        if shift[-1].type == "end":
            found += differences(run_directory, worker, (row.type for row in sendings), shift[-1])
    found += remote_doubts(run_directory)
    found += _of_opening(list(opening.values()), plan, limits)
    found += _of_crowd(last_rows, plan)
    found += () if halted else _of_extent(last_rows, limits)
    return found


def _of_worker(worker: str, shift: list[Shift], origin_ns: int, limits: Limits) -> Iterator[Doubt]:
    last = shift[-1]
    if last.type != "end":
        reason = f"worker {worker} was lost: its record stops with {last.people_inside} people inside"
        yield Doubt(reason=reason, second=_second(last.mono_ns, origin_ns))
    worst = max(shift, key=lambda row: row.loop_lag_ms)
    if worst.loop_lag_ms > limits.loop_lag_ms:
        reason = f"worker {worker} stood still for {worst.loop_lag_ms:.0f} ms (limit {limits.loop_lag_ms:.0f} ms)"
        yield Doubt(reason=reason, second=_second(worst.mono_ns, origin_ns))
    if (busy := _longest_busy(shift, limits)) and busy.seconds >= limits.busy_s:
        reason = (
            f"worker {worker} was saturated: {limits.cpu_share:.0%} of a core or more for {busy.seconds:.1f} s"
            f" (limit {limits.busy_s:g} s)"
        )
        yield Doubt(reason=reason, second=_second(busy.since_ns, origin_ns))


def _first_lateness(sendings: list[_Sending], opens_ns: int, limits: Limits) -> dict[int, int]:
    """For each person the lateness, in nanoseconds, of the first request that they meant for the opening."""
    ends_ns = opens_ns + round(limits.opening_s * 1e9)
    first: dict[int, int] = {}
    for row in sendings:
        if row.type is OperationType.INVOKE and opens_ns <= row.intended_ns < ends_ns:
            first.setdefault(row.user, row.mono_ns - row.intended_ns)
    return first


def _of_opening(late_ns: list[int], plan: LoadPlan, limits: Limits) -> Iterator[Doubt]:
    if late_ns and (p95_ms := _quantile_ms(late_ns, 0.95)) > limits.opening_lateness_p95_ms:
        reason = (
            f"the people of the opening were sent too late: p95 {p95_ms:.0f} ms over {len(late_ns)} people"
            f" (limit {limits.opening_lateness_p95_ms:.0f} ms)"
        )
        yield Doubt(reason=reason, second=plan.opens_at_s)


def _of_sending(worker: str, sendings: list[_Sending], origin_ns: int, limits: Limits) -> Iterator[Doubt]:
    """How late the worker's requests left, over the whole run."""
    late = [(row.mono_ns - row.intended_ns, row.mono_ns) for row in sendings if row.type is OperationType.INVOKE]
    if late and (p99_ms := _quantile_ms([late_ns for late_ns, _ in late], 0.99)) > limits.send_lateness_p99_ms:
        reason = (
            f"worker {worker} sent too late: p99 {p99_ms:.0f} ms after the intended start"
            f" (limit {limits.send_lateness_p99_ms:.0f} ms)"
        )
        yield Doubt(reason=reason, second=_second(max(late)[1], origin_ns))


def _of_crowd(last_rows: list[Shift], plan: LoadPlan) -> Iterator[Doubt]:
    arrivals = added(row.arrivals for row in last_rows)
    requests = added(row.requests for row in last_rows)
    if arrivals.scheduled != plan.people:
        yield Doubt(reason=f"{arrivals.scheduled} people were scheduled where the plan has {plan.people}")
    if arrivals.dropped:
        yield Doubt(reason=f"{arrivals.dropped} people were turned away: the workers were full")
    if requests.dropped:
        yield Doubt(reason=f"{requests.dropped} requests never left: this host had no socket for them")
    if all(row.type == "end" for row in last_rows):
        yield from _unbalanced("people", arrivals)
        yield from _unbalanced("requests", requests)


def _of_extent(last_rows: list[Shift], limits: Limits) -> Iterator[Doubt]:
    """Whether all came, and enough happened."""
    arrivals = added(row.arrivals for row in last_rows)
    requests = added(row.requests for row in last_rows)
    if arrivals.cancelled:
        yield Doubt(reason=f"{arrivals.cancelled} of {arrivals.scheduled} people never came: the run ended before")
    if not requests.ok:
        yield Doubt(reason=f"nothing happened: of {requests.sent} requests none succeeded")
    elif requests.sent < limits.fewest_requests:
        yield Doubt(reason=f"too few samples: {requests.sent} requests (fewest {limits.fewest_requests})")


def _unbalanced(what: str, ledger: Ledger) -> Iterator[Doubt]:
    if sentence := imbalance(ledger):
        yield Doubt(reason=f"the ledger of {what} does not add up: {sentence}")


class _Spell(msgspec.Struct, frozen=True):
    since_ns: int
    seconds: float


def _longest_busy(shift: list[Shift], limits: Limits) -> _Spell | None:
    """The longest unbroken time over which every tick reports a share of the processor beyond the limit."""
    longest: _Spell | None = None
    since_ns = shift[0].mono_ns
    for row in shift[1:]:
        if row.cpu_share < limits.cpu_share:
            since_ns = row.mono_ns
            continue
        spell = _Spell(since_ns, (row.mono_ns - since_ns) / 1e9)
        if longest is None or spell.seconds > longest.seconds:
            longest = spell
    return longest


def _quantile_ms(late_ns: list[int], share: float) -> float:
    return sorted(late_ns)[ceil(len(late_ns) * share) - 1] / 1e6


def _second(mono_ns: int, origin_ns: int) -> float:
    return round((mono_ns - origin_ns) / 1e9, 2)
