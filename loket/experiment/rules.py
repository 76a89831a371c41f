"""What fields of an experiment promise each other: faults lie inside the run, gates name what exists.

Each rule looks at whatever parts could be read, so that one slip in a file does not hide another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from chaos.faults import Fault
from loket.audit.checks import CHECKS
from loket.experiment.arrivals import MOST_PEOPLE, expected, misfits
from loket.experiment.blocks import Service, Target
from loket.experiment.load import Load
from loket.experiment.networks import Networks
from loket.experiment.offices import NETWORK
from loket.experiment.problems import Place, Problem
from loket.experiment.source import Location, Source, dotted
from loket.gate.grammar import parse
from loket.gate.stop import parse_stop
from loket.gate.tokens import GateError
from loket.gate.vocabulary import RESERVED, Vocabulary, listing, suggestion
from loket.load.target import is_loopback

Part = TypeVar("Part", bound=BaseModel)

# Shares are written with a few digits.
ROUNDING = 1e-6
LINKS_OF_A_TARGET = ("edge",)
"""A target's own hops do not pass through the fault engine; only the way to it does."""


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
        faults = enumerate(_list(source.data.get("faults")))
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
        faults = enumerate(_list(self.source.data.get("faults")))
        names = {index: fault.get("name") for index, fault in faults if isinstance(fault, dict)}
        return {index: name for index, name in names.items() if isinstance(name, str)}

    def networks(self) -> tuple[str, ...] | None:
        """The several networks of the people, as far as the load can be read."""
        return None if self.load is None else Networks.of(self.load, self.offices or {}).names

    def problem(self, location: Location, sentence: str) -> Problem:
        return Problem(self.source.name, sentence, self.source.place(location))


def broken_rules(draft: Draft) -> list[Problem]:
    """Every rule's problems with the draft."""
    return [problem for rule in RULES for problem in rule(draft)]


def vocabulary(load: Load | None, fault_names: Sequence[str]) -> Vocabulary:
    """What the gates of an experiment may name."""
    names = tuple(dict.fromkeys(fault_names))
    return Vocabulary(faults=names) if load is None else Vocabulary(faults=names, ends_s=load.ends_s)


def _scenario_exists(draft: Draft) -> Iterator[Problem]:
    name = draft.source.data.get("scenario")
    if isinstance(name, str) and name not in draft.scenarios:
        known = f"expected a scenario ({listing(draft.scenarios)}){suggestion(name, draft.scenarios)}"
        yield draft.problem(("scenario",), f"scenario: found {name!r}, {known}")


def _target_or_service(draft: Draft) -> Iterator[Problem]:
    if "target" in draft.source.data and "service" in draft.source.data:
        yield draft.problem(("target",), "target: found a service block too, expected one of the two")


def _target_permitted(draft: Draft) -> Iterator[Problem]:
    if draft.target is None or draft.target.i_am_allowed_to_load_it:
        return
    for field, url in (("service", draft.target.service), ("bank", draft.target.bank)):
        if not is_loopback(url):
            expected = "expected an address of this machine, or i_am_allowed_to_load_it: true"
            yield draft.problem(("target", field), f"target.{field}: found {url!r}, {expected}")


def _fault_names_free(draft: Draft) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, name in draft.fault_names().items():
        location = ("faults", index, "name")
        if name in RESERVED:
            yield draft.problem(location, f"faults[{index}].name: {name!r} already names a window of the run")
        if name in first:
            yield draft.problem(location, f"faults[{index}].name: {name!r} is the name of faults[{first[name]}] too")
        first.setdefault(name, index)


def _faults_inside_run(draft: Draft) -> Iterator[Problem]:
    if draft.load is None:
        return
    for index, fault in draft.faults.items():
        begins_s = fault.at.resolve(draft.load.opens_at_s)
        if begins_s is None:
            continue  # nobody knows beforehand; the run's end ends it
        ends_s = begins_s + fault.duration_s
        if begins_s < 0 or ends_s > draft.load.ends_s:
            found = f"found second {begins_s:g} to {ends_s:g}"
            expected = f"expected it within the run, second 0 to {draft.load.ends_s:g}"
            yield draft.problem(("faults", index, "at"), f"faults[{index}]: {found}, {expected}")


def _one_office_or_several(draft: Draft) -> Iterator[Problem]:
    data = draft.source.data
    if "office" in data and "offices" in data:
        yield draft.problem(("offices",), "offices: found an office too, expected one of the two")
    if "office" not in data and "offices" not in data:
        yield draft.problem((), "office: found nothing, expected an office, or offices with their shares")
    yield from _whole(draft, ("offices",), draft.offices)


def _profiles_share_the_people(draft: Draft) -> Iterator[Problem]:
    if draft.load is None or draft.load.profiles is None:
        return
    if draft.load.profile:
        yield draft.problem(("load", "profiles"), "load.profiles: found a profile too, expected one of the two")
    yield from _whole(draft, ("load", "profiles"), draft.load.profiles)


def _whole(draft: Draft, location: Location, shares: Mapping[str, float] | None) -> Iterator[Problem]:
    if shares is not None and abs(sum(shares.values()) - 1) > ROUNDING:
        found = f"found shares of {sum(shares.values()):g} in all"
        yield draft.problem(location, f"{dotted(location)}: {found}, expected 1")


