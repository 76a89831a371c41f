"""The OpenAPI document: it has every route, agrees with the contract's table, and answers are really held to it."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from flask import Blueprint, Flask, Response
from jsonschema import Draft202012Validator

import mock_mpaspor
from mock_mpaspor.app import BLUEPRINTS
from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.web.openapi.components import Components
from mock_mpaspor.web.openapi.document import routes
from mock_mpaspor.web.openapi.refusals import refusals
from mock_mpaspor.web.operations import Door, Operation, declared_by, operation
from tests.service.contract import nameless, rows
from tests.service.openapi import Answered, Promises, UndocumentedError, hold_to_document

DOORS = {
    "": Door.OPEN,
    "bearer": Door.SESSION,
    "admin": Door.ADMIN,
    "audit": Door.AUDIT,
    "office": Door.OFFICE,
    "signed": Door.SIGNATURE,
}


def _app():
    """The routes alone: no database is behind them."""
    app = Flask("routes", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


APP = _app()
ROUTES = {(route.method, nameless(route.path)): route for route in routes(APP)}
TABLE = {(row.method, row.path): row for row in rows()}


def _flat(found):
    return {code for codes in found.values() for code in codes}


@pytest.fixture
def described(service):
    """The document as the service serves it."""
    answer = service.app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def test_every_route_is_declared():
    """No view answers without having said what it promises."""
    silent = [rule.rule for rule in APP.url_map.iter_rules() if not declared_by(APP.view_functions[rule.endpoint])]
    assert silent == []


def test_the_document_has_every_route_and_nothing_else(described):
    """Paths and methods are those of the table of routes of the running service."""
    have = {(method.upper(), nameless(path)) for path, methods in described["paths"].items() for method in methods}
    assert have == set(ROUTES)
    assert len(have) > 10


def test_the_document_is_sound(described):
    """Every reference leads somewhere, every schema is a schema (2020-12), operation ids are unique."""
    ids = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(described)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        node = described
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_the_document_says_which_version_this_is(described):
    """The version is the project's own."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert described["info"]["version"] == mock_mpaspor.__version__ == project["version"]


def test_the_document_is_built_once(service):
    """The second reader gets the same bytes."""
    first, second = (service.app.test_client().get("/openapi.json").data for _ in range(2))
    assert first == second


def test_the_table_of_the_contract_has_every_route():
    """Not one route is missing from either."""
    assert set(ROUTES) == set(TABLE)


@pytest.mark.parametrize("call", sorted(set(ROUTES) & set(TABLE)), ids=" ".join)
def test_a_route_is_as_the_table_of_the_contract_says(call):
    """Door, key, query, successes and refusals of the declaration are those of the table's row."""
    route, row = ROUTES[call], TABLE[call]
    promised = route.promised
    assert promised.door is DOORS[row.door]
    assert promised.keyed is row.keyed
    assert {query.name for query in promised.query} == row.query
    assert set(promised.answers) == row.successes
    implied = _flat(refusals(route.path, replace(promised, refusals=())))
    assert {code.value for code in promised.refusals} | implied == {code.value for code in row.codes} | implied


def test_every_error_is_promised_by_some_route():
    """A code that no route may answer would be a row too many; a wrong method belongs to no route."""
    promised = {code for route in ROUTES.values() for code in _flat(refusals(route.path, route.promised))}
    assert promised == set(ErrorCode) - {ErrorCode.METHOD_NOT_ALLOWED}


PATH = "/v1/sessions"
RIGHT = {"token": "t", "expires_at": "2025-02-03T09:00:00+07:00"}
WRONG = {"code": "wrong_credentials", "message": "No.", "definite": True}


def _answered(status, content, content_type="application/json"):
    return Answered("POST", PATH, status, content_type, json.dumps(content).encode())


