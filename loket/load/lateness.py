"""How late requests left, over a whole run and at the opening.

A request is late by the time between its intended start and its sending; a person counts once at the opening.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from math import ceil
from typing import Protocol

from loket.load.limits import Limits
from loket.load.plan import LoadPlan
from loket.verdict import Doubt

SECOND_NS = 1_000_000_000


class Sent(Protocol):
    """What must be known of a request that left."""

    @property
    def mono_ns(self) -> int: ...
    @property
    def intended_ns(self) -> int: ...
    @property
    def user(self) -> int: ...


class Lateness:
    """Of one worker: every request that left is to be `noted` once, in the order of sending."""

    def __init__(self, plan: LoadPlan, origin_ns: int, limits: Limits) -> None:
        self._origin_ns = origin_ns
        self._limits = limits
        self._limit_ns = round(limits.send_lateness_p99_ms * 1e6)
        self._opens_ns = origin_ns + round(plan.opens_at_s * 1e9)
        self._closes_ns = self._opens_ns + round(limits.opening_s * 1e9)
        self._late_ns = array("q")
        self._opening: dict[int, int] = {}
        # Of the requests beyond the limit: how many were intended for each second, and the first of them.
        self._beyond: Counter[int] = Counter()
        self._first_ns: dict[int, int] = {}

    def note(self, sent: Sent) -> None:
        """One more request that left."""
        late_ns = sent.mono_ns - sent.intended_ns
        self._late_ns.append(late_ns)
        if self._opens_ns <= sent.intended_ns < self._closes_ns:
            self._opening.setdefault(sent.user, late_ns)
        if late_ns > self._limit_ns:
            second = (sent.intended_ns - self._origin_ns) // SECOND_NS
            self._beyond[second] += 1
            self._first_ns[second] = min(self._first_ns.get(second, sent.intended_ns), sent.intended_ns)

    def opening_ns(self) -> Iterator[int]:
        """For each person the lateness of the first request that they meant for the opening."""
        return iter(self._opening.values())

    def doubts(self, worker: str) -> Iterator[Doubt]:
        """Whether the worker's requests left too late over the whole run."""
        limit_ms = self._limits.send_lateness_p99_ms
        if self._late_ns and (p99_ms := _quantile_ms(self._late_ns, 0.99)) > limit_ms:
            reason = f"worker {worker} sent too late: p99 {p99_ms:.0f} ms after the intended start"
            yield Doubt(reason=f"{reason} (limit {limit_ms:.0f} ms)", second=self._onset_s())

    def _onset_s(self) -> float:
        """Where the unbroken row of seconds with late requests began that the worst second lies in."""
        second = max(self._beyond, key=lambda second: self._beyond[second])
        while second - 1 in self._beyond:
            second -= 1
        return round((self._first_ns[second] - self._origin_ns) / 1e9, 2)


def opening_doubts(workers: list[Lateness], plan: LoadPlan, limits: Limits) -> Iterator[Doubt]:
    """Whether the people of the opening, of all workers, were sent too late."""
    late_ns = array("q", chain.from_iterable(worker.opening_ns() for worker in workers))
    if late_ns and (p95_ms := _quantile_ms(late_ns, 0.95)) > limits.opening_lateness_p95_ms:
        reason = (
            f"the people of the opening were sent too late: p95 {p95_ms:.0f} ms over {len(late_ns)} people"
            f" (limit {limits.opening_lateness_p95_ms:.0f} ms)"
        )
        yield Doubt(reason=reason, second=plan.opens_at_s)


def _quantile_ms(late_ns: "array[int]", share: float) -> float:
    return sorted(late_ns)[ceil(len(late_ns) * share) - 1] / 1e6
