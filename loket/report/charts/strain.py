"""The generator's strain over time: how late requests left, how long its loop stood still, how busy it was."""

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from loket.report.charts.frame import Frame
from loket.report.charts.legend import Mark
from loket.report.charts.palette import BLUE, GREEN, PURPLE
from loket.report.generator import Generator

HEIGHT = 170
LEGEND = (
    Mark("lateness", "requests sent late by", BLUE, "line"),
    Mark("lag", "loop stood still for", PURPLE, "line"),
    Mark("cpu", "CPU, percent of one core", GREEN, "line"),
)


def plots(frame: Frame, generator: Generator) -> tuple[figure, figure]:
    """(lateness and loop lag in milliseconds, CPU share in percent), the worst worker in each stretch."""
    starts = sorted(generator.strain)
    strain = [generator.strain[start] for start in starts]
    source = ColumnDataSource(
        {
            "second": starts,
            "lateness": [each.send_lateness_ms for each in strain],
            "lag": [each.loop_lag_ms for each in strain],
            "cpu": [100 * each.cpu_share for each in strain],
        }
    )
    worst = generator.worst
    late = frame.counts(HEIGHT, max(worst.send_lateness_ms, worst.loop_lag_ms, 5), labelled=False)
    late.line("second", "lag", source=source, color=PURPLE, line_width=1.8, name="lag")
    lateness = late.line("second", "lateness", source=source, color=BLUE, line_width=1.8, name="lateness")
    frame.hover(late, lateness, ("sent late by", "@lateness{0,0.0} ms"), ("loop lag", "@lag{0,0.0} ms"))
    busy = frame.counts(HEIGHT, max(100 * worst.cpu_share, 100), labelled=False)
    cpu = busy.line("second", "cpu", source=source, color=GREEN, line_width=1.8, name="cpu")
    frame.hover(busy, cpu, ("CPU of one core", "@cpu{0,0} %"))
    return late, busy