@pytest.mark.parametrize(
    "answered",
    [_answered(201, RIGHT), _answered(401, {"error": WRONG}), replace(_answered(201, RIGHT), body=None)],
)
def test_what_the_document_promises_passes(described, answered):
    """A success, a refusal, and a stream, which is not read."""
    Promises(described).check(answered)


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        (_answered(201, {"token": "t"}), "'expires_at' is a required property"),
        (_answered(201, {**RIGHT, "password": "x"}), "Additional properties are not allowed"),
        (_answered(201, {**RIGHT, "token": 7}), "7 is not of type 'string'"),
        (_answered(200, RIGHT), "the document promises 201, "),
        (_answered(201, RIGHT, "text/html"), "its content type is 'text/html'"),
        (_answered(401, {"error": {**WRONG, "code": "sold_out"}}), r"'sold_out' is not one of \['wrong_credentials'\]"),
        (_answered(401, {"error": {**WRONG, "definite": False}}), "True was expected"),
        (replace(_answered(201, RIGHT), path="/v1/elsewhere"), "the document does not have this operation"),
    ],
)
def test_what_the_document_does_not_promise_is_told(described, answered, message):
    """A missing, extra or wrong field, another status, type, code or route: the operation and the fault are named."""
    with pytest.raises(UndocumentedError, match=f"^POST {answered.path} answered {answered.status}: .*{message}"):
        Promises(described).check(answered)


class _Pair(msgspec.Struct):
    """Two numbers."""

    first: int
    second: int = 0


def _tiny(content):
    blueprint = Blueprint("tiny", __name__)

    @blueprint.get("/pair")
    @operation(Operation("A pair", {200: _Pair}))
    def pair():
        return Response(content, content_type="application/json")

    app = Flask("tiny", static_folder=None)
    app.register_blueprint(blueprint)
    hold_to_document(app)
    return app.test_client()


def test_an_app_held_to_its_document_fails_whoever_gets_a_wrong_answer():
    """The check runs on the answers themselves: the wrong one raises where it was asked for, the right one passes."""
    assert _tiny(b'{"first": 1, "second": 2}').get("/pair").status_code == 200
    with pytest.raises(UndocumentedError, match=r"^GET /pair answered 200: .*'second' is a required property"):
        _tiny(b'{"first": 1}').get("/pair")


def test_the_services_of_these_tests_are_held_to_the_document(service):
    """A service that a fixture starts is watched: an answer out of line fails the test that got it."""
    service.app.view_functions["health.healthz"] = lambda: Response(b"{}", content_type="application/json")
    with pytest.raises(UndocumentedError, match=r"^GET /healthz answered 200"):
        service.app.test_client().get("/healthz")


def test_a_default_may_be_left_out_of_a_request_and_never_out_of_an_answer():
    """The schema of a struct follows from what it is used for."""
    for bodies, required in ((), ["first", "second"]), ([_Pair], ["first"]):
        assert Components(bodies, [_Pair]).schemas["Pair"]["required"] == required


def test_structs_of_one_name_are_told_apart_by_their_modules():
    """The names in the document are short, unless two modules use the same."""
    alike = [msgspec.defstruct("_Pair", [("left", int)], module=f"somewhere.{name}") for name in ("here", "over_there")]
    assert set(Components([], alike).schemas) == {"HerePair", "OverTherePair"}


def test_what_fails_outside_of_a_view_is_not_definite(service):
    """An error after the view answers 500 `internal`, for nobody knows what it had done."""

    def break_down(response):
        raise RuntimeError("broken on purpose")

    service.app.config["PROPAGATE_EXCEPTIONS"] = False
    service.app.after_request(break_down)
    answer = service.app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "internal")
    assert answer.json["error"]["definite"] is False


def test_every_path_answers_head_and_refuses_other_methods_as_the_document_says(service):
    """HEAD is GET without its body, on every path that has GET; what has no route is 405 with `Allow`, or 404."""
    client = service.app.test_client()
    document = client.get("/openapi.json").json
    assert "405" in document["info"]["description"]
    for path, operations in document["paths"].items():
        url = path.replace("{", "").replace("}", "")
        methods = {method.upper() for method in operations}
        if "GET" in methods:
            got, head = client.get(url), client.head(url)
            assert (head.status_code, head.data) == (got.status_code, b""), path
            methods |= {"HEAD"}
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - methods:
            refused = client.open(url, method=method)
            assert refused.status_code == 405, (method, path)
            assert set(refused.headers["Allow"].split(", ")) >= methods, (method, path)
    assert client.head("/nowhere").status_code == 404
