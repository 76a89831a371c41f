"""The windows of a run in seconds from its origin: its phases by the plan, and each fault as it really happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, inf

from loket.fault_windows import windows_of
from loket.load.plan import LoadPlan
from loket.records import FaultEntry


@dataclass(frozen=True)
class Span:
    """From `start_s` up to, not including, `end_s`. A whole second belongs to it when it begins inside."""

    start_s: float
    end_s: float = inf

    def __contains__(self, instant_s: float) -> bool:
        return self.start_s <= instant_s < self.end_s

    def whole_seconds(self, until: int) -> range:
        """The whole seconds that begin inside the span and before `until`."""
        end = until if self.end_s == inf else min(until, ceil(self.end_s))
        return range(ceil(self.start_s), max(end, ceil(self.start_s)))


WHOLE_RUN = Span(0.0)


@dataclass(frozen=True)
class Phases:
    """`closed` until the quota opens, `rush` while people arrive, `drain` until the last may leave."""

    closed: Span
    rush: Span
    drain: Span

    @classmethod
    def of(cls, plan: LoadPlan) -> "Phases":
        rush_ends_s = plan.opens_at_s + plan.rush_s
        return cls(
            closed=Span(0.0, plan.opens_at_s),
            rush=Span(plan.opens_at_s, rush_ends_s),
            drain=Span(rush_ends_s, rush_ends_s + plan.drain_s),
        )

    def by_name(self) -> Mapping[str, Span]:
        """The phases in their order, under the names that gates use."""
        return {"closed": self.closed, "rush": self.rush, "drain": self.drain}


def fault_windows(entries: Iterable[FaultEntry], origin_mono_ns: int) -> dict[str, Span]:
    """Each fault's window from its first confirmation to its last heal, in the order they were asked for.

    A fault never confirmed has no window; one never healed lasts to the end of the run.
    """
    spans = (window.span(origin_mono_ns) for window in windows_of(entries))
    return {
        span.fault: Span(span.confirmed_s, inf if span.healed_s is None else span.healed_s)
        for span in spans
        if span.confirmed_s is not None
    }
