"""The crowd at one opening: most come early enough to be ready, the rest from then on, and the places are released."""

from dataclasses import dataclass, field

from locustfiles._behaviour import Behaviour
from locustfiles._document import jpeg
from locustfiles._journeys import PassportJourney
from locustfiles._people import person
from locustfiles._release import open_release
from loket.load.arrivals import Rush
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome

# Assumption: preparing an application takes about this long; who comes later than that is late for the opening.
PREPARATION_S = 10.0
# Assumption: those who come late thin out with a fifth of the rush, as the real tail's 10 to 15 minutes of an hour.
TAIL_SHARE = 0.2


@dataclass(frozen=True)
class RushScenario:
    """One office, one release, one opening."""

    name: str = "quota_rush"
    behaviour: Behaviour = field(default_factory=Behaviour)

    def curve(self, plan: LoadPlan) -> Rush:
        """Most come early enough to be ready at the opening, the rest from then on."""
        return Rush(
            starts_s=0.0,
            ready_by_s=max(plan.opens_at_s - PREPARATION_S, plan.opens_at_s / 2),
            ends_s=plan.opens_at_s + plan.rush_s,
            tau_s=plan.rush_s * TAIL_SHARE,
        )

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Have the places released, to open at that instant."""
        open_release(plan, opens_at_unix_ns)

    def warm_up(self) -> None:
        """Load the names and make the scan, which take a moment the first time."""
        person(seed=0, index=0)
        jpeg(self.behaviour.document_bytes)

    def visit(self, visitor: Visitor) -> Outcome:
        """One person's path from registering to a paid application."""
        return PassportJourney(visitor, self.behaviour).walk()
