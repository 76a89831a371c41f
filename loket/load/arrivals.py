"""When people come: an open schedule, fixed before the run, that waits for nobody's answer.

A rush rises towards the opening, peaks when it is almost there and decays as A·exp(-t/τ) over a steady trickle
(the shape of published quota openings). Given its count, a Poisson process is that many independent draws from
its normalised curve, so exactly as many people come as were asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random


@dataclass(frozen=True)
class Rush:
    """The curve λ(t), in people a second over the seconds of the run.

    `early_share` of the people come in [starts_s, ready_by_s), the more the later; those still have the time to
    prepare everything before the opening. `steady_share` come evenly over [starts_s, ends_s). The rest come too
    late to be ready: they begin at ready_by_s and thin out with the time constant tau_s until ends_s.
    """

    starts_s: float
    ready_by_s: float
    ends_s: float
    tau_s: float
    early_share: float = 0.6
    steady_share: float = 0.1

    def __post_init__(self) -> None:
        """Raises ValueError for a curve that no crowd could follow."""
        if not self.starts_s <= self.ready_by_s < self.ends_s:
            raise ValueError("a rush needs starts_s <= ready_by_s < ends_s")
        if self.tau_s <= 0:
            raise ValueError("tau_s must be positive")
        if min(self.early_share, self.steady_share) < 0 or round(self.early_share + self.steady_share, 9) > 1:
            raise ValueError("the shares of a rush must not be negative nor exceed 1 in sum")

    def draw(self, rng: Random) -> float:
        """One arrival, in seconds of the run, distributed as λ(t)."""
        part, u = rng.random(), rng.random()
        if part < self.early_share:
            return self.starts_s + (self.ready_by_s - self.starts_s) * sqrt(u)
        if part < self.early_share + self.steady_share:
            return self.starts_s + (self.ends_s - self.starts_s) * u
        reach = 1 - exp(-(self.ends_s - self.ready_by_s) / self.tau_s)
        return self.ready_by_s - self.tau_s * log(1 - u * reach)


@dataclass(frozen=True)
class Arrival:
    """Person number `index` of the run arrives at second `at_s` of it."""

    index: int
    at_s: float


def schedule(rush: Rush, people: int, seed: int) -> tuple[Arrival, ...]:
    """Exactly `people` arrivals in order of time, the same for the same arguments.

    >>> [round(arrival.at_s, 1) for arrival in schedule(Rush(0, 10, 40, tau_s=10), people=4, seed=7)]
    [6.6, 8.7, 13.9, 14.7]
    """
    rng = Random(f"{seed}:arrivals")
    instants = sorted(rush.draw(rng) for _ in range(people))
    return tuple(Arrival(index, at_s) for index, at_s in enumerate(instants))


def shard(arrivals: Sequence[Arrival], number: int, of: int) -> Iterator[Arrival]:
    """The arrivals that worker `number` (from 0) of `of` workers sends; the shards together are the whole.

    >>> everyone = [Arrival(index, index / 10) for index in range(5)]
    >>> [arrival.index for arrival in shard(everyone, 1, of=2)]
    [1, 3]
    """
    return (arrival for arrival in arrivals if arrival.index % of == number)
