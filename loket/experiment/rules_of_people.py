"""Who comes: one office or shares of several, people or arrivals, networks that all of them are on."""

from collections.abc import Iterator, Mapping

from loket.experiment.arrivals import MOST_PEOPLE, expected, misfits
from loket.experiment.draft import Draft, Rule
from loket.experiment.problems import Problem
from loket.experiment.source import Location, dotted

# Shares are written with a few digits.
ROUNDING = 1e-6


def one_office_or_several(draft: Draft) -> Iterator[Problem]:
    data = draft.source.data
    if "office" in data and "offices" in data:
        yield draft.problem(("offices",), "offices: found an office too, expected one of the two")
    if "office" not in data and "offices" not in data:
        yield draft.problem((), "office: found nothing, expected an office, or offices with their shares")
    yield from _whole(draft, ("offices",), draft.offices)


def profiles_share_the_people(draft: Draft) -> Iterator[Problem]:
    if draft.load is None or draft.load.profiles is None:
        return
    if draft.load.profile:
        yield draft.problem(("load", "profiles"), "load.profiles: found a profile too, expected one of the two")
    yield from _whole(draft, ("load", "profiles"), draft.load.profiles)


def people_or_arrivals(draft: Draft) -> Iterator[Problem]:
    load = draft.load
    if load is None:
        return
    if load.people is not None and load.arrivals is not None:
        yield draft.problem(("load", "arrivals"), "load.arrivals: found people too, expected one of the two")
    if load.people is None and load.arrivals is None:
        yield draft.problem(("load",), "load.people: found nothing, expected how many come, or arrivals")


def arrivals_fit(draft: Draft) -> Iterator[Problem]:
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


def _whole(draft: Draft, location: Location, shares: Mapping[str, float] | None) -> Iterator[Problem]:
    if shares is not None and abs(sum(shares.values()) - 1) > ROUNDING:
        found = f"found shares of {sum(shares.values()):g} in all"
        yield draft.problem(location, f"{dotted(location)}: {found}, expected 1")


RULES: tuple[Rule, ...] = (
    one_office_or_several,
    profiles_share_the_people,
    people_or_arrivals,
    arrivals_fit,
)
