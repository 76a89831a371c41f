"""Says what an experiment's field expects and what it found instead, in words, from the model's own JSON Schema.

So no message can promise anything else than what the model accepts.
"""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from loket.experiment.problems import Problem
from loket.experiment.source import Location, Source, dotted
from loket.gate.vocabulary import listing, suggestion

Schema = Mapping[str, JsonValue]
_LONGEST_SHOWN = 60


def problems_of(error: ValidationError, source: Source, schema: Schema) -> list[Problem]:
    """Each of pydantic's errors as a problem of the file that `source` was read from."""
    return [_problem(detail, source, schema) for detail in error.errors()]


def _problem(detail: ErrorDetails, source: Source, schema: Schema) -> Problem:
    # A key that is no key: pydantic's name for the place is nobody's who reads the file.
    location = tuple(part for part in detail["loc"] if part != "[key]")
    unknown_field = detail["type"] == "extra_forbidden"
    sentence = f"{dotted(location)}: {_what(detail, location, schema)}"
    return Problem(
        source.name,
        sentence.removeprefix(": "),
        source.place(location, of_key=unknown_field or location != detail["loc"]),
    )


def _what(detail: ErrorDetails, location: Location, schema: Schema) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"] == "extra_forbidden":
        known = sorted(_fields(_at(schema, location[:-1], schema)))
        return f"unknown field; known here are {listing(known)}{suggestion(str(location[-1]), known)}"
    expected = _at(schema, location, schema)
    words = expected.get("enum")
    found = "nothing" if detail["type"] == "missing" else shown(detail["input"])
    near = suggestion(str(detail["input"]), map(str, words)) if isinstance(words, list) else ""
    return f"found {found}, expected {_in_words(expected)}{near}"


def shown(value: object) -> str:
    """A value of the file as a message shows it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case Mapping():
            return "a block of fields"
        case list() | tuple():
            return "a list"
        case str() if len(value) > _LONGEST_SHOWN:
            return repr(value[:_LONGEST_SHOWN] + "…")
        case _:
            return repr(value)


def _at(schema: Schema, location: Location, root: Schema) -> Schema:
    """The schema of the value at `location`, references followed; empty where the model has no such value."""
    node = _followed(schema, root)
    for part in location:
        below = node.get("items") if isinstance(part, int) else _fields(node).get(part)
        if not isinstance(below, dict):
            return {}
        node = _followed(below, root)
    return node


def _followed(node: Schema, root: Schema) -> Schema:
    choices = node.get("anyOf")
    if isinstance(choices, list):  # an optional value: its other form is null
        node = next(cast(Schema, choice) for choice in choices if choice != {"type": "null"})
    reference = node.get("$ref")
    if isinstance(reference, str):
        return cast(Schema, cast(Schema, root["$defs"])[reference.removeprefix("#/$defs/")])
    return node


def _fields(node: Schema) -> Schema:
    return cast(Schema, node.get("properties", {}))


def _in_words(node: Schema) -> str:
    if "enum" in node:
        return f"one of {listing(map(str, cast(list[JsonValue], node['enum'])))}"
    if "const" in node:
        return shown(node["const"])
    match node.get("type"):
        case "object":
            return f"a block of the fields {listing(_fields(node))}"
        case "array":
            return "a list"
        case "boolean":
            return "true or false"
        case "integer":
            return "a whole number" + _bounds(node)
        case "number":
            return "a number" + _bounds(node)
        case _:
            return str(node.get("description", "a text of at least one character" if "minLength" in node else "a text"))


def _bounds(node: Schema) -> str:
    names = {
        "minimum": "of at least",
        "exclusiveMinimum": "above",
        "maximum": "of at most",
        "exclusiveMaximum": "below",
    }
    bounds = [f"{words} {node[name]}" for name, words in names.items() if name in node]
    return "".join(f" {bound}" for bound in (" and ".join(bounds),) if bound)
