"""An experiment file as far as it can be read, so that one slip in it does not hide another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from chaos.faults import Fault
from loket.experiment.blocks import Service, Target
from loket.experiment.load import Load
from loket.experiment.networks import Networks
from loket.experiment.offices import NETWORK
from loket.experiment.problems import Problem
from loket.experiment.source import Location, Source

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True)
class Draft:
    """The parts of a file that are right in themselves; the others are None or left out."""

    source: Source
    scenarios: Sequence[str]
    load: Load | None
    service: Service | None
    target: Target | None
    offices: dict[str, float] | None
    faults: dict[int, Fault]

    @classmethod
    def of(cls, source: Source, scenarios: Sequence[str]) -> "Draft":
        faults = enumerate(list_of(source.data.get("faults")))
        readable = {index: _part(Fault, fault) for index, fault in faults}
        return cls(
            source,
            scenarios,
            load=_part(Load, source.data.get("load")),
            service=_part(Service, source.data.get("service", {})),
            target=_part(Target, source.data.get("target")),
            offices=_shares(source.data.get("offices")),
            faults={index: fault for index, fault in readable.items() if fault is not None},
        )

    def fault_names(self) -> dict[int, str]:
        """The names of all faults that have one, readable otherwise or not."""
        faults = enumerate(list_of(self.source.data.get("faults")))
        names = {index: fault.get("name") for index, fault in faults if isinstance(fault, dict)}
        return {index: name for index, name in names.items() if isinstance(name, str)}

    def networks(self) -> tuple[str, ...] | None:
        """The several networks of the people, as far as the load can be read."""
        return None if self.load is None else Networks.of(self.load, self.offices or {}).names

    def problem(self, location: Location, sentence: str) -> Problem:
        return Problem(self.source.name, sentence, self.source.place(location))


def _part(model: type[Part], data: JsonValue) -> Part | None:
    if data is None:
        return None
    try:
        return model.model_validate_json(_JSON.dump_json(data))
    except ValidationError:
        return None  # reported where the whole file is validated


def list_of(value: JsonValue) -> list[JsonValue]:
    """The value, where it is a list; else nothing."""
    return value if isinstance(value, list) else []


def _shares(value: JsonValue) -> dict[str, float] | None:
    if not isinstance(value, dict):
        return None
    return {name: float(share) for name, share in value.items() if isinstance(share, int | float) and name in NETWORK}


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
Rule = Callable[[Draft], Iterator[Problem]]
"""Gives every problem that a draft has with it."""
