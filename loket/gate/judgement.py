"""Judges gates: figure against limit. Where there is no data there is no pass."""

from collections.abc import Sequence
from math import isinf

from loket.gate.figures import Figure, measure
from loket.gate.samples import Samples
from loket.gate.threshold import Dimension, Gate
from loket.verdict import GateResult, GateVerdict


def judge(gates: Sequence[Gate], samples: Samples) -> list[GateResult]:
    """One result a gate, in their order. `GateVerdict.NO_DATA` counts as failed."""
    return [_judge(gate, measure(gate.subject, samples)) for gate in gates]


def _judge(gate: Gate, figure: Figure) -> GateResult:
    if figure.value is None:
        verdict = GateVerdict.NO_DATA
    else:
        verdict = GateVerdict.PASSED if gate.accepts(figure.value) else GateVerdict.FAILED
    return GateResult(
        gate=gate.text,
        verdict=verdict,
        figure=written(figure.value, gate),
        samples=figure.samples,
        note=figure.note or ("" if figure.value is not None else "nothing was measured there"),
    )


def written(value: float | None, gate: Gate) -> str:
    """The figure in the gate's own unit, so that a reader compares like with like."""
    if value is None:
        return "no data"
    if isinf(value):
        return "never"
    number = value / float(gate.unit.worth)
    digits = f"{number:.0f}" if gate.subject.dimension is Dimension.COUNT else f"{number:.4g}"
    if gate.unit.text in ("", "%", "/s"):
        return digits + gate.unit.text
    return f"{digits} {gate.unit.text}"
