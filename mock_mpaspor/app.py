"""The only wiring of the service: from settings and a wall clock (unix ns) to a Flask app, or to the jobs beside it."""

import time
from collections.abc import Callable
from functools import partial
from random import Random, SystemRandom
from secrets import token_hex

from flask import Flask

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.defects import plant
from mock_mpaspor.domain.arrival_pass import ArrivalPasses
from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.domain.sealing import Seal
from mock_mpaspor.domain.waiting_room import Order, Pace
from mock_mpaspor.jobs.case_relay import CASES_AT_ONCE, CaseRelay
from mock_mpaspor.jobs.crew import CONNECTIONS, Jobs, OfficeJobs
from mock_mpaspor.jobs.reconciler import ASKED_AT_ONCE, Reconciler
from mock_mpaspor.jobs.refunds import REFUNDS_AT_ONCE, RefundRelay
from mock_mpaspor.jobs.relay import AT_ONCE
from mock_mpaspor.jobs.releaser import Releaser
from mock_mpaspor.jobs.simkim import HttpSimkim, Simkim
from mock_mpaspor.jobs.simponi import Simponi
from mock_mpaspor.jobs.tracker import Tracker
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.settings import Settings
from mock_mpaspor.store.accounts import Accounts
from mock_mpaspor.store.apapo import Apapo
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.appointments import Appointments
from mock_mpaspor.store.attempts import Attempts
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.cancellations import Cancellations
from mock_mpaspor.store.cases import Cases
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.deliveries import Deliveries
from mock_mpaspor.store.documents import Documents
from mock_mpaspor.store.figures import Figures
from mock_mpaspor.store.forfeits import Forfeits
from mock_mpaspor.store.holds import EVERYBODY_ENTERS
from mock_mpaspor.store.mails import Mails
from mock_mpaspor.store.otps import Otps
from mock_mpaspor.store.outbox import BILLS, FOR_SIMKIM, REFUNDS, Outbox
from mock_mpaspor.store.progress import Progress
from mock_mpaspor.store.referrals import Referrals
from mock_mpaspor.store.special_reschedules import SpecialReschedules
from mock_mpaspor.store.walk_ins import WalkIns
from mock_mpaspor.store.wrong_guesses import WrongGuesses
from mock_mpaspor.web import (
    accounts,
    administration,
    admission,
    apapo,
    applications,
    appointments,
    arrival_pass,
    booking,
    callbacks,
    counter,
    documents,
    errors,
    headers,
    health,
    identity,
    information,
    observation,
    offices,
    waiting_room,
)
from mock_mpaspor.web.bodies import Entrances
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
    apapo.ROUTES,
    counter.ROUTES,
    waiting_room.ROUTES,
    appointments.ROUTES,
    arrival_pass.ROUTES,
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
    metrics = Metrics()
    app = Flask("mpaspor", static_folder=None)
    # Each path is one route's, with one spelling; nobody is sent elsewhere, and OPTIONS is no method here.
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_CONTENT_LENGTH"] = settings.document_bytes
    app.extensions[EXTENSION] = _parts(settings, kinds, metrics, wall, dukcapil, simponi)
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
    simkim: Simkim | None = None,
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
    gateway = partial(_gateway, kinds, settings, metrics, simponi)
    dice = rng or Random()
    relay = kinds.relay(
        Outbox(database, clock, BILLS), bills, gateway(AT_ONCE), kinds.breaker(monotonic), clock, dice, metrics
    )
    refunds = RefundRelay(
        Outbox(database, clock, REFUNDS), payments, gateway(REFUNDS_AT_ONCE), kinds.breaker(monotonic), clock, dice
    )
    reconciler = Reconciler(
        kinds.reconciliation(database, clock), payments, gateway(ASKED_AT_ONCE), kinds.breaker(monotonic), clock
    )
    office = None
    if settings.simkim_url:
        desk = simkim or HttpSimkim(
            settings.simkim_url, settings.simkim_token, settings.simkim_timeout_s, CASES_AT_ONCE, metrics
        )
        office = _office_jobs(settings, database, back_office, desk, monotonic, dice)
    releaser = Releaser(kinds.releases(database, clock), clock, settings.releases)
    return Jobs(relay, refunds, kinds.expiry(database, clock), reconciler, metrics, database, releaser, office)


