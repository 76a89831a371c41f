"""What was planned, as far as the report shows it, and the command that runs the same again."""

import shlex

import msgspec

from chaos.profiles import in_words
from loket.report.salvage import Gaps
from loket.run_directory import RunDirectory
from loket.verdict import Verdict


class PlannedLoad(msgspec.Struct, kw_only=True, frozen=True):
    """What the report takes from the plan's load."""

    people: int | None = None
    arrivals: list[msgspec.Raw] | None = None
    places: int | None = None
    opens_at_s: float | None = None
    rush_s: float | None = None
    profile: str | None = None
    profiles: dict[str, float] | None = None

    @property
    def networks(self) -> str:
        """The networks of the people in words."""
        return in_words(self.profile, self.profiles)


class PlannedExperiment(msgspec.Struct, kw_only=True, frozen=True):
    """What the report takes from the plan's experiment."""

    office: str | None = None
    offices: dict[str, float] | None = None
    load: PlannedLoad = PlannedLoad()

    @property
    def whereabouts(self) -> str:
        """The office of the people, or their offices."""
        return self.office or ", ".join(self.offices or ())


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """The part of `plan.json` that the report shows; every field may be missing."""

    name: str | None = None
    seed: int | None = None
    versions: dict[str, str] = {}
    experiment: PlannedExperiment = PlannedExperiment()


def read_plan(run: RunDirectory, gaps: Gaps) -> Plan:
    """The run's plan; an empty one (and a gap) where it is missing or unreadable."""
    return gaps.whole("plan.json", lambda: msgspec.json.decode(run.plan.read_bytes(), type=Plan)) or Plan()


def rerun_command(plan: Plan, verdict: Verdict | None) -> str | None:
    """What to type to run the same again; None where not even the scenario is known."""
    name = plan.name or (verdict.scenario if verdict else None)
    if name is None:
        return None
    words = ["./loketw", "run", name]
    load = plan.experiment.load
    seed = verdict.seed if verdict else plan.seed
    # Where the file says when each of them comes, it says how many they are.
    people = load.people if load.arrivals is None else None
    for flag, value in (("--seed", seed), ("--people", people), ("--places", load.places)):
        words += [flag, str(value)] if value is not None else []
    for defect in verdict.defects if verdict else ():
        words += ["--defect", defect]
    return shlex.join(words)
