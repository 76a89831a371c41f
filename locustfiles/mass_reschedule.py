"""Everybody moves at once: an office calls a day off for which people have paid, and lets all of them choose another.

The plan's opening is the instant of the announcement. The day that will be called off can be had from the beginning,
the days to move to open with the announcement, and are fewer at first than those who want them.
"""

from dataclasses import dataclass, field

import msgspec
from locust import events

from locustfiles._behaviour import Behaviour
from locustfiles._document import jpeg
from locustfiles._moving import MovingJourney, call_the_day_off, parts
from locustfiles._people import person
from locustfiles._release import open_release
from loket.load.arrivals import Rush
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.plan import LoadPlan
from loket.load.scenario import CannotPrepare
from loket.load.visitor import Visitor
from loket.records import Outcome

__all__ = ["CrowdShape", "MassReschedule"]

# Whoever comes in this part of the time before the announcement has paid when it is made.
ARRIVING_SHARE = 0.4
# The first to come is the office's own, who knows before anybody else.
OFFICIAL = 0


@dataclass(frozen=True)
class MassRescheduleScenario:
    """One office, one day that is called off, and the days after it."""

    name: str = "mass_reschedule"
    behaviour: Behaviour = field(default_factory=Behaviour)

    def curve(self, plan: LoadPlan) -> Rush:
        """All come early enough to have paid at the announcement."""
        return Rush(
            starts_s=0.0,
            ready_by_s=plan.opens_at_s * ARRIVING_SHARE,
            ends_s=plan.opens_at_s,
            tau_s=1.0,
            early_share=1.0,
            steady_share=0.0,
        )

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Have the day released from the first second on, the days after it for the announcement and later."""
        if plan.offices:
            raise CannotPrepare("mass_reschedule is of one `office`, which calls its day off.")
        for after_s, days, places in parts(plan.days, plan.places, plan.opens_at_s):
            part = msgspec.structs.replace(plan, days=days, places=places)
            open_release(part, opens_at_unix_ns + round(after_s * 1e9))

    def warm_up(self) -> None:
        """Load the names and make the scan, which take a moment the first time."""
        person(seed=0, index=0)
        jpeg(self.behaviour.document_bytes)

    def visit(self, visitor: Visitor) -> Outcome:
        """One person's path from registering to another day, or the office's part."""
        if visitor.index == OFFICIAL:
            return call_the_day_off(visitor, self.behaviour)
        return MovingJourney(visitor, self.behaviour).walk()


class MassReschedule(CrowdUser):
    """The crowd of one worker."""

    scenario = MassRescheduleScenario()


bind(events)
