"""The schedule: everybody's instant, in order of time, and the part of it that one worker sends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from loket.load.arrivals.pattern import Pattern


@dataclass(frozen=True)
class Arrival:
    """Person number `index` of the run arrives at second `at_s` of it."""

    index: int
    at_s: float


def stream(seed: int, number: int) -> Random:
    """The dice of pattern `number`: each has its own, so that one more pattern moves nobody of the others."""
    return Random(f"{seed}:arrivals:{number}")


def schedule(patterns: Iterable[Pattern], seed: int) -> tuple[Arrival, ...]:
    """The people of all patterns together in order of time, the same for the same arguments.

    >>> from loket.load.arrivals import Drawn, Instants, Rush
    >>> together = schedule([Drawn(Rush(0, 10, 40, tau_s=10), people=3), Instants((9.0,))], seed=7)
    >>> [round(arrival.at_s, 1) for arrival in together]
    [1.7, 7.2, 9.0, 27.7]
    """
    instants = sorted(
        at_s for number, pattern in enumerate(patterns) for at_s in pattern.instants(stream(seed, number))
    )
    return tuple(Arrival(index, at_s) for index, at_s in enumerate(instants))


def shard(arrivals: Sequence[Arrival], number: int, of: int) -> Iterator[Arrival]:
    """The arrivals that worker `number` (from 0) of `of` workers sends; the shards together are the whole.

    >>> everyone = [Arrival(index, index / 10) for index in range(5)]
    >>> [arrival.index for arrival in shard(everyone, 1, of=2)]
    [1, 3]
    """
    return (arrival for arrival in arrivals if arrival.index % of == number)
