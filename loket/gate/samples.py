"""What a run left behind for its gates: the seconds of the load, the windows, the waits and the missing codes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from loket.gate.distribution import Distribution
from loket.gate.phases import WHOLE_RUN, Phases, Span
from loket.gate.threshold import WHOLE_STEP, Measure, NamedWindow, Window
from loket.gate.vocabulary import BACKSTAGE
from loket.records import Second
from loket.waits import Wait


@dataclass(frozen=True)
class Tally:
    """Requests of a step in some seconds: how many were sent, and how many got an answer that the step declared."""

    sent: int = 0
    answered: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.sent + other.sent, self.answered + other.answered)

    @property
    def error_share(self) -> float:
        """The share of requests without a declared answer: an error, a time-out, a cut, or none until the end.

        Asks for at least one request sent.
        """
        return (self.sent - self.answered) / self.sent


@dataclass(frozen=True)
class Samples:
    """Everything that a gate can be judged on. `missing_codes` is None where no audit counted them."""

    phases: Phases
    seconds: Sequence[Second]
    faults: Mapping[str, Span]
    waits: Sequence[Wait] = ()
    missing_codes: int | None = None

    @cached_property
    def _rows(self) -> Mapping[tuple[str, int], list[Second]]:
        rows: dict[tuple[str, int], list[Second]] = defaultdict(list)
        for row in self.seconds:
            rows[row.step, row.second].append(row)
        return rows

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The steps that were measured, sorted."""
        return tuple(sorted({row.step for row in self.seconds}))

    @cached_property
    def ends(self) -> int:
        """The second after the last one in which a request was meant."""
        return max((row.second for row in self.seconds), default=-1) + 1

    def spans(self, window: Window | None) -> tuple[Span, ...]:
        """The spans of time that the window stands for; none for a fault that never was, all the run for None."""
        if window is None:
            return (WHOLE_RUN,)
        if not isinstance(window, NamedWindow):
            return (Span(float(window.start_s), float(window.end_s)),)
        if window.name == "fault":
            return tuple(self.faults.values())
        if window.name == "recovery":
            last_heal_s = max((span.end_s for span in self.faults.values()), default=inf)
            return () if last_heal_s == inf else (Span(last_heal_s),)
        if window.name in self.faults:
            return (self.faults[window.name],)
        phase = self.phases.by_name().get(window.name)
        return () if phase is None else (phase,)

    def whole_seconds(self, window: Window | None) -> list[int]:
        """The seconds of the load that begin inside the window, ascending, each once."""
        return sorted({second for span in self.spans(window) for second in span.whole_seconds(self.ends)})

    def tally(self, step: str, seconds: Iterable[int]) -> Tally:
        """What became of the requests of the step, or of `all`, that were meant for these seconds."""
        total = Tally()
        for row in self._of(step, seconds):
            total += Tally(row.sent, row.ok + row.refused)
        return total

    def distribution(self, step: str, measure: Measure, seconds: Iterable[int]) -> Distribution:
        """The latencies of the step, or of `all`, among the requests meant for these seconds."""
        histograms = (getattr(row, measure.value) for row in self._of(step, seconds))
        return Distribution.of(text for text in histograms if text is not None)

    def _of(self, step: str, seconds: Iterable[int]) -> Iterable[Second]:
        steps = tuple(name for name in self.steps if name not in BACKSTAGE) if step == WHOLE_STEP else (step,)
        for second in seconds:
            for name in steps:
                yield from self._rows.get((name, second), ())
