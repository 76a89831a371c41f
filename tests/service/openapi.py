"""Holds every answer of the app to its own OpenAPI document, more strictly than the document: nothing undeclared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, request
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mock_mpaspor.web.openapi.document import JSON, document, path_of

HOME = "urn:openapi"


class UndocumentedError(AssertionError):
    """An answer that the document does not promise."""


@dataclass(frozen=True)
class Answered:
    """One answer, as much of it as the document speaks of; `body` is None where it is a stream."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes | None


class Promises:
    """The document, ready to judge answers."""

    def __init__(self, described: Mapping[str, object]) -> None:
        closed = _closed({"paths": described["paths"], "components": described["components"]})
        self._paths = closed["paths"]
        self._responses = closed["components"]["responses"]
        self._registry = Registry().with_resource(HOME, DRAFT202012.create_resource(closed))
        self._validators: dict[str, Draft202012Validator] = {}

    def check(self, answered: Answered) -> None:
        """Raises UndocumentedError, which names the operation, the status and what is wrong."""
        problem = self._problem(answered)
        if problem:
            raise UndocumentedError(f"{answered.method} {answered.path} answered {answered.status}: {problem}")

    def _problem(self, answered: Answered) -> str:
        operation = self._paths.get(answered.path, {}).get(answered.method.lower())
        if operation is None:
            return "the document does not have this operation"
        promised = self._resolved(operation["responses"].get(str(answered.status)))
        if promised is None:
            return f"the document promises {', '.join(operation['responses'])}"
        mimetype = answered.content_type.partition(";")[0]
        if mimetype not in promised["content"]:
            return f"its content type is {mimetype!r}, the document promises {', '.join(promised['content'])}"
        schema = promised["content"][mimetype].get("schema")
        if mimetype != JSON or schema is None or answered.body is None:
            return ""
        return self._mismatch(schema, answered.body)

    def _resolved(self, response: dict[str, object] | None) -> dict[str, object] | None:
        name = (response or {}).get("$ref")
        return self._responses[name.rpartition("/")[2]] if name else response

    def _mismatch(self, schema: object, body: bytes) -> str:
        error = next(self._validator(schema).iter_errors(json.loads(body)), None)
        return f"{error.json_path}: {error.message}" if error else ""

    def _validator(self, schema: object) -> Draft202012Validator:
        text = json.dumps(schema)
        if text not in self._validators:
            self._validators[text] = Draft202012Validator(
                schema, registry=self._registry, format_checker=FormatChecker()
            )
        return self._validators[text]


def hold_to_document(app: Flask) -> None:
    """From now on an answer that the document does not promise is an error of whoever asked."""
    # Without this Flask would answer 500 in the place of what the check raises.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    promises = _promises(app, frozenset((rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()))

    def check(response: Response) -> Response:
        body = None if response.is_streamed else response.get_data()
        if request.url_rule is not None and request.method not in {"HEAD", "OPTIONS"}:
            path = path_of(request.url_rule.rule)
            promises.check(Answered(request.method, path, response.status_code, response.content_type or "", body))
        return response

    app.after_request(check)


_KNOWN: dict[frozenset[tuple[str, str]], Promises] = {}


def _promises(app: Flask, routes: frozenset[tuple[str, str]]) -> Promises:
    """The document is the same for all apps with the same routes: it is compiled once."""
    if routes not in _KNOWN:
        _KNOWN[routes] = Promises(json.loads(json.dumps(document(app), default=list)))
    return _KNOWN[routes]


def _closed(node: object) -> object:
    """The same schemas, in which an object has no properties but those described."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        closed.setdefault("additionalProperties", False)
    if isinstance(node.get("$ref"), str):
        closed["$ref"] = node["$ref"].replace("#/", f"{HOME}#/", 1)
    return closed
