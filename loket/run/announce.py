"""The verdict in a few lines that a person at a terminal understands."""

import os
import sys
from pathlib import Path

import click

from loket.run_directory import RunDirectory
from loket.verdict import CheckVerdict, GateVerdict, Verdict, Word

# What each word means to somebody who reads it for the first time.
MEANING = {
    Word.HELD: "every gate passed and every invariant held",
    Word.BROKEN: "a gate failed",
    Word.WRONG: "the service did something it must never do",
    Word.INVALID: "the result cannot be trusted",
    Word.UNHEALED: "a fault could not be taken back",
    Word.INTERRUPTED: "the run was stopped before its end",
}
SHOWN_VIOLATIONS = 3


def announce(verdict: Verdict, run: RunDirectory) -> None:
    """Print the verdict; a reader who closed the pipe does not change it."""
    try:
        for line in announcement(verdict, run):
            click.echo(line)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python stumbles over the pipe at its end


def announcement(verdict: Verdict, run: RunDirectory) -> list[str]:
    """The lines, in order: the word, what happened, what went wrong with its witness, where the report lies."""
    lines = [
        "",
        f"{verdict.verdict.value.upper()}: {MEANING[verdict.verdict]} (exit code {verdict.exit_code})",
    ]
    lines += [f"  {sentence}" for sentence in verdict.sentences]
    lines += _checks(verdict)
    lines += _gates(verdict)
    lines += [f"  not to be trusted: {doubt.reason}" for doubt in verdict.doubts]
    lines += [f"  not healed: {fault}" for fault in verdict.unhealed]
    return [*lines, f"  report: {_short(run.report)}"]


def _checks(verdict: Verdict) -> list[str]:
    lines = []
    for check in verdict.checks:
        if check.verdict is CheckVerdict.VIOLATED:
            lines.append(f"  wrong: {check.promise} Violated {check.violation_count} times (invariant {check.number}).")
            lines += [f"    {violation.sentence}" for violation in check.violations[:SHOWN_VIOLATIONS]]
        elif check.verdict is CheckVerdict.UNKNOWN:
            lines.append(f"  unknown: {check.promise} {check.note}")
    return lines


def _gates(verdict: Verdict) -> list[str]:
    words = {GateVerdict.PASSED: "passed ", GateVerdict.FAILED: "FAILED ", GateVerdict.NO_DATA: "NO DATA"}
    return [f"  {words[gate.verdict]} {gate.gate}  ({gate.figure})" for gate in verdict.gates]


def _short(path: Path) -> str:
    """The path as the person would type it from where they stand."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
