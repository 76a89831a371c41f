"""What every toxic's settings have in common: whole numbers, 0 when not given, none below 0; a few are texts."""

from dataclasses import dataclass, fields

from chaos.engine.errors import InvalidAttribute


@dataclass(frozen=True)
class Settings:
    """A toxic's attributes under the names that the API gives them. Raises InvalidAttribute for a negative one."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int) and value < 0:
                raise InvalidAttribute(f"{field.name} must not be negative")
