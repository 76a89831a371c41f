"""`summary.md`: the verdict in a screenful of Markdown, for a pull request or a chat."""

import re
from pathlib import Path

from loket.report.headline import WHY
from loket.report.planned import read_plan, rerun_command
from loket.report.salvage import Gaps
from loket.run_directory import RunDirectory, write_whole
from loket.verdict import CheckVerdict, GateVerdict, MissingCode, Verdict

FILE_NAME = "summary.md"
SHOWN_MISSING = 10
SPECIAL = re.compile(r"[\\`*_\[\]<>#|~]")  # what Markdown or HTML could take for markup or a table's border
NO_BREAK = "\u200b"  # an empty space, so that "@somebody" calls nobody
SIGNS = {GateVerdict.PASSED: "✅", GateVerdict.FAILED: "❌", GateVerdict.NO_DATA: "❌"}


def write_summary(run: RunDirectory, verdict: Verdict) -> Path:
    """Write `summary.md` and return its path."""
    parts = (_head(verdict), _gates(verdict), _violations(verdict), _missing(verdict), _foot(run, verdict))
    path = run.root / FILE_NAME
    text = "\n\n".join(part for part in parts if part)
    write_whole(path, (text + "\n").encode("utf-8", errors="replace"))
    return path


def plain(text: str) -> str:
    r"""The text on one line, meaning nothing to Markdown and calling nobody.

    >>> plain("a|b\n<i>")
    'a\\|b \\<i\\>'
    """
    return SPECIAL.sub(r"\\\g<0>", " ".join(text.split())).replace("@", "@" + NO_BREAK)


def _head(verdict: Verdict) -> str:
    lines = [f"## {verdict.verdict.value.upper()}: {plain(verdict.title)}", "", WHY[verdict.verdict], ""]
    lines += [f"- {plain(sentence)}" for sentence in verdict.sentences]
    lines += [f"- Not to be trusted: {plain(doubt.reason)}" for doubt in verdict.doubts]
    lines += [f"- Not healed: {plain(fault)}" for fault in verdict.unhealed]
    return "\n".join(lines).rstrip()


def _gates(verdict: Verdict) -> str:
    if not verdict.gates:
        return ""
    rows = [
        f"| {SIGNS[gate.verdict]} {gate.verdict.value} | {plain(gate.gate)} | {plain(gate.figure)} | {gate.samples:,} |"
        for gate in verdict.gates
    ]
    return "\n".join(["| | Gate | Figure | Samples |", "|---|---|---:|---:|", *rows])


def _violations(verdict: Verdict) -> str:
    lines = [
        f"- ❌ **Invariant {check.number}** violated {check.violation_count:,} times: {plain(check.promise)}"
        for check in verdict.checks
        if check.verdict is CheckVerdict.VIOLATED
    ]
    holds = sum(check.verdict is CheckVerdict.HOLDS for check in verdict.checks)
    return "\n".join([*lines, f"- {holds} of {len(verdict.checks)} invariants hold."])


def _missing(verdict: Verdict) -> str:
    missing = verdict.missing_codes
    if not missing:
        return ""
    lines = [f"{len(missing):,} payment code{'s' * (len(missing) != 1)} missing:", ""]
    lines += [_of_code(code) for code in missing[:SHOWN_MISSING]]
    if len(missing) > SHOWN_MISSING:
        lines.append(f"- … and {len(missing) - SHOWN_MISSING:,} more in the report.")
    return "\n".join(lines)


def _of_code(code: MissingCode) -> str:
    faults = ", ".join(code.faults_active) or "no fault"
    return (
        f"- {plain(code.application_id)}, asked at {code.asked_s:.1f} s: {plain(code.fate.replace('_', ' '))}, "
        f"last known step {plain(code.last_step)}, meanwhile {plain(faults)}"
    )


def _foot(run: RunDirectory, verdict: Verdict) -> str:
    command = rerun_command(read_plan(run, Gaps()), verdict) or ""
    facts = f"Run {plain(run.root.name)}, {verdict.duration_s:.0f} s, exit code {verdict.exit_code}. Again:"
    return f"{facts}\n\n```sh\n{' '.join(command.split()).replace('`', '')}\n```"
