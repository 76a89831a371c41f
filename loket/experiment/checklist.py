"""Which invariants an experiment has checked: all of them, or those that it names by number or by name."""

from typing import Annotated, cast

from pydantic import JsonValue, PlainSerializer, PlainValidator, WithJsonSchema

from loket.audit.checks import CHECKS
from loket.experiment.expectation import shown

ALL_CHECKS = "all"


def numbers_of(checks: tuple[int | str, ...]) -> tuple[int, ...]:
    """The numbers of the invariants that are meant, ascending."""
    meant = set(checks)
    everything = ALL_CHECKS in meant
    return tuple(sorted(number for number, check in CHECKS.items() if everything or {number, check.name} & meant))


def _read(value: object) -> tuple[int | str, ...]:
    if value == ALL_CHECKS:
        return (ALL_CHECKS,)
    right = isinstance(value, list | tuple) and value and all(type(item) in (int, str) for item in value)
    if not right:
        raise ValueError(f"found {shown(value)}, expected '{ALL_CHECKS}' or a list of numbers and names of checks")
    return tuple(cast(list[int | str], value))


def _written(checks: tuple[int | str, ...]) -> JsonValue:
    return ALL_CHECKS if checks == (ALL_CHECKS,) else list(checks)


Checks = Annotated[
    tuple[int | str, ...],
    PlainValidator(_read),
    PlainSerializer(_written),
    WithJsonSchema(
        {"anyOf": [{"const": ALL_CHECKS}, {"type": "array", "minItems": 1, "items": {"type": ["integer", "string"]}}]}
    ),
]
