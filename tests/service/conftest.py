"""The service in a test: a real database, a clock that is set by hand, and a SIMPONI and a Dukcapil that obey."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.settings import read_settings
from mock_mpaspor.web.parts import EXTENSION
from tests.service.cast import FakeDukcapil, FakeSimkim, FakeSimponi, HandClock
from tests.service.house import Service


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """A complete environment, pointing at a database of this test's own."""
    return {
        "MPASPOR_DATABASE_URL": database_url,
        "MPASPOR_INSTANCE": "test",
        "MPASPOR_ADMIN_TOKEN": "adm",
        "MPASPOR_AUDIT_TOKEN": "aud",
        "MPASPOR_SECRET": "a secret",
        "MPASPOR_CALLBACK_SECRET": "cb",
        "MPASPOR_DUKCAPIL_URL": "http://127.0.0.1:1",
        "MPASPOR_SIMPONI_URL": "http://127.0.0.1:1",
        "MPASPOR_PASSWORD_COST": "2",
        "MPASPOR_THREADS": "24",
        "MPASPOR_PAYMENT_DEADLINE_S": "7200",
        "MPASPOR_CODE_PATIENCE_S": "900",
    }


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Starts services with the settings given on top of the complete environment, and closes them."""
    started: list[Service] = []

    def begin(**changes: str) -> Service:
        clock, simponi, dukcapil = HandClock(), FakeSimponi(), FakeDukcapil()
        settings = read_settings({**environ, **changes})
        simkim = FakeSimkim(clock.unix_ns)
        app = create_app(settings, clock.unix_ns, dukcapil, simponi)
        jobs = create_jobs(settings, clock.unix_ns, clock.monotonic_s, Random(1), simponi, simkim)
        started.append(Service(app, jobs, clock, simponi, dukcapil, simkim, settings))
        return started[-1]

    yield begin
    for service in started:
        service.jobs.close()
        service.app.extensions[EXTENSION].database.close()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """The correct service."""
    return start()
