"""Every chart of one report, drawn over one time axis, each with what it shows in words for those who cannot see it."""

from dataclasses import dataclass

from bokeh.plotting import figure

from loket.gate.threshold import Measure, Percentile, StepFigure
from loket.report.bookings import Bookings, Codes, Places
from loket.report.charts import codes, latency, outcomes, places, strain
from loket.report.charts.embed import Drawing, embed
from loket.report.charts.frame import Frame
from loket.report.evidence import Evidence
from loket.report.gauge import read_gate
from loket.report.quantities import count, milliseconds, share


@dataclass(frozen=True)
class Drawings:
    """The embedded charts, and a sentence on each by its name; a chart without evidence is in neither."""

    embedded: Drawing
    words: dict[str, str]
    steps: tuple[str, ...]


def draw(evidence: Evidence) -> Drawings:
    """Draw what the evidence allows."""
    frame = Frame.over(evidence.timeline)
    plots: dict[str, figure] = {}
    words: dict[str, str] = {}
    steps = evidence.load.steps()
    _draw_load(frame, evidence, plots, words)
    if evidence.bookings is not None:
        _draw_bookings(frame, evidence.bookings, plots, words)
    if evidence.generator.strain:
        plots["strain.late"], plots["strain.cpu"] = strain.plots(frame, evidence.generator)
        worst = evidence.generator.worst
        words["strain.late"] = (
            f"At worst, a request left {milliseconds(worst.send_lateness_ms)} late and the loop stood still "
            f"for {milliseconds(worst.loop_lag_ms)}."
        )
        words["strain.cpu"] = f"At worst, a worker used {share(worst.cpu_share, 1)} of one core."
    return Drawings(embed(plots), words, steps)


def _draw_load(frame: Frame, evidence: Evidence, plots: dict[str, figure], words: dict[str, str]) -> None:
    load, width_s = evidence.load, evidence.timeline.bucket_s
    curves = {step: latency.stretches(load, step, width_s) for step in load.steps()}
    scale_ms = latency.bounds_ms(stretch for curve in curves.values() for stretch in curve)
    for step, curve in curves.items():
        name = f"latency.{step}"
        plots[name] = latency.plot(frame, curve, scale_ms, _limits_ms(evidence, step))
        words[name] = _of_latency(curve)
    if curves:
        plots["outcomes"] = outcomes.plot(frame, load)
        words["outcomes"] = _of_outcomes(evidence)


def _draw_bookings(frame: Frame, bookings: Bookings, plots: dict[str, figure], words: dict[str, str]) -> None:
    if bookings.places.curve:
        plots["places"] = places.plot(frame, bookings.places)
        words["places"] = _of_places(bookings.places)
    if bookings.codes.curve:
        plots["codes"] = codes.plot(frame, bookings.codes)
        words["codes"] = _of_codes(bookings.codes)


def _limits_ms(evidence: Evidence, step: str) -> tuple[float, ...]:
    """Thresholds that gates set to a percentile of the step's response time."""
    if evidence.verdict is None:
        return ()
    read = (read_gate(result.gate, evidence.verdict) for result in evidence.verdict.gates)
    return tuple(
        1000 * gate.limit
        for gate in read
        if gate is not None
        and isinstance(gate.subject, StepFigure)
        and gate.subject.step == step
        and gate.subject.measure is Measure.RESPONSE
        and isinstance(gate.subject.stat, Percentile)
    )


def _of_latency(curve: tuple[latency.Stretch, ...]) -> str:
    answered = [(stretch.answers.p95_ms, stretch.second) for stretch in curve if stretch.answers]
    if not answered:
        return "No answer was timed."
    worst_ms, second = max(answered)
    return f"p95 at worst {milliseconds(worst_ms)} (second {second})"


def _of_outcomes(evidence: Evidence) -> str:
    total = evidence.load.total(evidence.load.steps())
    return (
        f"{count(total.sent)} requests sent: {count(total.ok)} ok, {count(total.refused)} refused as declared, "
        f"{count(total.unknown)} unknown, {count(total.errors)} errors; {count(total.dropped)} not sent."
    )


def _of_places(taken: Places) -> str:
    return (
        f"Of {count(taken.capacity)} places, at most {count(taken.peak_taken)} were taken at once; at the end "
        f"{count(taken.taken)} were taken and {count(taken.paid)} of them paid. {count(taken.released)} went back."
    )


def _of_codes(queue: Codes) -> str:
    longest = max(point.without_code + point.not_shown for point in queue.curve)
    failed = sum(queue.failed_attempts.values())
    return (
        f"{count(queue.asked)} codes were asked for and {count(len(queue.waits_s))} seen; at most "
        f"{count(longest)} people waited at once. {count(failed)} attempts at SIMPONI failed."
    )
