"""Which class stands for each part: the correct ones, unless a planted defect puts another in a place.

`app.py` builds the parts from these; the correct code knows nothing of defects, and a defect is a changed `Kinds`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import MetaData

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.jobs.relay import Relay
from mock_mpaspor.jobs.simponi import HttpSimponi, Simponi
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.applications import Applications
from mock_mpaspor.store.billing import BillingRequests
from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Expiry
from mock_mpaspor.store.holds import Holds
from mock_mpaspor.store.payments import Payments
from mock_mpaspor.store.reconciliation import Reconciliation
from mock_mpaspor.store.releases import Releases
from mock_mpaspor.store.schema import METADATA
from mock_mpaspor.store.waiting_room import WaitingRoom
from mock_mpaspor.web.tokens import CallbackSignature

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class MakesBillingRequests(Protocol):
    """Builds the part that takes requests for a code; `gateway` opens a way to SIMPONI, should it want one."""

    def __call__(
        self, database: Database, clock: Clock, deadlines: Deadlines, bills: Bills, gateway: Callable[[], Simponi]
    ) -> BillingRequests: ...


def from_outbox(
    database: Database, clock: Clock, deadlines: Deadlines, bills: Bills, gateway: Callable[[], Simponi]
) -> BillingRequests:
    """Requests for a code go through the outbox: neither the bills nor SIMPONI are touched."""
    return BillingRequests(database, clock, deadlines)


def bare(app: "WSGIApplication") -> "WSGIApplication":
    """Nothing stands between the server and the app."""
    return app


@dataclass(frozen=True)
class Kinds:
    """One field a part. `schema` is what the tables are made from; `front` puts something before every request."""

    schema: MetaData = METADATA
    database: type[Database] = Database
    applications: type[Applications] = Applications
    bills: type[Bills] = Bills
    billing_requests: MakesBillingRequests = from_outbox
    callback_signature: type[CallbackSignature] = CallbackSignature
    expiry: type[Expiry] = Expiry
    front: "Callable[[WSGIApplication], WSGIApplication]" = bare
    holds: type[Holds] = Holds
    payments: type[Payments] = Payments
    reconciliation: type[Reconciliation] = Reconciliation
    releases: type[Releases] = Releases
    relay: type[Relay] = Relay
    breaker: type[Breaker] = Breaker
    waiting_room: type[WaitingRoom] = WaitingRoom
    simponi: Callable[[str, float, int, Metrics], Simponi] = HttpSimponi
