"""People whose every request is decided by their dice alone, so that any number of workers sends the same ones."""

from locust import events

from loket.load.answers import Step
from loket.load.arrivals import Rush
from loket.load.call import Call
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome

__all__ = ["CrowdShape", "PlainPeople"]

LOOK = Step("look", frozenset({200}), read=True)
ASK = Step("ask", frozenset({200}), frozenset({"unknown_route"}), read=True)
OFFICES = ("kupang", "batam", "belakang_padang")


class PlainScenario:
    """Everybody looks at some offices' quotas and asks for something that there is not."""

    name = "plain_people"

    def curve(self, plan: LoadPlan) -> Rush:
        return Rush(starts_s=0.0, ready_by_s=plan.opens_at_s, ends_s=plan.opens_at_s + plan.rush_s, tau_s=plan.rush_s)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """The stub is ready."""

    def warm_up(self) -> None:
        """Nothing takes long the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        for _ in range(visitor.rng.randint(2, 6)):
            office = visitor.rng.choice(OFFICES)
            visitor.send(Call(LOOK, "GET", f"/v1/offices/{office}/availability", slot=office))
            visitor.pause(visitor.rng.uniform(0.02, 0.3))
        visitor.send(Call(ASK, "GET", "/v1/nothing"))
        return Outcome.INFORMED


class PlainPeople(CrowdUser):
    """The crowd of one worker."""

    scenario = PlainScenario()


bind(events)
