"""One worker's share of a crowd that looks once and taps at the opening; gevent stays in this process.

Arguments: URL, run directory, worker's number, number of workers, people, and second 0 in monotonic nanoseconds.
"""

import sys
from dataclasses import dataclass

from loket.load.answers import Step
from loket.load.arrivals import Curve, Rates
from loket.load.call import Call
from loket.load.crowd import Crowd
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Origin, Outcome

LOOK = Call(Step("look", frozenset({200}), read=True), "GET", "/look")
TAP = Call(Step("tap", frozenset({200}), read=True), "GET", "/tap")
OPENS_S = 3.0


@dataclass(frozen=True)
class Gate:
    """Everybody comes within the first second."""

    name: str = "gate"

    def curve(self, plan: LoadPlan) -> Curve:
        return Rates.constant(1.0, 0.0, 1.0)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        visitor.send(LOOK)
        visitor.wait_armed(OPENS_S)
        visitor.send(TAP)
        return Outcome.CONFIRMED


def main(arguments: list[str]) -> None:
    url, directory, number, of, people, zero_ns = arguments
    plan = LoadPlan(
        scenario="gate", seed=1, office="", people=int(people), places=0, days=1, opens_at_s=OPENS_S, rush_s=1.0,
        drain_s=5.0, patience_s=5.0, payment_deadline_s=0.0, profile=None, service_url=url, bank_url=url,
        direct_url=url, admin_token="", run_directory=directory,
    )  # fmt: skip
    origin = Origin(mono_ns=int(zero_ns), unix_ns=0)
    Crowd(
        plan=plan, origin=origin, number=int(number), of=int(of), scenario=Gate(), listener=lambda *_: None
    ).run()  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
