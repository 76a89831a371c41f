"""A rate curve λ(t), linear between its knots, with its integral and the integral's inverse in closed form.

Constant rates, ramps and steps are such curves as they are; any other curve is one to the accuracy of its knots.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise
from math import sqrt
from random import Random

# A second of the run and the people a second who come then. Two knots of one second are a jump.
Knot = tuple[float, float]


class Rates:
    """λ(t) in people a second, from its first knot to its last; nobody comes outside."""

    def __init__(self, knots: Iterable[Knot]) -> None:
        """Raises ValueError for knots that are no curve: fewer than two, backwards in time, or a rate below 0."""
        self.knots = tuple(knots)
        if len(self.knots) < 2:
            raise ValueError("a rate curve needs two knots at least")
        if any(after[0] < before[0] for before, after in pairwise(self.knots)):
            raise ValueError("the knots of a rate curve must be in order of time")
        if any(rate < 0 for _, rate in self.knots):
            raise ValueError("a rate must not be negative")
        areas = ((after[0] - before[0]) * (before[1] + after[1]) / 2 for before, after in pairwise(self.knots))
        # People who have come by each knot.
        self._by_knot = [0.0, *accumulate(areas)]

    @classmethod
    def constant(cls, rate: float, from_s: float, to_s: float) -> "Rates":
        """So many people a second over [from_s, to_s)."""
        return cls(((from_s, rate), (to_s, rate)))

    @classmethod
    def steps(cls, rates: Iterable[float], from_s: float, to_s: float) -> "Rates":
        """One rate after the other, each for an equal part of the time.

        >>> Rates.steps([1, 3], 0, 10).knots
        ((0.0, 1), (5.0, 1), (5.0, 3), (10.0, 3))
        """
        levels = tuple(rates)
        width_s = (to_s - from_s) / len(levels) if levels else 0.0
        starts_s = (from_s + width_s * number for number in range(len(levels)))
        return cls(
            knot
            for start_s, rate in zip(starts_s, levels, strict=True)
            for knot in ((start_s, rate), (start_s + width_s, rate))
        )

    @classmethod
    def of(cls, rate: Callable[[float], float], from_s: float, to_s: float, every_s: float) -> "Rates":
        """Any curve, looked at every so many seconds."""
        looks = max(1, round((to_s - from_s) / every_s))
        seconds = (from_s + (to_s - from_s) * number / looks for number in range(looks + 1))
        return cls((second, rate(second)) for second in seconds)

    @property
    def total(self) -> float:
        """The people whom the whole curve expects."""
        return self._by_knot[-1]

    def instant(self, come: float) -> float:
        """The second by which `come` people are expected, 0 ≤ come ≤ total: the inverse of the integral.

        >>> Rates(((0, 0), (10, 2))).instant(2.5)
        5.0
        """
        segment = min(max(bisect_right(self._by_knot, come) - 1, 0), len(self.knots) - 2)
        (from_s, rate), (to_s, next_rate) = self.knots[segment], self.knots[segment + 1]
        area = come - self._by_knot[segment]
        if area <= 0:
            return from_s
        slope = (next_rate - rate) / (to_s - from_s)
        # The root of rate·u + slope·u²/2 = area, in the form that loses no digits where the slope is small.
        return min(to_s, from_s + 2 * area / (rate + sqrt(max(0.0, rate * rate + 2 * slope * area))))

    def draw(self, rng: Random) -> float:
        """One arrival, distributed as the curve."""
        return self.instant(rng.random() * self.total)
