"""A worker's share of a run, as the master deals it out and the worker tells its end."""

import msgspec

from loket.load.plan import LoadPlan
from loket.records import Origin

BEGIN = "loket_begin"
OVER = "loket_over"
# What a worker that was told to stop says of its end.
STOPPED = "somebody stopped it"


class Assignment(msgspec.Struct, kw_only=True, frozen=True):
    """What a worker is told: the plan, second 0, and which of how many shards is its own."""

    plan: LoadPlan
    origin: Origin
    number: int
    of: int
