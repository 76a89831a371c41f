"""Schemathesis over the whole document: whatever is sent, the service answers as the document promises."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Response
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.document import SCHEMA, STAGE
from tests.fuzz.town import Town, settle
from tests.service.premises import close_service, environment, open_service

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for all cases, on a database of its own: PostgreSQL takes less for a text or a number than SQLite."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('town') / 'mpaspor.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE town")
        url = postgres.url("town")
    service = open_service({**environment(url), "MPASPOR_OFFICE_TOKEN": "off"})
    STAGE.app, STAGE.clock = service.app, service.clock
    yield settle(service)
    close_service(service)


@pytest.fixture(autouse=True)
def successes(town: Town) -> Iterator[None]:
    """Cases that were all turned away at the door would show nothing: some of every route's must succeed."""
    town.renew()
    STAGE.statuses.clear()
    yield
    assert any(200 <= status < 300 for status in STAGE.statuses), f"no case succeeded: {dict(STAGE.statuses)}"


@SCHEMA.parametrize()
def test_no_request_gets_an_answer_that_the_document_does_not_promise(case: Case, town: Town) -> None:
    """No 5xx, no undocumented status, content type, header or body, at the edges of the schemas and beyond them."""
    town.lead(case)
    case.validate_response(case.call(), checks=CHECKS)


def _broken() -> Response:
    raise RuntimeError("broken on purpose")


def test_a_case_that_breaks_the_service_fails(town: Town) -> None:
    """A 500 is documented, because it can happen, and still no case may bring one about."""
    case = SCHEMA["/healthz"]["GET"].Case()
    case.validate_response(case.call(), checks=CHECKS)
    views = town.service.app.view_functions
    right = views["health.healthz"]
    views["health.healthz"] = _broken
    try:
        with pytest.raises(FailureGroup, match="500"):
            case.validate_response(case.call(), checks=CHECKS)
    finally:
        views["health.healthz"] = right
