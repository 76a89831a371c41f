"""The jobs together: loops over one database, and those beside SIMKIM where there is one."""

from dataclasses import dataclass

from mock_mpaspor.jobs.case_relay import CASE_PROBES_AT_ONCE, CASES_AT_ONCE, CaseRelay
from mock_mpaspor.jobs.loops import Loop
from mock_mpaspor.jobs.reconciler import ASKED_AT_ONCE, Reconciler
from mock_mpaspor.jobs.refunds import REFUND_PROBES_AT_ONCE, REFUNDS_AT_ONCE, RefundRelay
from mock_mpaspor.jobs.relay import AT_ONCE, PROBES_AT_ONCE, Relay
from mock_mpaspor.jobs.releaser import Releaser
from mock_mpaspor.jobs.tracker import Tracker
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Expiry
from mock_mpaspor.store.forfeits import Forfeits

# Every delivery and every loop may want a connection at the same moment.
CONNECTIONS = sum(
    (
        AT_ONCE + PROBES_AT_ONCE,
        REFUNDS_AT_ONCE + REFUND_PROBES_AT_ONCE,
        CASES_AT_ONCE + CASE_PROBES_AT_ONCE,
        ASKED_AT_ONCE,
        8,
    )
)

RELAY_EVERY_S = 0.05
EXPIRY_EVERY_S = 0.25
RECONCILE_EVERY_S = 0.5
RELEASE_EVERY_S = 0.5
TRACK_EVERY_S = 0.25
FORFEIT_EVERY_S = 0.25


@dataclass(frozen=True)
class OfficeJobs:
    """What goes between the service and SIMKIM."""

    relay: CaseRelay
    tracker: Tracker
    forfeits: Forfeits

    def loops(self) -> tuple[Loop, ...]:
        """The loops, not yet started."""
        return (
            Loop("cases", self.relay.step, RELAY_EVERY_S, self.relay.delivered),
            Loop("tracker", self.tracker.step, TRACK_EVERY_S),
            Loop("forfeits", self.forfeits.sweep, FORFEIT_EVERY_S),
        )


@dataclass(frozen=True)
class Jobs:
    """The parts, so that a test can take one step of each; `loops` runs them. Without SIMKIM there is no `office`."""

    relay: Relay
    refunds: RefundRelay
    expiry: Expiry
    reconciler: Reconciler
    metrics: Metrics
    database: Database
    releaser: Releaser
    office: OfficeJobs | None = None

    def expire(self) -> int:
        """End what is over; how much that was."""
        return self.expiry.lapse_holds() + self.expiry.expire_unpaid(self.reconciler.unpaid)

    def loops(self) -> tuple[Loop, ...]:
        """The loops, not yet started."""
        return (
            Loop("relay", self.relay.step, RELAY_EVERY_S, self.relay.delivered),
            Loop("refunds", self.refunds.step, RELAY_EVERY_S, self.refunds.delivered),
            Loop("expiry", self.expire, EXPIRY_EVERY_S),
            Loop("reconciler", self.reconciler.step, RECONCILE_EVERY_S),
            Loop("releaser", self.releaser.step, RELEASE_EVERY_S),
            *(self.office.loops() if self.office else ()),
        )

    def close(self) -> None:
        """Let deliveries under way end, then close the database. The loops must have stopped."""
        self.relay.close()
        self.refunds.close()
        self.reconciler.close()
        if self.office:
            self.office.relay.close()
        self.database.close()
