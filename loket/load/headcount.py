"""Whether everybody who was planned is accounted for, and the second from which on somebody was not.

The ledger rides on every tick, so the first tick that shows a lack dates it to a quarter of a second.
"""

from collections.abc import Callable, Iterator, Mapping

from loket.load.ledger import imbalance
from loket.load.limits import Limits
from loket.load.plan import LoadPlan
from loket.records import Origin, Shift, added
from loket.verdict import Doubt

# The shifts of the workers that said a word, by their names.
Shifts = Mapping[str, list[Shift]]


def crowd_doubts(shifts: Shifts, plan: LoadPlan, origin: Origin) -> Iterator[Doubt]:
    """Who is missing from the plan, was turned away or could not send, and ledgers that do not add up."""
    last = [shift[-1] for shift in shifts.values()]
    arrivals = added(row.arrivals for row in last)
    requests = added(row.requests for row in last)
    if origin.workers > len(shifts):
        silent = [f"w{number}" for number in range(origin.workers) if f"w{number}" not in shifts]
        yield Doubt(reason=f"no record of worker{'s' * (len(silent) > 1)} {', '.join(silent)} is left", second=0.0)
    if arrivals.scheduled != plan.people:
        reason = f"{arrivals.scheduled} people were scheduled where the plan has {plan.people}"
        yield Doubt(reason=reason, second=0.0)
    if arrivals.dropped:
        full = [_rooms(shift[0]) for shift in shifts.values() if shift[-1].arrivals.dropped and shift[0].room]
        reason = f"{arrivals.dropped} people were turned away: the workers were full{''.join(full[:1])}"
        yield Doubt(reason=reason, second=_first(shifts, origin, lambda row: row.arrivals.dropped > 0))
    if requests.dropped:
        reason = f"{requests.dropped} requests never left: this host had no socket for them"
        yield Doubt(reason=reason, second=_first(shifts, origin, lambda row: row.requests.dropped > 0))
    for worker, shift in shifts.items():
        yield from _unbalanced(worker, shift, origin)


def extent_doubts(shifts: Shifts, origin: Origin, limits: Limits) -> Iterator[Doubt]:
    """Whether all came, and enough happened."""
    last = [shift[-1] for shift in shifts.values()]
    arrivals = added(row.arrivals for row in last)
    requests = added(row.requests for row in last)
    if arrivals.cancelled:
        reason = f"{arrivals.cancelled} of {arrivals.scheduled} people never came: the run ended before"
        yield Doubt(reason=reason, second=_first(shifts, origin, lambda row: row.arrivals.cancelled > 0))
    if not requests.ok:
        yield Doubt(reason=f"nothing happened: of {requests.sent} requests none succeeded")
    elif requests.sent < limits.fewest_requests:
        yield Doubt(reason=f"too few samples: {requests.sent} requests (fewest {limits.fewest_requests})")


def _rooms(begin: Shift) -> str:
    return f" (worker {begin.worker} has room for {begin.room} at once, with {begin.open_files} open files)"


def _unbalanced(worker: str, shift: list[Shift], origin: Origin) -> Iterator[Doubt]:
    """Of a worker that came to its end; each worker by itself, so that two errors cannot cancel each other out."""
    end = shift[-1]
    if end.type != "end":
        return
    for what, ledger, adds_up in (
        ("people", end.arrivals, _adds_up_people),
        ("requests", end.requests, _adds_up_requests),
    ):
        if sentence := imbalance(ledger):
            began = next((row for row in shift if not adds_up(row)), end)
            second = _second(began.mono_ns, origin)
            yield Doubt(reason=f"worker {worker}'s ledger of {what} does not add up: {sentence}", second=second)


def _adds_up_people(row: Shift) -> bool:
    """At every moment: whoever came is inside, or has left."""
    people = row.arrivals
    return people.sent - people.ok - people.failed - people.unknown == row.people_inside


def _adds_up_requests(row: Shift) -> bool:
    """At every moment: a person inside has at most one request planned or on its way."""
    requests = row.requests
    planned = requests.scheduled - requests.sent - requests.dropped - requests.cancelled
    on_its_way = requests.sent - requests.ok - requests.failed - requests.unknown
    return min(planned, on_its_way) >= 0 and planned + on_its_way <= row.people_inside


def _first(shifts: Shifts, origin: Origin, so: Callable[[Shift], bool]) -> float | None:
    """The second of the first row, of any worker, that is so."""
    instants = [row.mono_ns for shift in shifts.values() for row in shift if so(row)]
    return _second(min(instants), origin) if instants else None


def _second(mono_ns: int, origin: Origin) -> float:
    return round((mono_ns - origin.mono_ns) / 1e9, 2)