def _parts(
    settings: Settings,
    kinds: Kinds,
    metrics: Metrics,
    wall: Wall,
    dukcapil: Dukcapil | None,
    simponi: Simponi | None,
) -> Parts:
    """One of each, on a database whose tables exist afterwards."""
    clock = _clock(settings, wall)
    database = kinds.database(settings.database_url, settings.threads, wall)
    database.create_schema(kinds.schema)
    figures = Figures(database, clock)
    metrics.registry.register(observation.standing(figures))
    bills = kinds.bills(database, clock, settings.deadlines)
    back_office = _back_office(settings, clock)
    gateway = partial(_gateway, kinds, settings, metrics, simponi, AT_ONCE)
    secret = settings.secret.encode()
    mails, attempts = Mails(database, wall), Attempts(wall, secret)
    wrong_guesses = WrongGuesses(database, attempts)
    otps = Otps(database, wall, mails, attempts, secret, settings.otp_s)
    applicants = _applicants(settings, database, wall)
    pace = Pace(settings.waiting_room_rate, settings.clock_scale)
    # Lots that nobody can foresee.
    room = kinds.waiting_room(database, clock, new_id, SystemRandom(), settings.waiting_room, pace)
    door = EVERYBODY_ENTERS if settings.waiting_room is Order.OFF else room
    return Parts(
        instance=settings.instance,
        admin_token=settings.admin_token,
        audit_token=settings.audit_token,
        office_token=settings.office_token,
        identity_secret=secret,
        document_bytes=settings.document_bytes,
        entrances=Entrances(settings.threads),
        clock=clock,
        database=database,
        metrics=metrics,
        sessions=Sessions(settings.secret, wall, settings.session_s),
        callback_signature=kinds.callback_signature(settings.callback_secret, wall),
        dukcapil=dukcapil or _dukcapil(settings, metrics),
        accounts=Accounts(database, clock, new_id, settings.password_cost, otps, attempts, wrong_guesses),
        wrong_guesses=wrong_guesses,
        otps=otps,
        mails=mails,
        applicants=applicants,
        releases=kinds.releases(database, clock),
        applications=kinds.applications(database, clock, new_id, applicants),
        documents=Documents(database, clock, new_id),
        referrals=Referrals(database, _back_office(settings, clock)),
        holds=kinds.holds(database, clock, settings.deadlines, door),
        waiting_room=room,
        billing_requests=kinds.billing_requests(database, clock, settings.deadlines, bills, gateway),
        apapo=Apapo(database, clock, new_id, applicants, back_office),
        walk_ins=WalkIns(database, clock, settings.deadlines, new_id, applicants),
        payments=kinds.payments(database, clock, bills, back_office),
        appointments=Appointments(database, clock, back_office, door),
        special_reschedules=SpecialReschedules(database, clock),
        cancellations=Cancellations(database, clock, back_office),
        deliveries=Deliveries(database, back_office),
        arrival_passes=ArrivalPasses(settings.secret),
        figures=figures,
    )


def _office_jobs(
    settings: Settings,
    database: Database,
    back_office: BackOffice,
    simkim: Simkim,
    monotonic: Callable[[], float],
    rng: Random,
) -> OfficeJobs:
    clock = back_office.clock
    progress = Progress(database, clock, Referrals(database, back_office))
    cases = Cases(database, _applicants(settings, database, clock.wall), ArrivalPasses(settings.secret))
    outbox = Outbox(database, clock, FOR_SIMKIM, in_order=True)
    return OfficeJobs(
        relay=CaseRelay(outbox, cases, simkim, Breaker(monotonic), clock, rng),
        tracker=Tracker(progress, simkim, Breaker(monotonic), clock),
        forfeits=Forfeits(database, clock, progress, back_office),
    )


def new_id() -> str:
    """An id that nobody can guess."""
    return token_hex(8)


def _clock(settings: Settings, wall: Wall) -> Clock:
    start_s = settings.clock_start_s
    start_ns = None if start_s is None else int(start_s * NS_PER_S)
    return Clock(wall, settings.clock_scale, int(settings.clock_epoch_s * NS_PER_S), start_ns)


def _applicants(settings: Settings, database: Database, wall: Wall) -> Applicants:
    secret = settings.secret.encode()
    return Applicants(database, wall, Seal(secret), secret)


def _back_office(settings: Settings, clock: Clock) -> BackOffice:
    return BackOffice(clock, is_there=bool(settings.simkim_url))


def _dukcapil(settings: Settings, metrics: Metrics) -> Dukcapil:
    breaker = Breaker(time.monotonic)
    return HttpDukcapil(settings.dukcapil_url, settings.dukcapil_timeout_s, settings.dukcapil_places, metrics, breaker)


def _gateway(kinds: Kinds, settings: Settings, metrics: Metrics, given: Simponi | None, connections: int) -> Simponi:
    return given or kinds.simponi(settings.simponi_url, settings.simponi_timeout_s, connections, metrics)
