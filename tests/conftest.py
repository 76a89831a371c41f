"""What holds for every test: on a machine that promises every tool, a test skipped for want of one has failed; and
one PostgreSQL is started for all tests that want one, each of which gets a database of its own."""

import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from loket.stack.postgres import Postgres, PostgresError, find_programs
from mock_mpaspor.store.database import Database

REQUIRE = "LOKET_REQUIRE_TOOLS"
TEMPLATE = "mpaspor_template"
NUMBERS = count(1)


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
    """A PostgreSQL for this session, whose template has the service's tables. Skips where there is none."""
    try:
        programs = find_programs(os.environ)
    except PostgresError as error:
        pytest.skip(str(error))
    server = Postgres(programs)
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        template = Database(server.url(TEMPLATE), 1)
        template.create_schema()
        template.close()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgresql_url(postgres: Postgres) -> Iterator[str]:
    """A database of this test's own, with the tables in it."""
    name = f"test_{next(NUMBERS)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield postgres.url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own: every test that uses one runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mpaspor.db'}"
    return str(request.getfixturevalue("postgresql_url"))
