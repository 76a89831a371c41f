"""Gates and invariants as the page shows them: the failed first in reach, each with its figure and its witness."""

from dataclasses import dataclass

from loket.report.gauge import Gauge, gauge, read_gate
from loket.report.quality import UNKNOWN, WORDED, Quality, quality
from loket.verdict import CheckResult, CheckVerdict, GateResult, GateVerdict, Verdict

GATE_TONES = {GateVerdict.PASSED: "good", GateVerdict.FAILED: "bad", GateVerdict.NO_DATA: "bad"}
CHECK_TONES = {
    CheckVerdict.HOLDS: "good",
    CheckVerdict.VIOLATED: "bad",
    CheckVerdict.UNKNOWN: "open",
    CheckVerdict.NOT_CHECKED: "open",
}


@dataclass(frozen=True)
class GateRow:
    """One gate; `gauge` is None where its figure is not a number."""

    result: GateResult
    tone: str
    gauge: Gauge | None
    quality: Quality


@dataclass(frozen=True)
class CheckRow:
    """One invariant; `unshown` counts the violations beyond the witnesses."""

    result: CheckResult
    tone: str
    unshown: int


def gates(verdict: Verdict | None) -> tuple[GateRow, ...]:
    """The gates in the experiment's order."""
    rows = []
    for result in verdict.gates if verdict else ():
        gate = read_gate(result.gate, verdict) if verdict else None
        rows.append(
            GateRow(
                result=result,
                tone=GATE_TONES[result.verdict],
                gauge=gauge(gate, result.figure) if gate else None,
                quality=quality(gate.subject) if gate else WORDED.get(result.gate, UNKNOWN),
            )
        )
    return tuple(rows)


def checks(verdict: Verdict | None) -> tuple[CheckRow, ...]:
    """The invariants by number, the violated before the rest."""
    results = verdict.checks if verdict else ()
    ordered = sorted(results, key=lambda one: (one.verdict is not CheckVerdict.VIOLATED, one.number))
    return tuple(
        CheckRow(
            result=result,
            tone=CHECK_TONES[result.verdict],
            unshown=max(result.violation_count - len(result.violations), 0),
        )
        for result in ordered
    )
