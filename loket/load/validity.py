"""Whether a run can be trusted: was it the service that was measured, or the generator's own trouble?

Pure: it reads what the workers wrote down and nothing else. A doubt is never about the service.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import msgspec

from loket.load.ledger import imbalance, total
from loket.load.plan import LoadPlan
from loket.records import Ledger, OperationType, Row, Shift, read_rows
from loket.run_directory import RunDirectory
from loket.verdict import Doubt


@dataclass(frozen=True)
class Limits:
    """Beyond these a run is not trusted."""

    # Assumption: people react in hundreds of milliseconds; a generator that adds a tenth of a second distorts them.
    send_lateness_p99_ms: float = 100.0
    # Assumption: a worker whose loop stood still for this long delayed everyone in it by as much.
    loop_lag_ms: float = 500.0
    # Assumption: from this share of one core on, for so long, requests queue inside the generator.
    cpu_share: float = 0.95
    busy_s: float = 3.0
    # A 95 % upper bound for a p95 needs 59 samples.
    fewest_requests: int = 59


LIMITS = Limits()


class _Sending(Row, frozen=True):
    """The fields of an operation that tell how late it left, and how it ended."""

    type: OperationType
    mono_ns: int
    intended_ns: int


def doubts(run_directory: RunDirectory, plan: LoadPlan, limits: Limits = LIMITS) -> list[Doubt]:
    """Every reason not to trust the run; none where there is none."""
    origin = run_directory.origin()
    workers = run_directory.workers()
    if origin is None or not workers:
        return [Doubt(reason="the load never began: no worker wrote anything down")]
    found: list[Doubt] = []
    last_rows = []
    for worker in workers:
        shift = list(run_directory.shifts(worker))
        if not shift:
            found.append(Doubt(reason=f"worker {worker} was lost before its first word"))
            continue
        last_rows.append(shift[-1])
        found += _of_worker(worker, shift, origin.mono_ns, limits)
        found += _of_sending(run_directory, worker, shift[-1], origin.mono_ns, limits)
    found += _of_crowd(last_rows, plan, limits)
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


def _of_sending(
    run_directory: RunDirectory, worker: str, last: Shift, origin_ns: int, limits: Limits
) -> Iterator[Doubt]:
    """What the operations say, apart from the counters: when each left, and whether as many did as were counted."""
    late_ns: list[tuple[int, int]] = []
    ends = {OperationType.OK: 0, OperationType.FAIL: 0, OperationType.INFO: 0}
    for row in read_rows(run_directory.journal / f"operations-{worker}.ndjson", _Sending):
        if row.type is OperationType.INVOKE:
            late_ns.append((row.mono_ns - row.intended_ns, row.mono_ns))
        else:
            ends[row.type] += 1
    if late_ns:
        late_ns.sort()
        p99_ms = late_ns[ceil(len(late_ns) * 0.99) - 1][0] / 1e6
        if p99_ms > limits.send_lateness_p99_ms:
            reason = (
                f"worker {worker} sent too late: p99 {p99_ms:.0f} ms after the intended start"
                f" (limit {limits.send_lateness_p99_ms:.0f} ms)"
            )
            yield Doubt(reason=reason, second=_second(late_ns[-1][1], origin_ns))
    unmatched = len(late_ns) - sum(ends.values())
    written = (len(late_ns), ends[OperationType.OK], ends[OperationType.FAIL], ends[OperationType.INFO] + unmatched)
    ledger = last.requests
    counted = (ledger.sent + ledger.dropped, ledger.ok, ledger.failed + ledger.dropped, ledger.unknown)
    if last.type == "end" and written != counted:
        yield Doubt(
            reason=f"worker {worker}'s journal and ledger differ (invoked, ok, failed, unknown): {written}, {counted}"
        )


def _of_crowd(last_rows: list[Shift], plan: LoadPlan, limits: Limits) -> Iterator[Doubt]:
    arrivals = total([row.arrivals for row in last_rows])
    requests = total([row.requests for row in last_rows])
    if arrivals.scheduled != plan.people:
        yield Doubt(reason=f"{arrivals.scheduled} people were scheduled where the plan has {plan.people}")
    if arrivals.dropped:
        yield Doubt(reason=f"{arrivals.dropped} people were turned away: the workers were full")
    if requests.dropped:
        yield Doubt(reason=f"{requests.dropped} requests never left: this host had no socket for them")
    if arrivals.cancelled:
        yield Doubt(reason=f"{arrivals.cancelled} of {arrivals.scheduled} people never came: the run ended before")
    if all(row.type == "end" for row in last_rows):
        yield from _unbalanced("people", arrivals)
        yield from _unbalanced("requests", requests)
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


def _second(mono_ns: int, origin_ns: int) -> float:
    return round((mono_ns - origin_ns) / 1e9, 2)
