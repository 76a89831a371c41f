"""The only wiring of the service: from settings and a wall clock (unix ns) to a Flask app, or to the jobs beside it."""

import time
from collections.abc import Callable
from functools import partial
from random import Random
from secrets import token_hex

from flask import Flask

from mock_mpaspor.defects import plant
from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.domain.sealing import Seal
from mock_mpaspor.jobs.crew import CONNECTIONS, Jobs
from mock_mpaspor.jobs.reconciler import Reconciler
from mock_mpaspor.jobs.relay import AT_ONCE
from mock_mpaspor.jobs.simponi import Simponi
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.settings import Settings
from mock_mpaspor.store.accounts import Accounts
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.attempts import Attempts
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.documents import Documents
from mock_mpaspor.store.figures import Figures
from mock_mpaspor.store.mails import Mails
from mock_mpaspor.store.otps import Otps
from mock_mpaspor.store.outbox import Outbox
from mock_mpaspor.store.referrals import Referrals
from mock_mpaspor.web import (
    accounts,
    administration,
    admission,
    applications,
    booking,
    callbacks,
    documents,
    errors,
    headers,
    health,
    identity,
    information,
    observation,
    offices,
)
from mock_mpaspor.web.dukcapil import Dukcapil, HttpDukcapil
from mock_mpaspor.web.openapi import route as openapi
from mock_mpaspor.web.parts import EXTENSION, Parts
from mock_mpaspor.web.tokens import Sessions

Wall = Callable[[], int]

BLUEPRINTS = (
    accounts.ROUTES,
    offices.ROUTES,
    applications.ROUTES,
    identity.ROUTES,
    documents.ROUTES,
    information.ROUTES,
    booking.ROUTES,
    callbacks.ROUTES,
    administration.ROUTES,
    health.ROUTES,
    openapi.ROUTES,
)


def create_app(
    settings: Settings,
    wall: Wall = time.time_ns,
    dukcapil: Dukcapil | None = None,
    simponi: Simponi | None = None,
    queue_s: Callable[[], float] = lambda: 0.0,
) -> Flask:
    """The service as a WSGI app, on a database whose tables exist afterwards.

    `queue_s` tells how long a request waits for a thread now, in seconds.
    """
    kinds = plant(Kinds(), settings.defects)
    clock = _clock(settings, wall)
    database = kinds.database(settings.database_url, settings.threads, wall)
    database.create_schema(kinds.schema)
    metrics = Metrics()
    figures = Figures(database, clock)
    metrics.registry.register(observation.standing(figures))
    bills = kinds.bills(database, clock, settings.deadlines)
    back_office = _back_office(settings, clock)
    gateway = partial(_gateway, kinds, settings, metrics, simponi)
    secret = settings.secret.encode()
    mails, attempts = Mails(database, wall), Attempts(wall, secret)
    otps = Otps(database, wall, mails, attempts, secret, settings.otp_s)
    applicants = _applicants(settings, database, wall)
    app = Flask("mpaspor", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.document_bytes
    app.extensions[EXTENSION] = Parts(
        instance=settings.instance,
        admin_token=settings.admin_token,
        audit_token=settings.audit_token,
        identity_secret=secret,
        clock=clock,
        database=database,
        metrics=metrics,
        sessions=Sessions(settings.secret, wall, settings.session_s),
        callback_signature=kinds.callback_signature(settings.callback_secret, wall),
        dukcapil=dukcapil or _dukcapil(settings, metrics),
        accounts=Accounts(database, clock, new_id, settings.password_cost, otps, attempts),
        otps=otps,
        mails=mails,
        applicants=applicants,
        releases=kinds.releases(database, clock),
        applications=kinds.applications(database, clock, new_id, applicants),
        documents=Documents(database, clock, new_id),
        referrals=Referrals(database, _back_office(settings, clock)),
        holds=kinds.holds(database, clock, settings.deadlines),
        billing_requests=kinds.billing_requests(database, clock, settings.deadlines, bills, gateway),
        payments=kinds.payments(database, clock, bills, back_office),
        figures=figures,
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    observation.install(app, metrics)
    headers.install(app)
    metrics.queue_seconds.set_function(queue_s)
    admission.install(app, admission.Admission(queue_s, settings.longest_queue_s, Random()))
    errors.install(app)
    app.wsgi_app = kinds.front(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app


def create_jobs(
    settings: Settings,
    wall: Wall = time.time_ns,
    monotonic: Callable[[], float] = time.monotonic,
    rng: Random | None = None,
    simponi: Simponi | None = None,
) -> Jobs:
    """The jobs beside the service, not yet running, on a database whose tables exist afterwards."""
    kinds = plant(Kinds(), settings.defects)
    clock = _clock(settings, wall)
    database = kinds.database(settings.database_url, CONNECTIONS, wall)
    database.create_schema(kinds.schema)
    metrics = Metrics()
    bills = kinds.bills(database, clock, settings.deadlines)
    back_office = _back_office(settings, clock)
    payments = kinds.payments(database, clock, bills, back_office)
    gateway = _gateway(kinds, settings, metrics, simponi)
    relay = kinds.relay(
        Outbox(database, clock),
        bills,
        payments,
        gateway,
        kinds.breaker(monotonic),
        clock,
        rng or Random(),
        metrics,
    )
    reconciler = Reconciler(kinds.reconciliation(database, clock), payments, gateway, kinds.breaker(monotonic))
    return Jobs(relay, kinds.expiry(database, clock), reconciler, metrics, database)


def new_id() -> str:
    """An id that nobody can guess."""
    return token_hex(8)


def _clock(settings: Settings, wall: Wall) -> Clock:
    return Clock(wall, settings.clock_scale, int(settings.clock_epoch_s * NS_PER_S))


def _applicants(settings: Settings, database: Database, wall: Wall) -> Applicants:
    secret = settings.secret.encode()
    return Applicants(database, wall, Seal(secret), secret)


def _back_office(settings: Settings, clock: Clock) -> BackOffice:
    return BackOffice(clock, is_there=bool(settings.simkim_url))


def _dukcapil(settings: Settings, metrics: Metrics) -> Dukcapil:
    return HttpDukcapil(settings.dukcapil_url, settings.dukcapil_timeout_s, settings.dukcapil_places, metrics)


def _gateway(kinds: Kinds, settings: Settings, metrics: Metrics, given: Simponi | None) -> Simponi:
    return given or kinds.simponi(settings.simponi_url, settings.simponi_timeout_s, AT_ONCE, metrics)
