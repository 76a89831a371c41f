"""Works out the figure that a gate asks for, and says on how many samples it stands."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, inf, log

from loket.gate.recovery import recovery_of
from loket.gate.samples import Samples
from loket.gate.threshold import (
    CodeWait,
    MissingCodes,
    Percentile,
    Recovery,
    Stat,
    StepFigure,
    Subject,
)

CONFIDENCE = 0.95
"""How sure the upper bound of a percentile shall be before a figure passes without a note."""


@dataclass(frozen=True)
class Figure:
    """A figure in seconds, as a share of 1, per second or as a count (the gate knows which).

    `value` is None where there is no data, infinite where something never ended; `note` says what to beware of.
    """

    value: float | None
    samples: int
    note: str = ""


def measure(subject: Subject, samples: Samples) -> Figure:
    """The figure of `subject` in the run that `samples` came from."""
    match subject:
        case StepFigure():
            return _of_step(subject, samples)
        case CodeWait():
            return _of_waits(subject, samples)
        case MissingCodes():
            return _missing(samples)
        case Recovery():
            return _recovery(subject, samples)


def samples_needed(rank: Decimal) -> int:
    """How many samples bound the percentile from above with 95 % confidence: the least n with rank^n ≤ 5 %.

    >>> [samples_needed(Decimal(rank)) for rank in ("95", "99", "99.9")]
    [59, 299, 2995]
    """
    return ceil(log(1 - CONFIDENCE) / log(float(rank) / 100))


def _too_few(stat: Percentile | Stat, count: int) -> str:
    if not isinstance(stat, Percentile) or count >= samples_needed(stat.rank):
        return ""
    return f"only {count} samples: {stat} is bounded with 95 % confidence by {samples_needed(stat.rank)} or more"


def _of_step(subject: StepFigure, samples: Samples) -> Figure:
    seconds = samples.whole_seconds(subject.window)
    stat = subject.stat
    tally = samples.tally(subject.step, seconds)
    if stat is Stat.COUNT:
        # None sent is a figure, but only where somebody was there to send: an empty run has no count.
        return Figure(float(tally.sent) if seconds else None, tally.sent)
    if tally.sent == 0:
        return Figure(None, 0)
    if stat is Stat.ERRORS:
        return Figure(tally.error_share, tally.sent)
    if stat is Stat.RATE:
        return Figure(tally.answered / len(seconds), tally.answered)
    latencies = samples.distribution(subject.step, subject.measure, seconds)
    if latencies.count == 0:
        return Figure(None, 0)
    if isinstance(stat, Percentile):
        return Figure(latencies.percentile_s(stat.rank), latencies.count, _too_few(stat, latencies.count))
    value = latencies.mean_s() if stat is Stat.MEAN else latencies.max_s()
    return Figure(value, latencies.count)


def _of_waits(subject: CodeWait, samples: Samples) -> Figure:
    spans = samples.spans(subject.window)
    waited = sorted(
        inf if wait.waited_s is None else wait.waited_s
        for wait in samples.waits
        if any(wait.begun_s in span for span in spans)
    )
    if not waited:
        return Figure(None, 0)
    never = waited.count(inf)
    note = f"{never} of {len(waited)} people never saw a code" if never else ""
    if isinstance(subject.stat, Percentile):
        value = waited[ceil(subject.stat.rank * len(waited) / 100) - 1]
        return Figure(value, len(waited), "; ".join(filter(None, (note, _too_few(subject.stat, len(waited))))))
    value = sum(waited) / len(waited) if subject.stat is Stat.MEAN else waited[-1]
    return Figure(value, len(waited), note)


def _missing(samples: Samples) -> Figure:
    if samples.missing_codes is None:
        return Figure(None, 0, "the audit did not count the missing codes")
    asked = len(samples.waits)
    if asked == 0 and samples.missing_codes == 0:
        return Figure(None, 0, "nobody asked for a payment code")
    return Figure(float(samples.missing_codes), max(asked, samples.missing_codes))


def _recovery(subject: Recovery, samples: Samples) -> Figure:
    recovery = recovery_of(subject.fault, samples)
    return Figure(recovery.after_s, recovery.requests, recovery.note)
