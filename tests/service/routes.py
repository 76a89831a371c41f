"""The service's routes as its views declare them, and how each is tried: with which body, under which token."""

import re
from collections.abc import Iterator

from flask import Flask
from werkzeug.test import TestResponse

from mock_mpaspor.web.operations import Door, Operation, declared_by
from tests.service.house import Service
from tests.service.person import JPEG

KEY = {"Idempotency-Key": "k"}
IDENTITY = {"nik": "9971014203900042", "name": "Warga", "birth_date": "1990-03-02", "sex": "female"}
SLOT = "belakang_padang-2025-02-03-morning"

# What a route must be sent to get as far as asking whose application it is; the others need nothing.
BODIES: dict[str, object] = {
    "/v1/applications/<application_id>/identity": IDENTITY,
    "/v1/applications/<application_id>/hold": {"slot": SLOT},
    "/v1/applications/<application_id>/reschedule": {"slot": SLOT},
    "/v1/applications/<application_id>/delivery": {"method": "collect"},
}
CLOSED = {
    Door.SESSION: (401, "unauthenticated"),
    Door.ADMIN: (401, "wrong_token"),
    Door.AUDIT: (401, "wrong_token"),
    Door.OFFICE: (401, "wrong_token"),
    Door.SIGNATURE: (401, "bad_signature"),
}
# What opens them in the tests: each is tried at every door but its own.
TOKENS = {Door.ADMIN: "adm", Door.AUDIT: "aud", Door.OFFICE: "off"}


def refused(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json["error"]["code"]


def routes_of(app: Flask) -> Iterator[tuple[str, str, Operation]]:
    """(method, rule, what its view declares) of every route."""
    for rule in app.url_map.iter_rules():
        declared = declared_by(app.view_functions[rule.endpoint])
        assert declared, f"{rule.rule} declares nothing"
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, rule.rule, declared


def path_of(rule: str, value: str = "none") -> str:
    """The path of a rule with every id in it the same."""
    return re.sub(r"<[^>]+>", value, rule)


def sent_to(rule: str, declared: Operation) -> dict[str, object]:
    """What to send so that the route reads as far as it can."""
    if declared.body_type == "application/json":
        return {"json": BODIES.get(rule, {})} if declared.body else {}
    return {"data": JPEG, "content_type": declared.body_type, "query_string": {"kind": "ktp"}}


def open_(service: Service, method: str, path: str, token: str | None, **sent: object) -> TestResponse:
    """Ask with this bearer token, or without any."""
    headers = {**KEY, **({} if token is None else {"Authorization": f"Bearer {token}"})}
    return service.app.test_client().open(path, method=method, headers=headers, **sent)
