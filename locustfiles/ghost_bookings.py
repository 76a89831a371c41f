"""The rush with robots in it: they are ready at the instant, take places without looking, and never pay."""

from dataclasses import dataclass, field

from locust import events

from locustfiles._behaviour import Behaviour
from locustfiles._journeys import PassportJourney
from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.visitor import Visitor
from loket.records import Outcome

__all__ = ["CrowdShape", "GhostBookings"]

# Assumption: a robot thinks about nothing, answers the opening within a tenth of a second, and pays for nothing.
ROBOT = Behaviour(
    think_s=0.05,
    reaction_median_s=0.05,
    reaction_sigma=0.2,
    looks_after_sold_out=0,
    choose_again_s=0.1,
    forgets_share=1.0,
    pays_late_share=0.0,
)


@dataclass(frozen=True)
class GhostBookingsScenario(RushScenario):
    """People and robots, told apart by nothing that the service could see."""

    name: str = "ghost_bookings"
    robot: Behaviour = field(default_factory=lambda: ROBOT)
    # Assumption: half of those who come; the incident's 72,000 applications were many times the people's.
    robots_share: float = 0.5

    def visit(self, visitor: Visitor) -> Outcome:
        """A person's path, or a robot's."""
        is_robot = visitor.rng.random() < self.robots_share
        return PassportJourney(visitor, self.robot if is_robot else self.behaviour).walk()


class GhostBookings(CrowdUser):
    """The crowd of one worker."""

    scenario = GhostBookingsScenario()


bind(events)
