"""What fields of an experiment promise each other: faults lie inside the run, gates name what exists.

Each rule looks at whatever parts could be read, so that one slip in a file does not hide another.
"""

from collections.abc import Callable, Iterator, Sequence

from loket.audit.checks import CHECKS
from loket.experiment import rules_of_faults, rules_of_people
from loket.experiment.draft import Draft, Rule, list_of
from loket.experiment.load import Load
from loket.experiment.problems import Place, Problem
from loket.gate.grammar import parse
from loket.gate.stop import parse_stop
from loket.gate.tokens import GateError
from loket.gate.vocabulary import Vocabulary, listing, suggestion
from loket.load.target import is_loopback


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


def _gates_readable(draft: Draft) -> Iterator[Problem]:
    yield from _readable(draft, "gates", parse)


def _stop_conditions_readable(draft: Draft) -> Iterator[Problem]:
    yield from _readable(draft, "stop_if", parse_stop)


def _readable(draft: Draft, field: str, read: Callable[[str, Vocabulary], object]) -> Iterator[Problem]:
    known = vocabulary(draft.load, tuple(draft.fault_names().values()))
    for index, text in enumerate(list_of(draft.source.data.get(field))):
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
    for index, check in enumerate(list_of(draft.source.data.get("checks"))):
        if isinstance(check, int | str) and check not in (*CHECKS, *names):
            expected = f"expected a check ({known}){suggestion(str(check), names)}"
            yield draft.problem(("checks", index), f"checks[{index}]: found {check!r}, {expected}")


RULES: tuple[Rule, ...] = (
    _scenario_exists,
    _target_or_service,
    _target_permitted,
    *rules_of_people.RULES,
    *rules_of_faults.RULES,
    _gates_readable,
    _stop_conditions_readable,
    _checks_exist,
)
