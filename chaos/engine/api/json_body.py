"""Request bodies as Go's decoder reads them: keys in any case, null as absent, unknown keys ignored, types strict."""

import json
import re
from collections.abc import Mapping

from chaos.engine.errors import BadBody

INT64 = range(-(2**63), 2**63)
# Half a surrogate pair, which JSON can spell and no encoding can carry.
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"invalid literal {name}")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def decode(body: bytes) -> object:
    """The first JSON value of the body; what follows it is not looked at. Raises BadBody."""
    text = body.decode("utf-8", errors="replace").lstrip(" \t\r\n")
    if not text:
        raise BadBody("EOF")
    try:
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as failure:
        raise BadBody(str(failure)) from failure
    result: object = value
    return result


class Fields:
    """An object's fields. Each reader returns None for an absent field and raises BadBody for a wrong type."""

    def __init__(self, value: object, what: str) -> None:
        """`what` names the object in messages; null is an object without fields."""
        if value is not None and not isinstance(value, Mapping):
            raise BadBody(f"{what} must be an object")
        self._what = what
        self._values: dict[str, object] = {}
        for key, field in (value or {}).items():
            if field is not None:
                self._values[str(key).lower()] = field

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        return HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", value)

    def flag(self, name: str) -> bool | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value not in INT64:
            raise self._wrong(name, "a whole number of 64 bits")
        return value

    def number(self, name: str) -> float | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e38:
            raise self._wrong(name, "a number")
        return float(value)

    def fields(self, name: str) -> "Fields":
        """The object under `name`; one without fields where it is absent."""
        return Fields(self._values.get(name), f"{self._what}.{name}")

    def has(self, name: str) -> bool:
        return name in self._values

    def _wrong(self, name: str, expected: str) -> BadBody:
        return BadBody(f"{self._what}.{name} must be {expected}")
