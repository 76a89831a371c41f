"""Response time of each step over the run: the median and the 95th percentile, one small plot a step."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

from bokeh.models import BooleanFilter, CDSView, ColumnDataSource
from bokeh.models.annotations import Span
from bokeh.plotting import figure

from loket.report.charts.frame import Frame
from loket.report.charts.legend import Mark
from loket.report.charts.palette import BLUE, SKY, VERMILLION
from loket.report.series import LoadSeries, Percentiles

HEIGHT = 168
LEGEND = (
    Mark("p95", "95th percentile", BLUE, "line"),
    Mark("p50", "median", SKY, "line"),
    Mark("limit", "threshold of a gate", VERMILLION, "dashes"),
)


@dataclass(frozen=True)
class Stretch:
    """One point of the curves; None where nothing was answered."""

    second: int
    answers: Percentiles | None


def stretches(load: LoadSeries, step: str, width_s: int) -> tuple[Stretch, ...]:
    """The curve of one step, a point every `width_s` seconds."""
    return tuple(Stretch(second, load.percentiles(cell)) for second, cell in load.buckets([step], width_s))


def bounds_ms(curves: Iterator[Stretch]) -> tuple[float, float]:
    """Lowest and highest figure of all curves with room around them, so that every plot has one scale."""
    answers = [stretch.answers for stretch in curves if stretch.answers is not None]
    lowest = min((each.p50_ms for each in answers), default=1.0)
    highest = max((each.p95_ms for each in answers), default=1000.0)
    return max(lowest, 0.05) / 1.6, max(highest, lowest * 10) * 1.6


def plot(
    frame: Frame, curve: tuple[Stretch, ...], scale_ms: tuple[float, float], limits_ms: tuple[float, ...]
) -> figure:
    """Median and 95th percentile of one step; `limits_ms` are the thresholds of its gates."""
    drawn = frame.durations(HEIGHT, *scale_ms)
    source = ColumnDataSource(
        {
            "second": [stretch.second for stretch in curve],
            "p50": [stretch.answers.p50_ms if stretch.answers else nan for stretch in curve],
            "p95": [stretch.answers.p95_ms if stretch.answers else nan for stretch in curve],
            "samples": [stretch.answers.samples if stretch.answers else 0 for stretch in curve],
        }
    )
    drawn.line("second", "p50", source=source, color=SKY, line_width=1.5, name="p50")
    upper = drawn.line("second", "p95", source=source, color=BLUE, line_width=1.8, name="p95")
    for name, colour in (("p50", SKY), ("p95", BLUE)):
        drawn.scatter("second", name, source=source, view=_lonely(curve), color=colour, size=4, name=name)
    for limit in limits_ms:
        drawn.add_layout(
            Span(location=limit, dimension="width", line_color=VERMILLION, line_dash="dashed", name="limit")
        )
    frame.hover(drawn, upper, ("p95", "@p95{0,0.0} ms"), ("p50", "@p50{0,0.0} ms"), ("answers", "@samples{0,0}"))
    return drawn


def _lonely(curve: tuple[Stretch, ...]) -> CDSView:
    """The points without a neighbour to draw a line to: unmarked, they would not be seen."""
    silent = [True, *(stretch.answers is None for stretch in curve), True]
    lonely = [
        before and after and not here for before, here, after in zip(silent, silent[1:], silent[2:], strict=False)
    ]
    return CDSView(filter=BooleanFilter(booleans=lonely))
