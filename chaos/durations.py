"""Spans and instants as people write them in an experiment: "1m30s", "500ms", "opens+2s".

A bare number is refused, because its unit would be a guess. Both types stand in pydantic models as they are.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

EXPECTED_DURATION = 'a duration with its unit, such as "20s", "500ms", "2m" or "1m30s"'
EXPECTED_INSTANT = (
    'an instant such as "20s" (from the start of the run), "opens", "opens+2s", "opens-5s", or after what happens in '
    'the run: "sold_out", "first_code+2s"'
)
# What happens in a run, at a moment that nobody knows beforehand: the first person is told that every place is gone,
# the first one sees their payment code.
EVENTS = ("sold_out", "first_code")

MS_PER_UNIT = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SPAN = re.compile("".join(rf"(?:(?P<{unit}>{_NUMBER}){unit})?" for unit in MS_PER_UNIT))
_BOUND = re.compile(rf"(?P<to>opens|{'|'.join(EVENTS)})(?:\s*(?P<sign>[+-])\s*(?P<offset>.+))?")


def parse_duration(text: object) -> float:
    """Seconds in `text`: units h, m, s, ms, largest first, each at most once.

    Raises ValueError, naming what was found and what was expected, for anything else: a bare number too.

    >>> parse_duration("1m30s"), parse_duration("500ms")
    (90.0, 0.5)
    """
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if not text or match is None:
        raise ValueError(f"expected {EXPECTED_DURATION}, found {text!r}")
    return sum(float(number) * MS_PER_UNIT[unit] for unit, number in match.groupdict("0").items()) / 1000


def format_duration(seconds: float) -> str:
    """The span as `parse_duration` reads it, to the millisecond.

    >>> format_duration(90.5), format_duration(0)
    ('1m30s500ms', '0s')
    """
    rest_ms = round(seconds * 1000)
    parts = []
    for unit, unit_ms in MS_PER_UNIT.items():
        count, rest_ms = divmod(rest_ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "description": EXPECTED_DURATION, "examples": ["20s", "1m30s"]}),
]


@dataclass(frozen=True)
class Instant:
    """A moment of the run: `offset_s` seconds after its origin, the opening of the quota, or one of EVENTS."""

    offset_s: float
    from_opening: bool = False
    event: str | None = None

    @classmethod
    def parse(cls, text: object) -> "Instant":
        """The instant in `text`. Raises ValueError, naming what was found and what was expected.

        >>> Instant.parse("opens-5s").resolve(opens_at_s=20.0)
        15.0
        """
        bound = _BOUND.fullmatch(text) if isinstance(text, str) else None
        try:
            if bound is None:
                return cls(parse_duration(text))
            offset_s = parse_duration(bound["offset"]) if bound["offset"] else 0.0
        except ValueError:
            raise ValueError(f"expected {EXPECTED_INSTANT}, found {text!r}") from None
        if bound["to"] == "opens":
            return cls(-offset_s if bound["sign"] == "-" else offset_s, from_opening=True)
        if bound["sign"] == "-":
            raise ValueError(f"expected {bound['to']} or later, for nobody knows it beforehand, found {text!r}")
        return cls(offset_s, event=bound["to"])

    def resolve(self, opens_at_s: float) -> float | None:
        """Seconds from the run's origin, where the quota opens `opens_at_s` after it; may be negative.

        None where it depends on an event.
        """
        if self.event:
            return None
        return self.offset_s + (opens_at_s if self.from_opening else 0.0)

    def __str__(self) -> str:
        to = "opens" if self.from_opening else self.event
        if to is None:
            return format_duration(self.offset_s)
        if not self.offset_s:
            return to
        return f"{to}{'+' if self.offset_s > 0 else '-'}{format_duration(abs(self.offset_s))}"

    @classmethod
    def _read(cls, value: object) -> "Instant":
        return value if isinstance(value, cls) else cls.parse(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "description": EXPECTED_INSTANT,
            "examples": ["20s", "opens", "opens+2s", "opens-5s", "sold_out", "first_code+2s"],
        }
