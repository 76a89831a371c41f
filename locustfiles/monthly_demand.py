"""The demand of a month, compressed: the peak after the release, working days and weekends, forenoons and nights.

The service's clock (`service.clock_start`, `clock_scale`) says which month it is and how fast it goes by.
"""

from locust import events

from locustfiles._month import MonthScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "MonthlyDemand"]


class MonthlyDemand(CrowdUser):
    """The crowd of one worker."""

    scenario = MonthScenario()


bind(events)
