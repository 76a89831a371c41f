"""The quota rush with hurried people: the same journey in two seconds, for tests that run Locust itself."""

from locust import events

from locustfiles._behaviour import Behaviour
from locustfiles._rush import RushScenario
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "TinyRush"]

HURRIED = Behaviour(
    think_s=0.05,
    look_every_s=0.5,
    reaction_median_s=0.1,
    look_again_s=0.1,
    retry_first_s=0.1,
    poll_first_s=0.1,
    pay_think_s=0.1,
    forgets_share=0.2,
    pays_late_share=0.0,
)


class TinyRush(CrowdUser):
    """The crowd of one worker."""

    scenario = RushScenario(behaviour=HURRIED)


bind(events)
events.init.add_listener(lambda **_: print("ready", flush=True))  # noqa: T201 - for tests that wait for it
