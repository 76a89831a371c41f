"""What is done to the network: names of their own, within the run, to somebody and to a link that is there."""

from collections.abc import Iterator

from loket.experiment.draft import Draft, Rule
from loket.experiment.problems import Problem
from loket.gate.vocabulary import RESERVED, listing, suggestion

LINKS_OF_A_TARGET = ("edge",)
"""A target's own hops do not pass through the fault engine; only the way to it does."""


def fault_names_free(draft: Draft) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, name in draft.fault_names().items():
        location = ("faults", index, "name")
        if name in RESERVED:
            yield draft.problem(location, f"faults[{index}].name: {name!r} already names a window of the run")
        if name in first:
            yield draft.problem(location, f"faults[{index}].name: {name!r} is the name of faults[{first[name]}] too")
        first.setdefault(name, index)


def faults_inside_run(draft: Draft) -> Iterator[Problem]:
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


def fault_profiles_exist(draft: Draft) -> Iterator[Problem]:
    known = draft.networks()
    for index, fault in draft.faults.items():
        if known is not None and fault.profile and fault.profile not in known:
            expected = f"expected one of load.profiles ({listing(known)}){suggestion(fault.profile, known)}"
            yield draft.problem(
                ("faults", index, "profile"), f"faults[{index}].profile: found {fault.profile!r}, {expected}"
            )


def fault_offices_exist(draft: Draft) -> Iterator[Problem]:
    offices, office = draft.source.data.get("offices"), draft.source.data.get("office")
    known = tuple(offices) if isinstance(offices, dict) else (office,) if isinstance(office, str) else None
    for index, fault in draft.faults.items():
        if known is not None and fault.office and fault.office not in known:
            expected = f"expected an office of the experiment ({listing(known)}){suggestion(fault.office, known)}"
            yield draft.problem(
                ("faults", index, "office"), f"faults[{index}].office: found {fault.office!r}, {expected}"
            )


def faults_reach_target(draft: Draft) -> Iterator[Problem]:
    if draft.target is None:
        return
    for index, fault in draft.faults.items():
        if fault.link not in LINKS_OF_A_TARGET:
            expected = f"expected {listing(LINKS_OF_A_TARGET)}: Loket carries no other link of a target"
            yield draft.problem(("faults", index, "link"), f"faults[{index}].link: found {fault.link!r}, {expected}")


def faults_reach_database(draft: Draft) -> Iterator[Problem]:
    if draft.target is not None or draft.service is None or draft.service.database == "postgresql":
        return
    for index, fault in draft.faults.items():
        if fault.link == "database":
            expected = "expected service.database: postgresql, for an embedded database is no link away"
            yield draft.problem(("faults", index, "link"), f"faults[{index}].link: found 'database', {expected}")


RULES: tuple[Rule, ...] = (
    fault_names_free,
    faults_inside_run,
    fault_profiles_exist,
    fault_offices_exist,
    faults_reach_target,
    faults_reach_database,
)
