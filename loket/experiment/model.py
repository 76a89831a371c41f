"""An experiment: load, faults and gates in one frozen value, read from one file (docs/experiment-file.md)."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, cast

from pydantic import (
    BaseModel,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
)

from chaos.durations import Instant
from chaos.faults import Fault
from loket.audit.checks import CHECKS
from loket.experiment.blocks import Block, Load, OfficeName, Service, Target
from loket.experiment.catalogue import locate, runnable_scenarios
from loket.experiment.expectation import problems_of, shown
from loket.experiment.offices import DAILY_QUOTA
from loket.experiment.problems import ExperimentError
from loket.experiment.rules import Draft, broken_rules, vocabulary
from loket.experiment.source import Source
from loket.gate.grammar import parse
from loket.gate.threshold import Gate
from loket.load.plan import LoadPlan
from loket.stack.settings import StackSettings

ALL_CHECKS = "all"


def _checks(value: object) -> tuple[int | str, ...]:
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
    PlainValidator(_checks),
    PlainSerializer(_written),
    WithJsonSchema(
        {"anyOf": [{"const": ALL_CHECKS}, {"type": "array", "minItems": 1, "items": {"type": ["integer", "string"]}}]}
    ),
]


class Experiment(Block):
    """One experiment. `read` is the way to make one: it also holds it against what exists around it."""

    title: str = Field(min_length=1)
    scenario: str = Field(min_length=1)
    seed: int = Field(ge=0)
    office: OfficeName
    load: Load
    service: Service = Service()
    target: Target | None = None
    faults: tuple[Fault, ...] = ()
    gates: tuple[str, ...] = ()
    checks: Checks = Field(default=(ALL_CHECKS,), json_schema_extra={"default": ALL_CHECKS})
    _name: str = PrivateAttr(default="experiment")

    @classmethod
    def read(cls, path_or_name: str | Path, scenarios: Sequence[str] | None = None) -> "Experiment":
        """The experiment of a file, or a built-in one by its name; `scenarios` are those of locustfiles by default.

        Raises ExperimentError with every problem that can be known before anything starts.
        """
        path = locate(path_or_name)
        known = runnable_scenarios() if scenarios is None else scenarios
        return cls._checked(Source.read(path), path.stem, known)

    @classmethod
    def _checked(cls, source: Source, name: str, scenarios: Sequence[str]) -> "Experiment":
        problems = broken_rules(Draft.of(source, scenarios))
        try:
            experiment = cls.model_validate_json(json.dumps(source.data))
        except ValidationError as error:
            raise ExperimentError(problems + problems_of(error, source, _schema())) from error
        if problems:
            raise ExperimentError(problems)
        experiment._name = name
        return experiment

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return self._name

    @property
    def places(self) -> int:
        """Places to be had: as stated, else the office's daily quota for each day of the release."""
        return self.load.places or self.load.days * DAILY_QUOTA[self.office]

    @property
    def check_numbers(self) -> tuple[int, ...]:
        """The numbers of the invariants to check, ascending."""
        if self.checks == (ALL_CHECKS,):
            return tuple(sorted(CHECKS))
        return tuple(sorted(number for number, check in CHECKS.items() if {number, check.name} & set(self.checks)))

    def parsed_gates(self) -> tuple[Gate, ...]:
        """The gates, read."""
        known = vocabulary(self.load, [fault.name for fault in self.faults])
        return tuple(parse(text, known) for text in self.gates)

    def changed(
        self,
        *,
        seed: int | None = None,
        people: int | None = None,
        places: int | None = None,
        workers: int | None = None,
        defects: tuple[str, ...] = (),
    ) -> "Experiment":
        """The experiment with what is given put in the place of its own. Raises ExperimentError as `read` does."""
        document = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        replaced = {"people": people, "places": places, "workers": workers}
        document["load"] |= {field: value for field, value in replaced.items() if value is not None}
        if seed is not None:
            document["seed"] = seed
        if defects:
            document["service"] = document.get("service", {}) | {"defects": list(defects)}
        return self._checked(Source(self.name, document), self.name, [self.scenario])

    def stack_settings(self) -> StackSettings:
        """What the embedded stack is started with."""
        return StackSettings(
            payment_deadline_s=self.service.payment_deadline_s,
            hold_ttl_s=self.service.hold_ttl_s,
            code_patience_s=self.service.code_patience_s,
            dukcapil_median_ms=self.service.dukcapil.median_s * 1000,
            threads=self.service.threads,
            seed=self.seed,
            defects=self.service.defects,
        )

    def load_plan(
        self, *, service_url: str, bank_url: str, direct_url: str, admin_token: str, run_directory: str
    ) -> LoadPlan:
        """What the load's workers are told."""
        return LoadPlan(
            scenario=self.scenario,
            seed=self.seed,
            office=self.office,
            people=self.load.people,
            places=self.places,
            days=self.load.days,
            opens_at_s=self.load.opens_at_s,
            rush_s=self.load.rush_s,
            drain_s=self.load.drain_s,
            patience_s=self.load.patience_s,
            payment_deadline_s=self.service.payment_deadline_s,
            profile=self.load.profile,
            service_url=service_url,
            bank_url=bank_url,
            direct_url=direct_url,
            admin_token=admin_token,
            run_directory=run_directory,
            i_am_allowed_to_load_it=self.target is not None and self.target.i_am_allowed_to_load_it,
        )

    def resolved(self) -> dict[str, JsonValue]:
        """Every field at its final value under its attribute's name, times in seconds: for `plan.json`."""
        fields = {name: _plain(getattr(self, name)) for name in type(self).model_fields}
        load = _fields(self.load) | {"places": self.places}
        return fields | {"load": load, "checks": list(self.check_numbers)}


@cache
def _schema() -> dict[str, JsonValue]:
    return Experiment.model_json_schema()


def _fields(block: BaseModel) -> dict[str, JsonValue]:
    return {name: _plain(getattr(block, name)) for name in type(block).model_fields}


def _plain(value: object) -> JsonValue:
    match value:
        case BaseModel():
            return _fields(value)
        case Instant():
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"an experiment holds no {type(value).__name__}")
