"""The service in a test: a real database, a clock that is set by hand, and a SIMPONI and a Dukcapil that obey."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine

from mock_mpaspor.defects import plant
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.settings import read_settings
from mock_mpaspor.store.schema import METADATA
from tests.service.house import Service
from tests.service.premises import close_service, environment, open_service


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """A complete environment, pointing at a database of this test's own."""
    return environment(database_url)


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Starts services with the settings given on top of the complete environment, and closes them."""
    started: list[Service] = []

    def begin(**changes: str) -> Service:
        stated = {**environ, **changes}
        if not started and plant(Kinds(), read_settings(stated).defects).schema is not METADATA:
            _drop_tables(stated["MPASPOR_DATABASE_URL"])
        started.append(open_service(stated))
        return started[-1]

    yield begin
    for service in started:
        close_service(service)


@pytest.fixture
def planted(start: Callable[..., Service], defects: str) -> Service:
    """The service with the defects of the case in it, if any."""
    return start(MPASPOR_DEFECTS=defects)


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """The correct service."""
    return start()


def _drop_tables(url: str) -> None:
    """A defect may lie in the tables: they must not be there before the service makes them."""
    engine = create_engine(url)
    METADATA.drop_all(engine)
    engine.dispose()


@pytest.fixture
def office(start):
    """The service beside a SIMKIM."""
    return start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1")


@pytest.fixture
def paid(office):
    """Somebody with a paid appointment on Tuesday, known to SIMKIM: the person and the application."""
    person = office.person()
    application = person.pay_for(office.release(places=8, days=2)[0])
    office.tell_office()
    return person, application


@pytest.fixture
def one_place(service):
    """The only slot of the office, with one place."""
    return service.release(places=1)[0]


@pytest.fixture
def awaiting(service, one_place):
    """Somebody whose code was issued: the person, the application, the code."""
    person = service.person()
    application = person.book(one_place)
    service.relay()
    return person, application, person.see_code(application).json["billing_code"]
