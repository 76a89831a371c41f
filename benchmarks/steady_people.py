"""The people of `disturbances.py`, as Locust runs them: they come, ask five times with a pause between, and leave.

What a worker can do to itself is done here, once, when its moment has come: DISTURBANCE says what, when, how much.
The instant at which it began is written down, to be compared with the second that the judgement names.
"""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, monotonic_ns

import msgspec
from gevent.monkey import get_original
from locust import events

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loket.load.answers import Step
from loket.load.arrivals import Rates
from loket.load.call import Call
from loket.load.journal import Shard
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome, Row

__all__ = ["CrowdShape", "SteadyUser"]

ASK = Call(Step("ask", frozenset({200}), read=True), "GET", "/")
REQUESTS_A_PERSON = 5
PAUSE_S = 0.2
WRITE_S = 0.04
TOIL_S = 0.03
TRUTH = "truth"

stand_still = get_original("time", "sleep")


class Disturbance(msgspec.Struct, frozen=True):
    """What is done, at which second of the run, and how much of it."""

    kind: str
    at_s: float
    size: float


class Nuisance:
    """Does the disturbance to this process, once."""

    def __init__(self, disturbance: Disturbance) -> None:
        self._due_s = disturbance.at_s
        self._size = disturbance.size
        self._act = SELF_INFLICTED.get(disturbance.kind)
        self._toils_until = 0.0

    def step(self, visitor: Visitor) -> None:
        """Called before each request of each person."""
        if self._act and visitor.now_s >= self._due_s:
            act, self._act = self._act, None
            (Path(visitor.plan.run_directory) / TRUTH).write_text(str(monotonic_ns()))
            act(self, self._size)
        if monotonic() < self._toils_until:
            burn(TOIL_S)

    def block(self, seconds: float) -> None:
        """A call that gevent cannot interrupt: a driver in C, a password hash."""
        stand_still(seconds)

    def hoard(self, seconds: float) -> None:
        """A journey that makes ever more objects, and the collector that walks over all of them."""
        hoard: list[object] = []
        until = monotonic() + seconds
        while monotonic() < until:
            hoard.append([{} for _ in range(1_000)])
        gc.collect()

    def hang_a_write(self, seconds: float) -> None:
        """One write to the journal that takes so long."""
        until = monotonic() + seconds
        write_slowly(lambda: stand_still(max(0.0, until - monotonic())))

    def slow_the_disk(self, seconds: float) -> None:
        """Every write to the journal takes 40 ms, for so long."""
        until = monotonic() + seconds
        write_slowly(lambda: stand_still(WRITE_S if monotonic() < until else 0.0))

    def toil(self, seconds: float) -> None:
        """Every step of every person costs 30 ms of the processor, for so long."""
        self._toils_until = monotonic() + seconds


SELF_INFLICTED: dict[str, Callable[[Nuisance, float], None]] = {
    "blocking call": Nuisance.block,
    "hoard of objects": Nuisance.hoard,
    "write that hangs": Nuisance.hang_a_write,
    "slow disk": Nuisance.slow_the_disk,
    "toilsome journey": Nuisance.toil,
}


def write_slowly(wait: Callable[[], None]) -> None:
    write = Shard.write

    def slow(shard: Shard, row: Row) -> None:
        wait()
        write(shard, row)

    Shard.write = slow  # type: ignore[method-assign]


def burn(seconds: float) -> None:
    until = monotonic() + seconds
    while monotonic() < until:
        pass


class SteadyPeople:
    """The scenario."""

    name = "steady_people"

    def __init__(self, disturbance: Disturbance) -> None:
        self._nuisance = Nuisance(disturbance)

    def curve(self, plan: LoadPlan) -> Rates:
        """Evenly, where the plan does not say otherwise."""
        return Rates.constant(1.0, 0.0, plan.rush_s)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        for _ in range(REQUESTS_A_PERSON):
            self._nuisance.step(visitor)
            visitor.send(ASK)
            visitor.pause(PAUSE_S)
        return Outcome.CONFIRMED


class SteadyUser(CrowdUser):
    """The crowd of one worker."""

    scenario = SteadyPeople(msgspec.json.decode(os.environ["DISTURBANCE"], type=Disturbance))


bind(events)
