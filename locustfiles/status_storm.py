"""The rush with impatient people: who waits for a code or for a payment to be seen pulls the page down again and again.

The longer the code takes, the more of them there are: a slow gateway makes a storm on a service that was well.
"""

from locust import events

from locustfiles._behaviour import Behaviour
from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "StatusStorm"]

# Assumption: four in five, twice a second; the studies only say that people come again and again to ask.
IMPATIENT = Behaviour(refreshes_share=0.8)


class StatusStorm(CrowdUser):
    """The crowd of one worker."""

    scenario = RushScenario("status_storm", IMPATIENT)


bind(events)
