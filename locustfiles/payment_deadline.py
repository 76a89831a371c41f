"""The rush, and then the deadline: a third of those who hold a place forget to pay, a third pay when it is too late.

Forfeited payments and places that nobody paid for are what the Belakang Padang study hears people complain about.
"""

from locust import events

from locustfiles._behaviour import Behaviour
from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "PaymentDeadline"]

# Assumption: the shares; nobody has counted them. So many that places go back while others are still looking for one.
TARDY = Behaviour(forgets_share=0.33, pays_late_share=0.34, looks_after_sold_out=12)


class PaymentDeadline(CrowdUser):
    """The crowd of one worker."""

    scenario = RushScenario("payment_deadline", TARDY)


bind(events)
