"""The catalogue of the built-in experiments, made of their files and of a run of each: what happened, what it gave."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loket.experiment import Experiment
from loket.narrative import BY_NETWORK
from loket.verdict import CheckVerdict, GateVerdict, Verdict

WORDS = {GateVerdict.PASSED: "passed", GateVerdict.FAILED: "**failed**", GateVerdict.NO_DATA: "**no data**"}
HEAD = """\
# The catalogue of experiments

This page is made by `./loketw catalogue` from the files of `chaos/experiments/` and from one run of each with the
correct reference service; a test holds its experiments, faults and gates to the files. The figures are those of one run
on a small shared machine: they say what the run did, not what another would.
"""


class _Plan(msgspec.Struct, frozen=True):
    document: dict[str, object]


@dataclass(frozen=True)
class Entry:
    """One experiment: what its file tells of the incident, and the verdict of its run, if there is one."""

    experiment: Experiment
    story: str
    verdict: Verdict | None


def entries(paths: Iterable[Path], runs: Path) -> list[Entry]:
    """An entry for each experiment file, with the newest run of it below `runs`."""
    read = [(Experiment.read(path), story_of(path)) for path in paths]
    return [Entry(experiment, story, newest_of(experiment, runs)) for experiment, story in read]


def story_of(path: Path) -> str:
    """The comment at the head of the file, as running text."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def newest_of(experiment: Experiment, runs: Path) -> Verdict | None:
    """The verdict of the newest run of exactly this experiment; None where there is none."""
    document = msgspec.json.decode(msgspec.json.encode(experiment.document()))
    name = re.compile(rf"\d{{8}}T\d{{6}}-{experiment.name}(-\d+)?")
    for folder in sorted(runs.glob(f"*-{experiment.name}*"), reverse=True):
        if name.fullmatch(folder.name) and (verdict := _verdict_of(folder, document)):
            return verdict
    return None


def _verdict_of(folder: Path, document: object) -> Verdict | None:
    """None where the run was one of another experiment, or never judged."""
    try:
        planned = msgspec.json.decode((folder / "plan.json").read_bytes(), type=_Plan)
        verdict = msgspec.json.decode((folder / "verdict.json").read_bytes(), type=Verdict)
    except (OSError, msgspec.MsgspecError):
        return None
    return verdict if planned.document == document else None


def page(found: Iterable[Entry]) -> str:
    """The whole page, Markdown."""
    told = list(found)
    overview = ["| experiment | what happens | verdict |", "|---|---|---|"]
    overview += [
        f"| [{e.experiment.name}](#{e.experiment.name}) | {e.experiment.title} | {_word(e.verdict)} |" for e in told
    ]
    return "\n".join([HEAD, *overview, "", *(_section(entry) for entry in told)]) + "\n"


def _section(entry: Entry) -> str:
    experiment = entry.experiment
    offices = ", ".join(f"`{office}`" for office in experiment.office_shares)
    lines = [
        f"## {experiment.name}",
        "",
        entry.story,
        "",
        f"{experiment.people} people, {experiment.places} places, {offices}, network {experiment.networks}, "
        f"scenario `{experiment.scenario}`, seed {experiment.seed}.",
        "",
    ]
    lines += [f"- `{f.name}` at {f.at}, for {f.duration_s:g} s: {f.describe()}" for f in experiment.faults]
    lines += [""] if experiment.faults else []
    lines += _gates(experiment, entry.verdict)
    lines += ["", *_told(entry.verdict), ""]
    return "\n".join(lines)


def _gates(experiment: Experiment, verdict: Verdict | None) -> list[str]:
    results: Mapping[str, tuple[str, str]] = {
        gate.gate: (WORDS[gate.verdict], gate.figure) for gate in (verdict.gates if verdict else ())
    }
    rows = [(gate, *results.get(gate, ("not run", ""))) for gate in experiment.gates]
    return [
        "| gate | verdict | figure |",
        "|---|---|---|",
        *(f"| `{g}` | {word} | {figure} |" for g, word, figure in rows),
    ]


def _told(verdict: Verdict | None) -> list[str]:
    if verdict is None:
        return ["Not run yet."]
    kept = [check for check in verdict.checks if check.verdict is CheckVerdict.HOLDS]
    invariants = f"{len(kept)} of {len(verdict.checks)} invariants held"
    # Who came and who got what; the faults stand above.
    told = [*verdict.sentences[:2], *(line for line in verdict.sentences[2:] if line.startswith(BY_NETWORK))]
    return [f"**{verdict.verdict.value}**, {invariants}. {' '.join(told)}"]


def _word(verdict: Verdict | None) -> str:
    return "not run" if verdict is None else verdict.verdict.value
