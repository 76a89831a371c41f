"""The jobs together: three loops over one database."""

from dataclasses import dataclass

from mock_mpaspor.jobs.loops import Loop
from mock_mpaspor.jobs.reconciler import Reconciler
from mock_mpaspor.jobs.relay import AT_ONCE, PROBES_AT_ONCE, Relay
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Expiry

# Every delivery and every loop may want a connection at the same moment.
CONNECTIONS = AT_ONCE + PROBES_AT_ONCE + 3

RELAY_EVERY_S = 0.05
EXPIRY_EVERY_S = 0.25
RECONCILE_EVERY_S = 0.5


@dataclass(frozen=True)
class Jobs:
    """The parts, so that a test can take one step of each; `loops` runs them."""

    relay: Relay
    expiry: Expiry
    reconciler: Reconciler
    metrics: Metrics
    database: Database

    def expire(self) -> int:
        """End what is over; how much that was."""
        return self.expiry.lapse_holds() + self.expiry.expire_unpaid()

    def loops(self) -> tuple[Loop, ...]:
        """The loops, not yet started."""
        return (
            Loop("relay", self.relay.step, RELAY_EVERY_S, self.relay.delivered),
            Loop("expiry", self.expire, EXPIRY_EVERY_S),
            Loop("reconciler", self.reconciler.step, RECONCILE_EVERY_S),
        )

    def close(self) -> None:
        """Let deliveries under way end, then close the database. The loops must have stopped."""
        self.relay.close()
        self.database.close()
