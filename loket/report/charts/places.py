"""Places taken against capacity: paid at the bottom, held and not yet paid above, the capacity as a line."""

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from loket.report.bookings import Places
from loket.report.charts.frame import Frame
from loket.report.charts.legend import Mark
from loket.report.charts.palette import GREEN, INK, SKY, VERMILLION

HEIGHT = 250
LEGEND = (
    Mark("capacity", "capacity", VERMILLION, "dashes"),
    Mark("held", "held, not yet paid", SKY, "area"),
    Mark("paid", "paid", GREEN, "area"),
    Mark("released", "given back so far", INK, "dots"),
)


def plot(frame: Frame, places: Places) -> figure:
    """The curve of the places; the last state is carried to the end of the run."""
    curve = places.curve
    highest = max(places.peak_taken, places.released, *(point.capacity for point in curve))
    drawn = frame.counts(HEIGHT, highest)
    seconds = [max(point.second, 0.0) for point in curve] + [max(frame.timeline.end_s, curve[-1].second)]
    points = [*curve, curve[-1]]
    source = ColumnDataSource(
        {
            "second": seconds,
            "nothing": [0] * len(points),
            "paid": [point.paid for point in points],
            "taken": [point.taken for point in points],
            "released": [point.released for point in points],
            "capacity": [point.capacity for point in points],
        }
    )
    drawn.varea_step("second", "nothing", "paid", source=source, step_mode="after", color=GREEN, alpha=0.6, name="paid")
    drawn.varea_step("second", "paid", "taken", source=source, step_mode="after", color=SKY, alpha=0.5, name="held")
    drawn.step(
        "second",
        "released",
        source=source,
        mode="after",
        color=INK,
        line_width=1.8,
        line_dash=[2, 3],
        name="released",
    )
    capacity = drawn.step(
        "second",
        "capacity",
        source=source,
        mode="after",
        color=VERMILLION,
        line_width=1.8,
        line_dash="dashed",
        name="capacity",
    )
    rows = [(name, f"@{name}{{0,0}}") for name in ("capacity", "taken", "paid", "released")]
    frame.hover(drawn, capacity, *rows)
    return drawn
