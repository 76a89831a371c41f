"""The rush for an office's quota: a crowd waits for one instant, takes every place there is, and must then pay.

`loket up` starts a service and prints the whole `locust -f locustfiles/quota_rush.py ...` command line for it.
"""

from locust import events

from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "QuotaRush"]


class QuotaRush(CrowdUser):
    """The crowd of one worker."""

    scenario = RushScenario()


bind(events)
