"""The demand of a month, compressed: the peak after the release, working days and weekends, forenoons and nights.

The service's clock (`service.clock_start`, `clock_scale`) says which month it is and how fast it goes by.
"""

from dataclasses import dataclass
from datetime import datetime

from locust import events

from locustfiles._demand import WIB, demand
from locustfiles._office_life import OfficeLife
from loket.load.arrivals import Curve
from loket.load.locust_user import CrowdShape, CrowdUser, bind
from loket.load.plan import LoadPlan

__all__ = ["CrowdShape", "MonthlyDemand"]


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


class MonthlyDemand(CrowdUser):
    """The crowd of one worker."""

    scenario = MonthScenario()


bind(events)
