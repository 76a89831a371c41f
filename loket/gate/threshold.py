"""A gate, taken apart: which figure of a run must stand in which relation to which limit.

`str()` of each part is the text that the grammar reads back to the same part.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

WHOLE_STEP = "all"
"""The pseudo step that stands for the requests of every step together."""


class Dimension(StrEnum):
    """What a figure is made of; the value is how a message calls it."""

    TIME = "a time"
    SHARE = "a share"
    RATE = "a rate"
    COUNT = "a count"


@dataclass(frozen=True)
class Unit:
    """A unit as written, and what one of it is worth in seconds, a share of 1, per second or a count."""

    text: str
    worth: Decimal
    dimensions: tuple[Dimension, ...]


UNITS = {
    "ms": Unit("ms", Decimal("0.001"), (Dimension.TIME,)),
    "s": Unit("s", Decimal(1), (Dimension.TIME,)),
    "%": Unit("%", Decimal("0.01"), (Dimension.SHARE,)),
    "/s": Unit("/s", Decimal(1), (Dimension.RATE,)),
    "": Unit("", Decimal(1), (Dimension.COUNT, Dimension.SHARE)),
}

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Measure(StrEnum):
    """From which instant a latency counts."""

    RESPONSE = "response"  # from the instant the person meant to send: what the person felt
    SERVICE = "service"  # from the instant the request was sent: what the server took


def plain(number: Decimal) -> str:
    """The number without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Percentile:
    """`p95`: the smallest value that at least 95 % of the samples do not exceed."""

    rank: Decimal

    dimension = Dimension.TIME

    def __str__(self) -> str:
        return f"p{plain(self.rank)}"


class Stat(StrEnum):
    """The statistics other than percentiles; docs/experiment-file.md defines each."""

    MEAN = "mean"
    MAX = "max"
    RATE = "rate"
    ERRORS = "errors"
    COUNT = "count"

    @property
    def dimension(self) -> Dimension:
        return _DIMENSION_OF_STAT[self]


_DIMENSION_OF_STAT = {
    Stat.MEAN: Dimension.TIME,
    Stat.MAX: Dimension.TIME,
    Stat.RATE: Dimension.RATE,
    Stat.ERRORS: Dimension.SHARE,
    Stat.COUNT: Dimension.COUNT,
}


@dataclass(frozen=True)
class NamedWindow:
    """A phase, `fault`, `recovery`, or the window of one fault by its name."""

    name: str

    def __str__(self) -> str:
        return f"[{self.name}]"


@dataclass(frozen=True)
class TimeWindow:
    """`[10s..30s]`, in seconds of the run: from the first instant up to, not including, the second."""

    start_s: Decimal
    end_s: Decimal

    def __str__(self) -> str:
        return f"[{plain(self.start_s)}s..{plain(self.end_s)}s]"


Window = NamedWindow | TimeWindow


def _bracket(window: Window | None) -> str:
    return "" if window is None else str(window)


@dataclass(frozen=True)
class StepFigure:
    """`hold_slot.p95[rush]`: a statistic of one step's requests, or of `all`."""

    step: str
    stat: Percentile | Stat
    measure: Measure = Measure.RESPONSE
    window: Window | None = None

    @property
    def dimension(self) -> Dimension:
        return self.stat.dimension

    def __str__(self) -> str:
        measure = ".service" if self.measure is Measure.SERVICE else ""
        return f"{self.step}{measure}.{self.stat}{_bracket(self.window)}"


@dataclass(frozen=True)
class CodeWait:
    """`billing_code.wait.p99`: how long people waited for a payment code; one who never saw it waited for ever."""

    stat: Percentile | Stat
    window: Window | None = None

    dimension = Dimension.TIME

    def __str__(self) -> str:
        return f"billing_code.wait.{self.stat}{_bracket(self.window)}"


@dataclass(frozen=True)
class MissingCodes:
    """`billing_code.missing`: how many people asked for a payment code and never saw one."""

    dimension = Dimension.COUNT

    def __str__(self) -> str:
        return "billing_code.missing"


@dataclass(frozen=True)
class Recovery:
    """`recovery(simponi_slow)`: seconds from the fault's heal until people were served as before it."""

    fault: str

    dimension = Dimension.TIME

    def __str__(self) -> str:
        return f"recovery({self.fault})"


Subject = StepFigure | CodeWait | MissingCodes | Recovery


@dataclass(frozen=True)
class Gate:
    """One threshold. `text` is the gate as the experiment wrote it."""

    subject: Subject
    operator: str
    value: Decimal
    unit: Unit
    text: str = field(compare=False)

    @property
    def limit(self) -> float:
        """The limit in seconds, as a share of 1, per second, or as a count."""
        return float(self.value * self.unit.worth)

    def accepts(self, figure: float) -> bool:
        """Whether the figure, in the unit of `limit`, stands in the relation asked for."""
        return OPERATORS[self.operator](figure, self.limit)

    def __str__(self) -> str:
        return f"{self.subject} {self.operator} {plain(self.value)}{self.unit.text}"
