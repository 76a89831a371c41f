"""The curve of a rush: rising towards the opening, at its peak when it is almost there, and decaying as A·exp(-t/τ).

The shape is that of published quota openings, over a steady trickle of people who come for no reason of the clock.
"""

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
