"""When people were served again as before a fault: the figure behind `recovery(fault)`.

The fault's heal is the network's affair; recovery is the service's, and the two can lie far apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from statistics import median

from loket.gate.phases import Span
from loket.gate.samples import Samples
from loket.gate.threshold import WHOLE_STEP, Measure
from loket.waits import Wait

IN_A_ROW = 3
"""Seconds with requests that must be as before, one after the other."""

# Assumption: what "as before" allows, so that the noise of a single second is not taken for illness.
ERROR_SHARE_MARGIN = 0.01
LATENCY_FACTOR = 2.0
LATENCY_MARGIN_S = 0.05
FEWEST_FOR_A_MEDIAN = 5
USUAL_WAIT_AT_LEAST_S = 2.0

_MEDIAN = Decimal(50)


@dataclass(frozen=True)
class RecoveryTime:
    """Seconds from the heal; infinite where service never came back, None where nothing can be said."""

    after_s: float | None
    requests: int
    note: str = ""


@dataclass(frozen=True)
class Baseline:
    """How people were served before the fault: the level to come back to."""

    error_share: float
    median_s: dict[str, float]
    usual_wait_s: float

    def includes(self, samples: Samples, second: int) -> bool:
        """Whether this second is as good as before the fault; `recovery_of` says what that means."""
        if samples.tally(WHOLE_STEP, (second,)).error_share > self.error_share + ERROR_SHARE_MARGIN:
            return False
        if any(_overdue(wait, second + 1, self.usual_wait_s) for wait in samples.waits):
            return False
        return all(
            current_s <= before_s * LATENCY_FACTOR + LATENCY_MARGIN_S
            for step, before_s in self.median_s.items()
            if (current_s := _median_s(samples, step, (second,))) is not None
        )


def recovery_of(fault: str, samples: Samples) -> RecoveryTime:
    """Seconds from the heal of `fault` to the first of three seconds in a row that are as before the fault.

    Only whole seconds after the heal in which requests were meant count; one without requests is passed over.
    A second is as before when, against all whole seconds before the fault was confirmed,

    - the share of requests without a declared answer is at most one hundredth higher, all steps together,
    - the median response of each step with at least five answers then and now is at most twice as long plus 50 ms,
    - nobody is overdue at its end: waiting for a payment code for longer than twice the median wait that ended
      before the fault, and for longer than two seconds. Who never saw a code is overdue to the end of the run.
    """
    window = samples.faults.get(fault)
    if window is None or window.end_s == inf:
        return RecoveryTime(None, 0, "the fault was not confirmed" if window is None else "the fault was not healed")
    before = _busy(samples, Span(0.0, window.start_s))
    if not before:
        return RecoveryTime(None, 0, "nothing was measured before the fault")
    after = _busy(samples, Span(window.end_s))
    requests = samples.tally(WHOLE_STEP, after).sent
    if len(after) < IN_A_ROW:
        return RecoveryTime(None, requests, f"only {len(after)} seconds with requests after the heal")
    baseline = _baseline(samples, before, window.start_s)
    first = _first_in_a_row(after, samples, baseline)
    if first is None:
        return RecoveryTime(inf, requests, _why_not(samples, baseline))
    return RecoveryTime(first - window.end_s, requests)


def _busy(samples: Samples, span: Span) -> list[int]:
    """The whole seconds of the span for which requests were meant."""
    return [s for s in span.whole_seconds(samples.ends) if samples.tally(WHOLE_STEP, (s,)).sent]


def _baseline(samples: Samples, seconds: Sequence[int], until_s: float) -> Baseline:
    medians = {step: _median_s(samples, step, seconds) for step in samples.steps}
    ended = [w.waited_s for w in samples.waits if w.waited_s is not None and w.ended_s <= until_s]
    return Baseline(
        error_share=samples.tally(WHOLE_STEP, seconds).error_share,
        median_s={step: median_s for step, median_s in medians.items() if median_s is not None},
        usual_wait_s=max(USUAL_WAIT_AT_LEAST_S, 2 * median(ended) if ended else 0.0),
    )


def _median_s(samples: Samples, step: str, seconds: Sequence[int]) -> float | None:
    latencies = samples.distribution(step, Measure.RESPONSE, seconds)
    return latencies.percentile_s(_MEDIAN) if latencies.count >= FEWEST_FOR_A_MEDIAN else None


def _overdue(wait: Wait, at_s: float, usual_s: float) -> bool:
    """Whether this person has by now waited for longer than usual, and waits on."""
    return wait.begun_s + usual_s < at_s < wait.ended_s


def _first_in_a_row(seconds: Iterable[int], samples: Samples, baseline: Baseline) -> int | None:
    row: list[int] = []
    for second in seconds:
        row = [*row, second] if baseline.includes(samples, second) else []
        if len(row) == IN_A_ROW:
            return row[0]
    return None


def _why_not(samples: Samples, baseline: Baseline) -> str:
    never = sum(_overdue(wait, samples.ends, baseline.usual_wait_s) for wait in samples.waits)
    if never:
        return f"no recovery: {never} people were still waiting for a code at the end"
    return "no recovery until the end of the run"
