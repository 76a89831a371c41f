"""The rush where the places for one kind of book run out: regular passports are full for weeks, electronic ones are to
be had, and whoever wanted a regular one takes the other or goes home.
"""

from dataclasses import dataclass

from locust import events

from locustfiles._books import ELECTRONIC, REGULAR, BookJourney
from locustfiles._release import open_release
from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome

__all__ = ["CrowdShape", "TypeExhausted"]

# Assumption: a quarter of the places are for regular books, whose blanks were running out; no figure was published.
LANES = {REGULAR.passport_type: 0.25, ELECTRONIC.passport_type: 0.75}


@dataclass(frozen=True)
class TypeExhaustedScenario(RushScenario):
    """One office, a lane for each kind of book, and people who want the one of which there is less."""

    name: str = "type_exhausted"
    # Assumption: six in ten want the cheaper book, and every second of them would rather have a dearer one than none.
    regular_share: float = 0.6
    settles_share: float = 0.5

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Have the places of both lanes released, to open at that instant."""
        open_release(plan, opens_at_unix_ns, shares=LANES)

    def visit(self, visitor: Visitor) -> Outcome:
        """One person's path to a book, of the kind they came for or the other."""
        wish = REGULAR if visitor.rng.random() < self.regular_share else ELECTRONIC
        settles = visitor.rng.random() < self.settles_share
        return BookJourney(visitor, self.behaviour, wish, settles).walk()


class TypeExhausted(CrowdUser):
    """The crowd of one worker."""

    scenario = TypeExhaustedScenario()


bind(events)
