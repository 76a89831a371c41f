"""Stop conditions: a figure beyond its limit for so many seconds in a row, on which a run is halted and healed.

    condition = gate " for " duration

The gate is one of a step's requests without a window, as in `all.errors > 60% for 5s`: it says what must not last.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from chaos.durations import parse_duration
from loket.gate.figures import measure
from loket.gate.grammar import parse
from loket.gate.judgement import written
from loket.gate.samples import Samples
from loket.gate.threshold import Gate, StepFigure, TimeWindow
from loket.gate.tokens import GateError
from loket.gate.vocabulary import Vocabulary

EXPECTED = "expected a step's figure, its limit and how long, as in 'all.errors > 60% for 5s'"
_CONDITION = re.compile(r"(?P<gate>.*\S)\s+for\s+(?P<span>\S+)")


@dataclass(frozen=True)
class StopCondition:
    """`gate` for `seconds` whole seconds in a row."""

    gate: Gate
    seconds: int
    text: str

    def met(self, samples: Samples, before: int) -> str | None:
        """What was measured in the last of the seconds before this one, where the condition holds; None where not.

        A second in which nothing was measured does not count for it.
        """
        figure = ""
        for second in range(before - self.seconds, before):
            assert isinstance(self.gate.subject, StepFigure)
            window = TimeWindow(Decimal(second), Decimal(second + 1))
            found = measure(replace(self.gate.subject, window=window), samples)
            if found.value is None or not self.gate.accepts(found.value):
                return None
            figure = written(found.value, self.gate)
        return figure


def parse_stop(text: str, vocabulary: Vocabulary) -> StopCondition:
    """The condition that `text` says. Raises GateError, which points at the character that cannot be right."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise GateError(text, len(text), EXPECTED)
    try:
        gate = parse(match["gate"], vocabulary)
    except GateError as error:
        raise GateError(text, error.offset, error.message) from error
    if not isinstance(gate.subject, StepFigure) or gate.subject.window is not None:
        raise GateError(text, 0, f"a run is stopped by a step's figure of the present; {EXPECTED}")
    try:
        seconds = parse_duration(match["span"])
    except ValueError as error:
        raise GateError(text, match.start("span"), str(error)) from error
    if seconds < 1 or seconds != int(seconds):
        raise GateError(text, match.start("span"), f"expected whole seconds, one or more, found {match['span']}")
    return StopCondition(gate, int(seconds), text)
