"""A month of an office's life, a day in seconds. Nobody rushes; the point is that every path is walked, and that all of
them end as promised.
"""

from locust import events

from locustfiles._office_life import OfficeLife
from loket.load.locust_user import CrowdShape, CrowdUser, bind

__all__ = ["CrowdShape", "OfficeDay"]


class OfficeDay(CrowdUser):
    """The crowd of one worker."""

    scenario = OfficeLife()


bind(events)
