"""The life of an office: every errand that the studies name, from the first question to the passport in the hand."""

from dataclasses import dataclass, field

from locustfiles._behaviour import Behaviour
from locustfiles._document import jpeg
from locustfiles._errands import QuirkShares, errand_of
from locustfiles._office_journeys import UNHURRIED, OfficeJourney
from locustfiles._people import person
from locustfiles._release import open_release
from loket.load.arrivals import Curve, Rates
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome

# Assumption: as Batam shares out its day (200 regular, 35 percepatan, 50 priority), and a fifth for the old queue.
LANES = {"online": 0.58, "express": 0.1, "priority": 0.14, "apapo": 0.18}


@dataclass(frozen=True)
class OfficeLife:
    """Places in every lane of its offices, and whatever brings people there."""

    name: str = "office_day"
    behaviour: Behaviour = UNHURRIED
    quirks: QuirkShares = field(default_factory=QuirkShares)

    def curve(self, plan: LoadPlan) -> Curve:
        """People come evenly, from the first second on."""
        return Rates.constant(1.0, 0.0, plan.opens_at_s + plan.rush_s)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Have the places of every lane released, to open at that instant."""
        open_release(plan, opens_at_unix_ns, shares=LANES)

    def warm_up(self) -> None:
        """Load the names and make the scan, which take a moment the first time."""
        person(seed=0, index=0)
        jpeg(self.behaviour.document_bytes)

    def visit(self, visitor: Visitor) -> Outcome:
        """One person's errand."""
        errand = errand_of(visitor.plan.seed, visitor.index)
        return OfficeJourney(visitor, self.behaviour, self.quirks, errand).walk()
