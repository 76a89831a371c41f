"""A month at an office: whatever brings people there, when it really does."""

from dataclasses import dataclass
from datetime import datetime

from locustfiles._demand import WIB, demand
from locustfiles._office_life import OfficeLife
from loket.load.arrivals import Curve
from loket.load.plan import LoadPlan

# Whoever names no month gets one of the mean season: the present one would be another curve in every worker.
MEAN_MONTH = datetime(2024, 10, 1, tzinfo=WIB)


@dataclass(frozen=True)
class MonthScenario(OfficeLife):
    """As in the life of an office, except that people come when they really do."""

    name: str = "monthly_demand"

    def curve(self, plan: LoadPlan) -> Curve:
        """The published demand, by the hour of the service's clock as the plan has it at second 0.

        The clock itself has been running since the stack was started, a few seconds more.
        """
        start_s = plan.clock_start_s
        starts = MEAN_MONTH if start_s is None else datetime.fromtimestamp(start_s, WIB)
        return demand(starts, plan.clock_scale, plan.opens_at_s + plan.rush_s)
