"""Opening and closing a service whose surroundings obey, and whose every answer is held to its OpenAPI document."""

from collections.abc import Mapping
from random import Random

from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.jobs.simkim import Simkim
from mock_mpaspor.settings import read_settings
from mock_mpaspor.web.parts import EXTENSION
from tests.service.cast import FakeDukcapil, FakeSimkim, FakeSimponi, HandClock
from tests.service.house import Service
from tests.service.openapi import hold_to_document


def environment(database_url: str) -> dict[str, str]:
    """A complete environment, pointing at that database."""
    return {
        "MPASPOR_DATABASE_URL": database_url,
        "MPASPOR_INSTANCE": "test",
        "MPASPOR_ADMIN_TOKEN": "adm",
        "MPASPOR_AUDIT_TOKEN": "aud",
        "MPASPOR_OFFICE_TOKEN": "off",
        "MPASPOR_SECRET": "a secret of the house",
        "MPASPOR_CALLBACK_SECRET": "a secret with SIMPONI",
        "MPASPOR_DUKCAPIL_URL": "http://127.0.0.1:1",
        "MPASPOR_SIMPONI_URL": "http://127.0.0.1:1",
        "MPASPOR_PASSWORD_COST": "2",
        "MPASPOR_THREADS": "24",
        "MPASPOR_PAYMENT_DEADLINE_S": "7200",
        "MPASPOR_CODE_PATIENCE_S": "900",
    }


def open_service(environ: Mapping[str, str], beside: Simkim | None = None) -> Service:
    """The service of that environment; beside a real SIMKIM, should one be given."""
    clock, simponi, dukcapil = HandClock(), FakeSimponi(), FakeDukcapil()
    settings = read_settings(environ)
    simkim = FakeSimkim(clock.unix_ns)
    queue_s = [0.0]
    app = create_app(settings, clock.unix_ns, dukcapil, simponi, lambda: queue_s[-1])
    hold_to_document(app)
    jobs = create_jobs(settings, clock.unix_ns, clock.monotonic_s, Random(1), simponi, beside or simkim)
    return Service(app, jobs, clock, simponi, dukcapil, simkim, settings, queue_s)


def close_service(service: Service) -> None:
    """Let go of everything that the service holds."""
    service.jobs.close()
    service.app.extensions[EXTENSION].database.close()
