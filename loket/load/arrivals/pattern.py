"""How people come along a curve: evenly, at random, so many of them, or at instants that somebody wrote down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol

from loket.load.arrivals.rates import Rates


class Pattern(Protocol):
    """Some people's instants."""

    def instants(self, rng: Random) -> Iterable[float]:
        """Seconds of the run, in any order; the same for dice in the same state."""


class Curve(Protocol):
    """A density that arrivals can be drawn from, one independently of the other."""

    def draw(self, rng: Random) -> float:
        """One arrival, in seconds of the run."""


@dataclass(frozen=True)
class Even:
    """As evenly as the curve allows: one person at the middle of each unit of its integral."""

    rates: Rates

    def instants(self, rng: Random) -> Iterator[float]:
        """No dice are thrown.

        >>> list(Even(Rates.constant(2, 0, 2)).instants(Random()))
        [0.25, 0.75, 1.25, 1.75]
        """
        return (self.rates.instant(number + 0.5) for number in range(round(self.rates.total)))


@dataclass(frozen=True)
class Poisson:
    """A Poisson process of that rate, homogeneous or not: people who know nothing of each other.

    Unit exponential gaps, mapped through the inverse of the integrated rate; how many come is left to the dice.
    """

    rates: Rates

    def instants(self, rng: Random) -> Iterator[float]:
        come = rng.expovariate(1.0)
        while come < self.rates.total:
            yield self.rates.instant(come)
            come += rng.expovariate(1.0)


@dataclass(frozen=True)
class Drawn:
    """Exactly `people`, each drawn from the curve: a Poisson process of which the count is known."""

    curve: Curve
    people: int

    def instants(self, rng: Random) -> Iterator[float]:
        return (self.curve.draw(rng) for _ in range(self.people))


@dataclass(frozen=True)
class Instants:
    """Those of a recorded trace, or all the same: a burst."""

    at_s: tuple[float, ...]

    def instants(self, rng: Random) -> Iterable[float]:
        """As they are."""
        return self.at_s
