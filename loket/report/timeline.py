"""The run's time axis: seconds from its origin, the opening, the rush and the windows in which faults stood."""

from dataclasses import dataclass

from loket.verdict import FaultSpan

BUCKET_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300)
MOST_BUCKETS = 400


@dataclass(frozen=True)
class Window:
    """A named stretch of the run, in seconds."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Timeline:
    """From second 0 to `end_s`; `opens_at_s` and `rush_s` are None where the plan was not recorded."""

    end_s: float
    opens_at_s: float | None = None
    rush_s: float | None = None
    faults: tuple[FaultSpan, ...] = ()

    @property
    def bucket_s(self) -> int:
        """Width of one point on a chart: a second, or wider so that an hour stays readable and small."""
        fitting = (width for width in BUCKET_WIDTHS_S if self.end_s / width <= MOST_BUCKETS)
        return next(fitting, BUCKET_WIDTHS_S[-1])

    @property
    def rush(self) -> Window | None:
        """From the opening on, for the length of the rush."""
        if self.opens_at_s is None or self.rush_s is None:
            return None
        return Window("rush", self.opens_at_s, self.opens_at_s + self.rush_s)

    def fault_windows(self) -> tuple[Window, ...]:
        """Each fault that was not refused, from its confirmation (else its request) to its healing (or the end)."""
        return tuple(
            Window(
                span.fault,
                span.requested_s if span.confirmed_s is None else span.confirmed_s,
                self.end_s if span.healed_s is None else span.healed_s,
            )
            for span in self.faults
            if not span.refused
        )
