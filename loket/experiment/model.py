"""An experiment: load, faults and gates in one frozen value, read from one file (docs/experiment-file.md)."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import (
    BaseModel,
    Field,
    JsonValue,
    PrivateAttr,
    ValidationError,
)

from chaos.durations import Instant
from chaos.faults import Fault
from loket.experiment.block import Block
from loket.experiment.blocks import Service, Target
from loket.experiment.catalogue import locate, runnable_scenarios
from loket.experiment.checklist import ALL_CHECKS, Checks, numbers_of
from loket.experiment.draft import Draft
from loket.experiment.expectation import problems_of
from loket.experiment.load import Load
from loket.experiment.networks import Networks
from loket.experiment.offices import DAILY_QUOTA, NETWORK, dealt
from loket.experiment.problems import ExperimentError
from loket.experiment.rules import broken_rules, vocabulary
from loket.experiment.source import Source
from loket.experiment.traces import with_traces
from loket.experiment.words import OF_THE_OFFICE, OfficeName, Share
from loket.gate.grammar import parse
from loket.gate.stop import StopCondition, parse_stop
from loket.gate.threshold import Gate
from loket.load.arrivals import head_count
from loket.load.plan import LoadPlan, OfficePart
from loket.stack.settings import StackSettings


class Experiment(Block):
    """One experiment. `read` is the way to make one: it also holds it against what exists around it."""

    title: str = Field(min_length=1)
    scenario: str = Field(min_length=1)
    seed: int = Field(ge=0)
    office: OfficeName | None = None
    offices: Mapping[OfficeName, Share] | None = None
    load: Load
    service: Service = Service()
    target: Target | None = None
    faults: tuple[Fault, ...] = ()
    gates: tuple[str, ...] = ()
    stop_if: tuple[str, ...] = ()
    checks: Checks = Field(default=(ALL_CHECKS,), json_schema_extra={"default": ALL_CHECKS})
    _name: str = PrivateAttr(default="experiment")

    @classmethod
    def read(cls, path_or_name: str | Path, scenarios: Sequence[str] | None = None) -> "Experiment":
        """The experiment of a file, or a built-in one by its name; `scenarios` are those of locustfiles by default.

        Raises ExperimentError with every problem that can be known before anything starts.
        """
        path = locate(path_or_name)
        known = runnable_scenarios() if scenarios is None else scenarios
        return cls._checked(with_traces(Source.read(path), path.parent), path.stem, known)

    @classmethod
    def of_document(cls, name: str, document: Mapping[str, object]) -> "Experiment":
        """The experiment that `document()` wrote, under the name it had. Raises ExperimentError as `read` does."""
        data = cast(Mapping[str, JsonValue], document)
        return cls._checked(Source(name, data), name, [str(document.get("scenario"))])

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
    def office_shares(self) -> dict[str, float]:
        """The share of the people who go to each office."""
        return dict(self.offices) if self.offices else {self.office or "": 1.0}

    @property
    def people(self) -> int:
        """How many come."""
        return head_count(self.load.waves, self.seed)

    @property
    def places(self) -> int:
        """Places to be had: as stated, else each office's daily quota for each day of the release."""
        return self.load.places or self.load.days * sum(DAILY_QUOTA[office] for office in self.office_shares)

    @property
    def networks(self) -> Networks:
        """What the people are on, offices that decide it asked."""
        return Networks.of(self.load, self.office_shares)

    @property
    def check_numbers(self) -> tuple[int, ...]:
        """The numbers of the invariants to check, ascending."""
        return numbers_of(self.checks)

    def parsed_gates(self) -> tuple[Gate, ...]:
        """The gates, read."""
        known = vocabulary(self.load, [fault.name for fault in self.faults])
        return tuple(parse(text, known) for text in self.gates)

    def stop_conditions(self) -> tuple[StopCondition, ...]:
        """On what the run is halted, read."""
        known = vocabulary(self.load, ())
        return tuple(parse_stop(text, known) for text in self.stop_if)

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
        document = self.document()
        load = {"people": people, "places": places, "workers": workers}
        document["load"] = _block(document, "load") | {name: value for name, value in load.items() if value is not None}
        if seed is not None:
            document["seed"] = seed
        if defects:
            document["service"] = _block(document, "service") | {"defects": list(defects)}
        return self.of_document(self.name, document)

    def stack_settings(self) -> StackSettings:
        """What the embedded stack is started with."""
        return StackSettings(
            payment_deadline_s=self.service.payment_deadline_s,
            hold_ttl_s=self.service.hold_ttl_s,
            code_patience_s=self.service.code_patience_s,
            dukcapil_median_ms=self.service.dukcapil.median_s * 1000,
            threads=self.service.threads,
            seed=self.seed,
            database=self.service.database,
            defects=self.service.defects,
            clock_scale=self.service.clock_scale,
            clock_start_s=self.service.clock_start_s,
            simkim_staff=self.service.simkim.staff,
            waiting_room=self.service.waiting_room,
            waiting_room_rate=self.service.waiting_room_rate,
            longest_queue_s=self.service.longest_queue_s,
        )

    def load_plan(
        self,
        *,
        service_url: str,
        bank_url: str,
        direct_url: str,
        admin_token: str,
        run_directory: str,
        office_token: str = "",
        simkim_url: str = "",
        staff_token: str = "",
        edges: Mapping[str, str] | None = None,
    ) -> LoadPlan:
        """What the load's workers are told."""
        return LoadPlan(
            scenario=self.scenario,
            seed=self.seed,
            office=next(iter(self.office_shares)),
            offices=self._parts() if self.offices else {},
            people=self.people,
            arrivals=self.load.waves,
            places=self.places,
            days=self.load.days,
            opens_at_s=self.load.opens_at_s,
            rush_s=self.load.rush_s,
            drain_s=self.load.drain_s,
            patience_s=self.load.patience_s,
            payment_deadline_s=self.service.in_run().payment_deadline_s,
            profile=self.networks.profile,
            shares=dict(self.networks.profiles or {}),
            edges=dict(edges or {}),
            service_url=service_url,
            bank_url=bank_url,
            direct_url=direct_url,
            admin_token=admin_token,
            office_token=office_token,
            simkim_url=simkim_url if self.service.simkim.staff == "manual" else "",
            staff_token=staff_token if self.service.simkim.staff == "manual" else "",
            run_directory=run_directory,
            clock_scale=self.service.clock_scale,
            clock_start_s=self.service.clock_start_s,
            i_am_allowed_to_load_it=self.target is not None and self.target.i_am_allowed_to_load_it,
        )

    def load_plan_on_paper(self, run_directory: Path) -> LoadPlan:
        """The plan without its addresses: who comes and when, for whoever judges."""
        return self.load_plan(
            service_url="", bank_url="", direct_url="", admin_token="", run_directory=str(run_directory)
        )

    def _parts(self) -> dict[str, OfficePart]:
        places = dealt(self.places, {office: DAILY_QUOTA[office] for office in self.office_shares})
        return {
            office: OfficePart(
                share=share,
                places=max(1, places[office]),
                profile=NETWORK[office] if self.load.profile == OF_THE_OFFICE else None,
            )
            for office, share in self.office_shares.items()
        }

    def document(self) -> dict[str, JsonValue]:
        """The experiment as its file would say it, what it left out left out: JSON for `plan.json`."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def resolved(self) -> dict[str, JsonValue]:
        """Every field at its final value under its attribute's name, times in seconds of the run: for `plan.json`."""
        fields = {name: _plain(getattr(self, name)) for name in type(self).model_fields}
        networks = self.networks
        load = _fields(self.load) | {
            "people": self.people,
            "places": self.places,
            "profile": networks.profile,
            "profiles": _plain(networks.profiles),
        }
        service = _fields(self.service.in_run())
        return fields | {"load": load, "service": service, "checks": list(self.check_numbers)}


@cache
def _schema() -> dict[str, JsonValue]:
    return Experiment.model_json_schema()


def _block(document: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    return cast(dict[str, JsonValue], document.get(name, {}))


def _fields(block: BaseModel) -> dict[str, JsonValue]:
    return {name: _plain(getattr(block, name)) for name in type(block).model_fields}


def _plain(value: object) -> JsonValue:
    match value:
        case BaseModel():
            return _fields(value)
        case Instant():
            return str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple():
            return [_plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"an experiment holds no {type(value).__name__}")
