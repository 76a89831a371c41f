"""A pattern as the plan carries it to the workers, and the patterns that a plan's waves stand for."""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from loket.load.arrivals.pattern import Curve, Drawn, Even, Instants, Pattern, Poisson
from loket.load.arrivals.rates import Knot, Rates
from loket.load.arrivals.schedule import stream

Process = Literal["poisson", "even"]


class Wave(msgspec.Struct, kw_only=True, frozen=True):
    """One of three: a rate curve by its `knots` and the `process` that follows it; `instants`, in seconds of the run;
    or a `crowd` of so many along the scenario's own curve.
    """

    knots: tuple[Knot, ...] = ()
    process: Process = "poisson"
    instants: tuple[float, ...] = ()
    crowd: int = 0

    def pattern(self, own: Curve) -> Pattern:
        """`own` is the scenario's curve."""
        if self.knots:
            rates = Rates(self.knots)
            return Even(rates) if self.process == "even" else Poisson(rates)
        return Drawn(own, self.crowd) if self.crowd else Instants(self.instants)


def patterns(waves: Iterable[Wave], own: Curve) -> Iterator[Pattern]:
    """Each wave's pattern, in order."""
    return (wave.pattern(own) for wave in waves)


def head_count(waves: Iterable[Wave], seed: int) -> int:
    """How many people the waves bring: what `schedule` gives for the seed, without the scenario's curve.

    >>> head_count([Wave(crowd=7), Wave(instants=(1.0, 1.0)), Wave(knots=((0, 2), (5, 2)), process="even")], seed=1)
    19
    """
    return sum(
        wave.crowd or sum(1 for _ in wave.pattern(_NOBODY).instants(stream(seed, number)))
        for number, wave in enumerate(waves)
    )


_NOBODY = Rates(((0.0, 0.0), (1.0, 0.0)))
