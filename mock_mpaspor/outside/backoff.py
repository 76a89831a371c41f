"""How long to wait before asking again: longer each time, never longer than the cap, never in step with others."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Backoff:
    """Doubling from `first_s` to `cap_s`; each wait is drawn from the upper half of its bound."""

    # Assumption: a run of a minute must converge, so no wait exceeds a second.
    first_s: float = 0.1
    cap_s: float = 1.0

    def delay_s(self, attempts: int, rng: Random) -> float:
        """Seconds to wait after `attempts` ≥ 1 attempts that settled nothing."""
        bound_s = min(self.cap_s, self.first_s * 2.0 ** min(attempts - 1, 30))
        return bound_s * rng.uniform(0.5, 1.0)
