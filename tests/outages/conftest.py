"""Two sites, one a database, kept for all tests of this folder; each test finds and leaves every link well."""

import os
from collections.abc import Iterator

import pytest

from loket.stack.postgres import Postgres, PostgresError, find_programs
from loket.stack.probe import free_ports
from tests.outages.site import Site


@pytest.fixture(scope="session")
def lasting_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On SQLite."""
    yield from _open(Site(tmp_path_factory.mktemp("site")))


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL on a port of loopback: the engine carries TCP. Skips where there is none."""
    try:
        programs = find_programs(os.environ)
    except PostgresError as error:
        pytest.skip(str(error))
    (port,) = free_ports(1)
    started = Postgres(programs, port=port)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def lasting_far_site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On PostgreSQL, which is a hop away."""
    assert server.port
    yield from _open(Site(tmp_path_factory.mktemp("far-site"), server.port))


@pytest.fixture
def site(lasting_site: Site) -> Iterator[Site]:
    """The site on SQLite, with every link well."""
    yield lasting_site
    lasting_site.links.heal_all()


@pytest.fixture
def far_site(lasting_far_site: Site) -> Iterator[Site]:
    """The site on PostgreSQL, with every link well."""
    yield lasting_far_site
    lasting_far_site.links.heal_all()


def _open(site: Site) -> Iterator[Site]:
    try:
        site.start()
        yield site
    finally:
        site.close()
