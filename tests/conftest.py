"""What holds for every test: on a machine that promises every tool, a test skipped for want of one has failed; and
one PostgreSQL is started for all tests that want one, each of which finds empty tables."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from loket.stack.postgres import Postgres, PostgresError, find_programs
from loket.stack.probe import free_ports
from tests.slate import Slate

REQUIRE = "LOKET_REQUIRE_TOOLS"
TESTS = Path(__file__).parent
# Folders whose tests stay together: whole runs, of which two at once would disturb each other, and folders whose tests
# share processes that take long to start.
TOGETHER = ("run", "load", "remote", "outages", "stack", "dashboards", "report")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where two processes share the tests out, each of these folders goes to one of them, whole."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where the environment says that nothing may be missing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: {REQUIRE} is set, and this was {reason[:1].lower()}{reason[1:]}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for this session, on a free port. Skips where there is none."""
    try:
        programs = find_programs(os.environ)
    except PostgresError as error:
        pytest.skip(str(error))
    (port,) = free_ports(1)
    server = Postgres(programs, port=port)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def slate(postgres: Postgres) -> Slate:
    """The database that the tests of this session share, one after the other."""
    return Slate(postgres)


@pytest.fixture
def postgresql_url(slate: Slate) -> str:
    """A database with the tables, and nothing in them."""
    return slate.clean()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: every test that uses one runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mpaspor.db'}"
    return str(request.getfixturevalue("postgresql_url"))
