"""What every block of an experiment file is: strict, frozen, and with its times as a file writes them."""

from typing import cast

from pydantic import BaseModel, ConfigDict, JsonValue

from chaos.durations import format_duration


def _write_default_durations(schema: dict[str, JsonValue]) -> None:
    """In the JSON Schema a default duration stands as a file would write it, not in seconds."""
    properties = schema.get("properties")
    for field in properties.values() if isinstance(properties, dict) else ():
        if isinstance(field, dict) and field.get("type") == "string" and isinstance(field.get("default"), float):
            field["default"] = format_duration(cast(float, field["default"]))


class Block(BaseModel):
    """Strict, frozen, and closed: a field that nobody knows is a mistake, not a wish."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_write_default_durations)
