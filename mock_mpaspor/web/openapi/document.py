"""The document itself (OpenAPI 3.1): one entry for each route of the app whose view is declared."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from inspect import cleandoc

from flask import Flask

from mock_mpaspor import __version__
from mock_mpaspor.domain.errors import ERRORS, ErrorCode
from mock_mpaspor.web.errors import ErrorAnswer
from mock_mpaspor.web.openapi.components import Components, Schema
from mock_mpaspor.web.openapi.refusals import refusals
from mock_mpaspor.web.operations import Door, Header, Operation, Query, declared_by

JSON = "application/json"
ABOUT = """Flows, rules and fees follow the published sources; the shapes of the routes are ours.

`HEAD` is answered as `GET` is, without the body. Any other method is refused with 405 `method_not_allowed` and `Allow`,
any other path with 404 `unknown_route`; both in the shape of every refusal here."""
SIGNED = ("signature", "signature_time")
SECURITY_SCHEMES: Schema = {
    Door.SESSION.value: {"type": "http", "scheme": "bearer", "description": "A person's session token."},
    Door.ADMIN.value: {"type": "http", "scheme": "bearer", "description": "The operator's token."},
    Door.AUDIT.value: {"type": "http", "scheme": "bearer", "description": "The token of whoever audits."},
    Door.OFFICE.value: {"type": "http", "scheme": "bearer", "description": "The token of counter clerks."},
    SIGNED[0]: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Simponi-Signature",
        "description": 'Hex HMAC-SHA256 of timestamp + "." + body, under the secret shared with SIMPONI.',
    },
    SIGNED[1]: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Simponi-Timestamp",
        "description": "When it was signed, in unix seconds: at most five minutes from now.",
    },
}
_KEY = Header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    required=True,
    description="Names one logical request: asked again with the same key, it gets the same answer.",
)
_TRACE: Schema = {
    "name": "traceparent",
    "in": "header",
    "description": "W3C trace context; kept with the events that the request causes.",
    "schema": {"type": "string"},
}
_VARIABLE = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


@dataclass(frozen=True)
class Route:
    """One declared route; `path` writes its variables in braces."""

    path: str
    method: str
    endpoint: str
    promised: Operation
    note: str


def routes(app: Flask) -> Iterator[Route]:
    """The declared routes of the app, in the order in which they were registered."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        promised = declared_by(view)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if promised:
                yield Route(path_of(rule.rule), method, rule.endpoint, promised, cleandoc(view.__doc__ or ""))


def path_of(rule: str) -> str:
    """The path of a route as OpenAPI writes it.

    >>> path_of("/v1/applications/<application_id>/hold")
    '/v1/applications/{application_id}/hold'
    """
    return _VARIABLE.sub(r"{\1}", rule)


def document(app: Flask) -> Schema:
    """The OpenAPI document of the app."""
    found = list(routes(app))
    components = Components(
        bodies=[route.promised.body for route in found if route.promised.body is not None],
        answers=[ErrorAnswer, *(kind for route in found for kind in _structs(route.promised))],
    )
    paths: dict[str, Schema] = {}
    for route in found:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe(route, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "M-Paspor, the reference service",
            "version": __version__,
            "summary": "Passport applications: a place at an office, a billing code, a payment.",
            "description": ABOUT,
        },
        "tags": _tags(app, found),
        "paths": dict(paths),
        "components": {
            "schemas": components.schemas,
            "responses": _refusals(found, components),
            "parameters": {"traceparent": _TRACE},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _structs(promised: Operation) -> list[object]:
    return [kind for kind in promised.answers.values() if not isinstance(kind, str)]


def _tags(app: Flask, found: list[Route]) -> list[Schema]:
    names = dict.fromkeys(route.endpoint.rpartition(".")[0] for route in found)
    modules = {name: sys.modules.get(app.blueprints[name].import_name) for name in names if name in app.blueprints}
    return [
        {"name": name, "description": cleandoc(getattr(module, "__doc__", "") or "")}
        for name, module in modules.items()
    ]


def _describe(route: Route, components: Components) -> Schema:
    promised = route.promised
    described: Schema = {
        "operationId": route.endpoint.replace(".", "_"),
        "tags": [route.endpoint.rpartition(".")[0]],
        "summary": promised.summary,
        "parameters": _parameters(route),
        "responses": {**_successes(promised, components), **_refused(route)},
        "security": _security(promised.door),
    }
    if route.note:
        described["description"] = route.note
    if promised.body is not None:
        content = {promised.body_type: {"schema": components.schema(promised.body)}}
        described["requestBody"] = {"required": True, "content": content}
    elif promised.body_type != JSON:
        described["requestBody"] = {"required": True, "content": {promised.body_type: {}}}
    return described


def _security(door: Door) -> list[Schema]:
    if door is Door.OPEN:
        return []
    return [{name: [] for name in SIGNED}] if door is Door.SIGNATURE else [{door.value: []}]


def _parameters(route: Route) -> list[Schema]:
    promised = route.promised
    variables: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    headers = [_KEY, *promised.headers] if promised.keyed else promised.headers
    return [
        *variables,
        *(_parameter("query", query) for query in promised.query),
        *(_parameter("header", header) for header in headers),
        {"$ref": "#/components/parameters/traceparent"},
    ]


def _parameter(place: str, declared: Query | Header) -> Schema:
    described: Schema = {"name": declared.name, "in": place, "schema": declared.schema}
    if declared.required:
        described["required"] = True
    if declared.description:
        described["description"] = declared.description
    return described


def _successes(promised: Operation, components: Components) -> Schema:
    described: Schema = {}
    for status, kind in sorted(promised.answers.items()):
        if isinstance(kind, str):
            text: Schema = {"schema": {"type": "string"}} if kind.startswith("text/") else {}
            content = {kind: text}
        else:
            content = {JSON: {"schema": components.schema(kind)}}
        described[str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
    return described


def _refused(route: Route) -> Schema:
    found = refusals(route.path, route.promised).items()
    return {str(status): {"$ref": f"#/components/responses/{_name(codes)}"} for status, codes in found}


def _name(codes: list[ErrorCode]) -> str:
    return "-".join(code.value for code in codes)


def _refusals(found: list[Route], components: Components) -> Schema:
    """Every set of codes that some route answers with one status, described once."""
    sets = (codes for route in found for codes in refusals(route.path, route.promised).values())
    named = {_name(codes): _refusal(codes, components) for codes in sets}
    return dict(sorted(named.items()))


def _refusal(codes: list[ErrorCode], components: Components) -> Schema:
    narrowed: Schema = {"code": {"enum": [code.value for code in codes]}}
    certain = {ERRORS[code].definite for code in codes}
    if len(certain) == 1:
        narrowed["definite"] = {"const": certain.pop()}
    either = components.schema(ErrorAnswer)
    schema = {"allOf": [either, {"properties": {"error": {"properties": narrowed}}}]}
    described: Schema = {
        "description": "\n".join(f"- `{code.value}`: {ERRORS[code].message}" for code in codes),
        "content": {JSON: {"schema": schema}},
    }
    if ERRORS[codes[0]].status == HTTPStatus.TOO_MANY_REQUESTS:
        described["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
    return described
