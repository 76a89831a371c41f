"""The frame that every chart shares: the run's seconds as the x-axis, the opening marked, fault windows shaded."""

from dataclasses import dataclass
from typing import Literal, TypeVar

from bokeh.models import BasicTicker, CrosshairTool, FixedTicker, HoverTool, NumeralTickFormatter, Range1d
from bokeh.models.annotations import BoxAnnotation, Label, Span
from bokeh.models.glyph import Glyph
from bokeh.models.renderers import GlyphRenderer
from bokeh.models.text import BaseText
from bokeh.plotting import figure

from loket.report.charts.palette import AMBER, INK, RULE
from loket.report.timeline import Timeline

G = TypeVar("G", bound=Glyph)
# Left and right of every plot alike, so that a second stands at one place down the page.
LEFT_BORDER = 58
RIGHT_BORDER = 12
ROOM_ABOVE = 1.12
NAME_LINES = 3
DURATION_LABELS: dict[float | str, str | BaseText] = {
    0.1: "0.1 ms",
    1: "1 ms",
    10: "10 ms",
    100: "100 ms",
    1_000: "1 s",
    10_000: "10 s",
    100_000: "100 s",
}


@dataclass(frozen=True)
class Frame:
    """Makes empty plots over one timeline; all of them zoom together and share one crosshair."""

    timeline: Timeline
    x_range: Range1d
    crosshair: Span

    @classmethod
    def over(cls, timeline: Timeline) -> "Frame":
        end_s = max(timeline.end_s, 1.0)
        x_range = Range1d(start=0, end=end_s, bounds=(0, end_s), name="run")
        return cls(timeline, x_range, Span(dimension="height", line_color=INK, line_dash="dotted"))

    def counts(self, height: int, highest: float, labelled: bool = True) -> figure:
        """An empty plot over an axis from 0 to just above `highest`; `labelled` names the faults in it."""
        plot = self._plot(height, Range1d(start=0, end=max(highest, 1) * ROOM_ABOVE), "linear", labelled)
        plot.yaxis.formatter = NumeralTickFormatter(format="0,0")
        plot.yaxis.ticker = BasicTicker(desired_num_ticks=4, num_minor_ticks=0)
        return plot

    def durations(self, height: int, lowest_ms: float, highest_ms: float) -> figure:
        """An empty plot over a logarithmic axis of milliseconds and seconds."""
        plot = self._plot(height, Range1d(start=lowest_ms, end=highest_ms), "log", labelled=False)
        plot.yaxis.ticker = FixedTicker(ticks=[0.1, 1, 10, 100, 1_000, 10_000, 100_000], minor_ticks=[])
        plot.yaxis.major_label_overrides = DURATION_LABELS
        return plot

    def _plot(self, height: int, y_range: Range1d, scale: Literal["linear", "log"], labelled: bool) -> figure:
        plot = figure(
            height=height,
            sizing_mode="stretch_width",
            x_range=self.x_range,
            y_range=y_range,
            y_axis_type=scale,
            tools="xbox_zoom",
            toolbar_location=None,
            min_border_left=LEFT_BORDER,
            min_border_right=RIGHT_BORDER,
            min_border_top=6,
            background_fill_color=None,
            border_fill_color=None,
            outline_line_color=None,
        )
        plot.add_tools(CrosshairTool(overlay=self.crosshair))
        plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
        plot.xaxis.ticker = BasicTicker(desired_num_ticks=7)
        self._dress(plot)
        self._mark(plot, labelled)
        return plot

    def hover(self, plot: figure, on: "GlyphRenderer[G]", *rows: tuple[str, str]) -> None:
        """Show `rows` (name, Bokeh field) for the nearest second, above the second itself."""
        tooltips = [("second", "@second{0,0.[0]}"), *rows]
        plot.add_tools(HoverTool(renderers=[on], mode="vline", tooltips=tooltips))

    def _dress(self, plot: figure) -> None:
        plot.xgrid.grid_line_color = None
        plot.ygrid.grid_line_color = RULE
        for axis in plot.axis:
            axis.axis_line_color = RULE
            axis.major_tick_line_color = RULE
            axis.minor_tick_line_color = None
            axis.major_label_text_color = INK
            axis.major_label_text_font_size = "11px"

    def _mark(self, plot: figure, labelled: bool) -> None:
        for number, window in enumerate(self.timeline.fault_windows()):
            shade = BoxAnnotation(
                left=window.start_s,
                right=window.end_s,
                fill_color=AMBER,
                fill_alpha=0.16,
                line_color=AMBER,
                line_alpha=0.6,
                level="underlay",
                name="fault",
            )
            plot.add_layout(shade)
            if labelled:
                # Faults that follow or overlap each other would write over each other's names on one line.
                self._write(plot, window.start_s, window.name, line=number % NAME_LINES)
        opening = self.timeline.opens_at_s
        if opening is not None:
            line = Span(
                location=opening,
                dimension="height",
                line_color=INK,
                line_dash=[5, 3],
                name="opening",
                level="underlay",
            )
            plot.add_layout(line)

    def _write(self, plot: figure, second: float, text: str, line: int) -> None:
        height = plot.height or 0
        label = Label(
            x=second,
            y=height - 44 - 14 * line,
            y_units="screen",
            x_offset=4,
            text=text,
            text_font_size="11px",
            text_color=INK,
        )
        plot.add_layout(label)
