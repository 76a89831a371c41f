"""What a scenario is: when its people come, what is made ready for them, and what each of them does."""

from typing import Protocol

from loket.load.arrivals import Curve
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Outcome


class CannotPrepare(Exception):
    """The service did not get ready for the run; the message says why in one sentence."""


class Scenario(Protocol):
    """One file of `locustfiles/` offers one of these."""

    @property
    def name(self) -> str:
        """As the file is called."""

    def curve(self, plan: LoadPlan) -> Curve:
        """Along which people come whose arrivals the plan does not say otherwise."""

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Called once for the run, before its second 0. Raises CannotPrepare."""

    def warm_up(self) -> None:
        """Called in every worker when it starts: load whatever would make the first people late."""

    def visit(self, visitor: Visitor) -> Outcome:
        """The journey of one person, from arriving to leaving."""
