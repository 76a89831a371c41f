"""What the views work with: the parts that `create_app` chose, reached through the running app."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from mock_mpaspor.domain.arrival_pass import ArrivalPasses
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.accounts import Accounts
from mock_mpaspor.store.apapo import Apapo
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.applications import Applications
from mock_mpaspor.store.appointments import Appointments
from mock_mpaspor.store.billing import BillingRequests
from mock_mpaspor.store.cancellations import Cancellations
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.deliveries import Deliveries
from mock_mpaspor.store.documents import Documents
from mock_mpaspor.store.figures import Figures
from mock_mpaspor.store.holds import Holds
from mock_mpaspor.store.mails import Mails
from mock_mpaspor.store.otps import Otps
from mock_mpaspor.store.payments import Payments
from mock_mpaspor.store.referrals import Referrals
from mock_mpaspor.store.releases import Releases
from mock_mpaspor.store.special_reschedules import SpecialReschedules
from mock_mpaspor.store.waiting_room import WaitingRoom
from mock_mpaspor.store.walk_ins import WalkIns
from mock_mpaspor.store.wrong_guesses import WrongGuesses
from mock_mpaspor.web.bodies import Entrances
from mock_mpaspor.web.dukcapil import Dukcapil
from mock_mpaspor.web.tokens import CallbackSignature, Sessions

EXTENSION = "mpaspor"


@dataclass(frozen=True)
class Parts:
    """One of each; `identity_secret` keys the hash that stands for a NIK, `document_bytes` is the largest document."""

    instance: str
    admin_token: str = field(repr=False)
    audit_token: str = field(repr=False)
    office_token: str = field(repr=False)
    identity_secret: bytes = field(repr=False)
    document_bytes: int
    entrances: Entrances
    clock: Clock
    database: Database
    metrics: Metrics
    sessions: Sessions
    callback_signature: CallbackSignature
    dukcapil: Dukcapil
    accounts: Accounts
    wrong_guesses: WrongGuesses
    otps: Otps
    mails: Mails
    applicants: Applicants
    releases: Releases
    applications: Applications
    documents: Documents
    referrals: Referrals
    holds: Holds
    billing_requests: BillingRequests
    apapo: Apapo
    walk_ins: WalkIns
    waiting_room: WaitingRoom
    payments: Payments
    appointments: Appointments
    special_reschedules: SpecialReschedules
    cancellations: Cancellations
    deliveries: Deliveries
    arrival_passes: ArrivalPasses
    figures: Figures


def parts() -> Parts:
    """The parts of the app that serves the present request."""
    return cast(Parts, current_app.extensions[EXTENSION])
