"""The queue for payment codes: who asked and has none, who has one issued and not shown, and failed attempts."""

from collections import Counter

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from loket.report.bookings import Codes
from loket.report.charts.frame import Frame
from loket.report.charts.legend import Mark
from loket.report.charts.palette import AMBER, SKY, VERMILLION

HEIGHT = 230
LEGEND = (
    Mark("without", "asked, no code yet", SKY, "area"),
    Mark("not_shown", "issued, not yet shown", AMBER, "area"),
    Mark("attempts", "failed attempts at SIMPONI in a second", VERMILLION, "cross"),
)


def plot(frame: Frame, codes: Codes) -> figure:
    """Applications without a code over time, and the attempts at SIMPONI that failed in each second."""
    curve = codes.curve
    waiting = max(point.without_code + point.not_shown for point in curve)
    failed = _per_stretch(codes, frame.timeline.bucket_s)
    drawn = frame.counts(HEIGHT, max(waiting, *failed.values(), 1))
    points = [*curve, curve[-1]]
    source = ColumnDataSource(
        {
            "second": [max(point.second, 0.0) for point in curve] + [max(frame.timeline.end_s, curve[-1].second)],
            "nothing": [0] * len(points),
            "without": [point.without_code for point in points],
            "waiting": [point.without_code + point.not_shown for point in points],
            "not_shown": [point.not_shown for point in points],
        }
    )
    drawn.varea_step(
        "second", "nothing", "without", source=source, step_mode="after", color=SKY, alpha=0.75, name="without"
    )
    drawn.varea_step(
        "second", "without", "waiting", source=source, step_mode="after", color=AMBER, alpha=0.8, name="not_shown"
    )
    edge = drawn.step("second", "waiting", source=source, mode="after", line_alpha=0)  # what the hover follows
    _mark_failed(drawn, frame, failed)
    frame.hover(drawn, edge, ("no code yet", "@without{0,0}"), ("issued, not yet shown", "@not_shown{0,0}"))
    return drawn


def _per_stretch(codes: Codes, width_s: int) -> dict[int, int]:
    stretches: Counter[int] = Counter()
    for second, failed in codes.failed_attempts.items():
        stretches[second // width_s * width_s] += failed
    return stretches


def _mark_failed(drawn: figure, frame: Frame, failed: dict[int, int]) -> None:
    source = ColumnDataSource(
        {
            "second": list(failed),
            "middle": [start + frame.timeline.bucket_s / 2 for start in failed],
            "failed": list(failed.values()),
        }
    )
    marks = drawn.scatter(
        "middle", "failed", source=source, marker="x", size=8, color=VERMILLION, line_width=2, name="attempts"
    )
    frame.hover(drawn, marks, ("failed attempts", "@failed{0,0}"))
