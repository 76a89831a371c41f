"""A gate as a picture: how far its figure stands from its threshold, both on one scale."""

from dataclasses import dataclass
from math import isfinite

from loket.gate.grammar import parse
from loket.gate.threshold import Gate
from loket.gate.tokens import GateError
from loket.gate.vocabulary import STEPS, Vocabulary
from loket.verdict import Verdict

NEVER = "never"  # how a gate writes the time of what did not happen
ROOM_BEYOND = 1.25  # the scale ends this much beyond the larger of figure and threshold


@dataclass(frozen=True)
class Gauge:
    """Figure and threshold as percentages of one scale."""

    fill: float
    threshold: float


def read_gate(text: str, verdict: Verdict) -> Gate | None:
    """The gate taken apart, with the faults of the run's verdict; None where it cannot be read any more."""
    faults = tuple(span.fault for span in verdict.faults)
    try:
        return parse(text, Vocabulary(steps=STEPS, faults=faults))
    except GateError:
        return None


def gauge(gate: Gate, figure: str) -> Gauge | None:
    """Where the figure, written in the gate's unit, stands against its limit; None where it is not a number."""
    limit = float(gate.value)
    if figure == NEVER:
        return Gauge(fill=100.0, threshold=round(100 / ROOM_BEYOND, 2))
    try:
        met = float(figure.removesuffix(gate.unit.text))
    except ValueError:
        return None
    if not isfinite(met) or min(met, limit) < 0:
        return None
    scale = max(met, limit) * ROOM_BEYOND or 1.0
    return Gauge(fill=round(100 * met / scale, 2), threshold=round(100 * limit / scale, 2))
