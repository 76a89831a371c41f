"""The only wiring of the service: from settings and a wall clock (unix ns) to a Flask app, or to the jobs beside it."""

import time
from collections.abc import Callable
from random import Random
from secrets import token_hex

from flask import Flask

from mock_mpaspor.defects import CheckThenActHolds, Defect, DualWriteBillingRequests
from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.jobs.breaker import Breaker
from mock_mpaspor.jobs.crew import CONNECTIONS, Jobs
from mock_mpaspor.jobs.reconciler import Reconciler
from mock_mpaspor.jobs.relay import AT_ONCE, Relay
from mock_mpaspor.jobs.simponi import HttpSimponi, Simponi
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.settings import Settings
from mock_mpaspor.store.accounts import Accounts
from mock_mpaspor.store.applications import Applications
from mock_mpaspor.store.billing import BillingRequests
from mock_mpaspor.store.bills import Bills
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Expiry
from mock_mpaspor.store.figures import Figures
from mock_mpaspor.store.holds import Holds
from mock_mpaspor.store.outbox import Outbox
from mock_mpaspor.store.payments import Payments
from mock_mpaspor.store.reconciliation import Reconciliation
from mock_mpaspor.store.releases import Releases
from mock_mpaspor.web import (
    accounts,
    administration,
    applications,
    booking,
    callbacks,
    errors,
    health,
    observation,
    offices,
)
from mock_mpaspor.web.dukcapil import Dukcapil, HttpDukcapil
from mock_mpaspor.web.parts import EXTENSION, Parts
from mock_mpaspor.web.tokens import CallbackSignature, Sessions

Wall = Callable[[], int]

BLUEPRINTS = (
    accounts.ROUTES,
    offices.ROUTES,
    applications.ROUTES,
    booking.ROUTES,
    callbacks.ROUTES,
    administration.ROUTES,
    health.ROUTES,
)


def create_app(
    settings: Settings,
    wall: Wall = time.time_ns,
    dukcapil: Dukcapil | None = None,
    simponi: Simponi | None = None,
) -> Flask:
    """The service as a WSGI app, on a database whose tables exist afterwards."""
    clock = _clock(settings, wall)
    database = Database(settings.database_url, settings.threads, wall)
    database.create_schema()
    metrics = Metrics()
    figures = Figures(database, clock)
    metrics.registry.register(observation.standing(figures))
    bills = Bills(database, clock, settings.deadlines)
    app = Flask("mpaspor", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.document_bytes
    app.extensions[EXTENSION] = Parts(
        instance=settings.instance,
        admin_token=settings.admin_token,
        audit_token=settings.audit_token,
        identity_secret=settings.secret.encode(),
        clock=clock,
        database=database,
        metrics=metrics,
        sessions=Sessions(settings.secret, wall, settings.session_s),
        callback_signature=CallbackSignature(settings.callback_secret, wall),
        dukcapil=dukcapil or _dukcapil(settings, metrics),
        accounts=Accounts(database, clock, new_id, settings.password_cost),
        releases=Releases(database, clock),
        applications=Applications(database, clock, new_id),
        holds=_holds(settings, database, clock),
        billing_requests=_billing_requests(settings, database, clock, bills, simponi, metrics),
        payments=Payments(database, clock, bills),
        figures=figures,
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    observation.install(app, metrics)
    errors.install(app)
    return app


def create_jobs(
    settings: Settings,
    wall: Wall = time.time_ns,
    monotonic: Callable[[], float] = time.monotonic,
    rng: Random | None = None,
    simponi: Simponi | None = None,
) -> Jobs:
    """The jobs beside the service, not yet running, on a database whose tables exist afterwards."""
    clock = _clock(settings, wall)
    database = Database(settings.database_url, CONNECTIONS, wall)
    database.create_schema()
    metrics = Metrics()
    bills = Bills(database, clock, settings.deadlines)
    payments = Payments(database, clock, bills)
    gateway = simponi or HttpSimponi(settings.simponi_url, settings.simponi_timeout_s, AT_ONCE, metrics)
    relay = Relay(
        Outbox(database, clock),
        bills,
        payments,
        gateway,
        Breaker(monotonic),
        clock,
        rng or Random(),
        metrics,
    )
    reconciler = Reconciler(Reconciliation(database, clock), payments, gateway, Breaker(monotonic))
    return Jobs(relay, Expiry(database, clock), reconciler, metrics, database)


def new_id() -> str:
    """An id that nobody can guess."""
    return token_hex(8)


def _clock(settings: Settings, wall: Wall) -> Clock:
    return Clock(wall, settings.clock_scale, int(settings.clock_epoch_s * NS_PER_S))


def _dukcapil(settings: Settings, metrics: Metrics) -> Dukcapil:
    return HttpDukcapil(settings.dukcapil_url, settings.dukcapil_timeout_s, settings.dukcapil_places, metrics)


def _holds(settings: Settings, database: Database, clock: Clock) -> Holds:
    kind = CheckThenActHolds if Defect.M1 in settings.defects else Holds
    return kind(database, clock, settings.deadlines)


def _billing_requests(
    settings: Settings,
    database: Database,
    clock: Clock,
    bills: Bills,
    simponi: Simponi | None,
    metrics: Metrics,
) -> BillingRequests:
    if Defect.M6 not in settings.defects:
        return BillingRequests(database, clock, settings.deadlines)
    gateway = simponi or HttpSimponi(settings.simponi_url, settings.simponi_timeout_s, AT_ONCE, metrics)
    return DualWriteBillingRequests(database, clock, settings.deadlines, gateway, bills)
