"""When people come: an open schedule, fixed before the run, that waits for nobody's answer.

A pattern says when its people come; several together make the schedule, which depends on the seed alone: one worker
or many, the same people come at the same instants. Pure: nothing here knows a socket, a clock or Locust.
"""

from loket.load.arrivals.pattern import Curve, Drawn, Even, Instants, Pattern, Poisson
from loket.load.arrivals.rates import Rates
from loket.load.arrivals.rush import Rush
from loket.load.arrivals.schedule import Arrival, schedule, shard
from loket.load.arrivals.wave import Wave, head_count, patterns

__all__ = [
    "Arrival",
    "Curve",
    "Drawn",
    "Even",
    "Instants",
    "Pattern",
    "Poisson",
    "Rates",
    "Rush",
    "Wave",
    "head_count",
    "patterns",
    "schedule",
    "shard",
]