def _people_or_arrivals(draft: Draft) -> Iterator[Problem]:
    load = draft.load
    if load is None:
        return
    if load.people is not None and load.arrivals is not None:
        yield draft.problem(("load", "arrivals"), "load.arrivals: found people too, expected one of the two")
    if load.people is None and load.arrivals is None:
        yield draft.problem(("load",), "load.people: found nothing, expected how many come, or arrivals")


def _arrivals_fit(draft: Draft) -> Iterator[Problem]:
    load = draft.load
    if load is None:
        return
    come = 0.0
    for index, arrivals in enumerate(load.arrivals or ()):
        for sentence in misfits(arrivals, load.opens_at_s, load.opens_at_s + load.rush_s):
            yield draft.problem(("load", "arrivals", index), f"load.arrivals[{index}]: {sentence}")
        come += expected(arrivals, load.opens_at_s)
    if come > MOST_PEOPLE:
        sentence = f"load.arrivals: found {come:,.0f} people in all, expected at most {MOST_PEOPLE:,}"
        yield draft.problem(("load", "arrivals"), sentence)


def _fault_profiles_exist(draft: Draft) -> Iterator[Problem]:
    known = draft.networks()
    for index, fault in draft.faults.items():
        if known is not None and fault.profile and fault.profile not in known:
            expected = f"expected one of load.profiles ({listing(known)}){suggestion(fault.profile, known)}"
            yield draft.problem(
                ("faults", index, "profile"), f"faults[{index}].profile: found {fault.profile!r}, {expected}"
            )


def _fault_offices_exist(draft: Draft) -> Iterator[Problem]:
    offices, office = draft.source.data.get("offices"), draft.source.data.get("office")
    known = tuple(offices) if isinstance(offices, dict) else (office,) if isinstance(office, str) else None
    for index, fault in draft.faults.items():
        if known is not None and fault.office and fault.office not in known:
            expected = f"expected an office of the experiment ({listing(known)}){suggestion(fault.office, known)}"
            yield draft.problem(
                ("faults", index, "office"), f"faults[{index}].office: found {fault.office!r}, {expected}"
            )


def _faults_reach_target(draft: Draft) -> Iterator[Problem]:
    if draft.target is None:
        return
    for index, fault in draft.faults.items():
        if fault.link not in LINKS_OF_A_TARGET:
            expected = f"expected {listing(LINKS_OF_A_TARGET)}: Loket carries no other link of a target"
            yield draft.problem(("faults", index, "link"), f"faults[{index}].link: found {fault.link!r}, {expected}")


def _faults_reach_database(draft: Draft) -> Iterator[Problem]:
    if draft.target is not None or draft.service is None or draft.service.database == "postgresql":
        return
    for index, fault in draft.faults.items():
        if fault.link == "database":
            expected = "expected service.database: postgresql, for an embedded database is no link away"
            yield draft.problem(("faults", index, "link"), f"faults[{index}].link: found 'database', {expected}")


def _gates_readable(draft: Draft) -> Iterator[Problem]:
    yield from _readable(draft, "gates", parse)


def _stop_conditions_readable(draft: Draft) -> Iterator[Problem]:
    yield from _readable(draft, "stop_if", parse_stop)


def _readable(draft: Draft, field: str, read: Callable[[str, Vocabulary], object]) -> Iterator[Problem]:
    known = vocabulary(draft.load, tuple(draft.fault_names().values()))
    for index, text in enumerate(_list(draft.source.data.get(field))):
        if not isinstance(text, str):
            continue
        try:
            read(text, known)
        except GateError as error:
            place = draft.source.place((field, index))
            at = None if place is None else Place(place.line, place.text_column + error.offset)
            yield Problem(draft.source.name, f"{field}[{index}]: {error.message}", at, error.pointer)


def _checks_exist(draft: Draft) -> Iterator[Problem]:
    names = [check.name for check in CHECKS.values()]
    known = listing(f"{number} {check.name}" for number, check in CHECKS.items())
    for index, check in enumerate(_list(draft.source.data.get("checks"))):
        if isinstance(check, int | str) and check not in (*CHECKS, *names):
            expected = f"expected a check ({known}){suggestion(str(check), names)}"
            yield draft.problem(("checks", index), f"checks[{index}]: found {check!r}, {expected}")


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _scenario_exists,
    _target_or_service,
    _target_permitted,
    _fault_names_free,
    _faults_inside_run,
    _one_office_or_several,
    _profiles_share_the_people,
    _people_or_arrivals,
    _arrivals_fit,
    _fault_profiles_exist,
    _fault_offices_exist,
    _faults_reach_target,
    _faults_reach_database,
    _gates_readable,
    _stop_conditions_readable,
    _checks_exist,
)


def _part(model: type[Part], data: JsonValue) -> Part | None:
    if data is None:
        return None
    try:
        return model.model_validate_json(_JSON.dump_json(data))
    except ValidationError:
        return None  # reported where the whole file is validated


def _shares(value: JsonValue) -> dict[str, float] | None:
    if not isinstance(value, dict):
        return None
    return {name: float(share) for name, share in value.items() if isinstance(share, int | float) and name in NETWORK}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
