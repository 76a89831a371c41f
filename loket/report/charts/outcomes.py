"""How requests ended, second by second: stacked, by the second in which each was meant to be sent."""

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from loket.report.charts.frame import Frame
from loket.report.charts.legend import Mark
from loket.report.charts.palette import AMBER, BLUE, PURPLE, SKY, VERMILLION
from loket.report.series import LoadSeries

HEIGHT = 250
# From the bottom of the stack to its top; each series is a column of a cell.
LEGEND = (
    Mark("ok", "ok", BLUE, "area"),
    Mark("refused", "refused as declared", SKY, "area"),
    Mark("unknown", "unknown", AMBER, "area"),
    Mark("errors", "errors", VERMILLION, "area"),
    Mark("dropped", "not sent", PURPLE, "area"),
)


def plot(frame: Frame, load: LoadSeries) -> figure:
    """Requests a second by outcome."""
    width_s = frame.timeline.bucket_s
    cells = list(load.buckets(load.steps(), width_s))
    names = [mark.series for mark in LEGEND]
    columns = {name: [getattr(cell, name) / width_s for _, cell in cells] for name in names}
    source = ColumnDataSource(
        {
            "second": [second for second, _ in cells],
            "middle": [second + width_s / 2 for second, _ in cells],
            **columns,
        }
    )
    drawn = frame.counts(HEIGHT, max(map(sum, zip(*columns.values(), strict=True)), default=0))
    bars = drawn.vbar_stack(
        names,
        x="middle",
        width=width_s * 0.86,
        source=source,
        color=[mark.colour for mark in LEGEND],
        line_color=None,
        name=names,
    )
    rows = [(mark.label, f"@{mark.series}{{0,0.[0]}}") for mark in reversed(LEGEND)]
    frame.hover(drawn, bars[0], *rows)
    return drawn
