"""When people come, as an experiment file says it: rates, bursts and traces that add up (docs/experiment-file.md)."""

import re
from decimal import Decimal
from math import inf
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from chaos.durations import Duration, Instant
from loket.experiment.block import Block
from loket.load.arrivals import Rates, Wave

EXPECTED_RATE = 'a rate such as "5/s", "300/min" or "0.5/h"'
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|min|h)")


def parse_rate(text: object) -> float:
    """People a second in `text`. Raises ValueError, naming what was found and what was expected.

    >>> parse_rate("90/min")
    1.5
    """
    match = _RATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"expected {EXPECTED_RATE}, found {text!r}")
    return float(match[1]) / _SECONDS[match[2]]


Rate = Annotated[
    float,
    BeforeValidator(parse_rate),
    PlainSerializer(lambda rate: f"{Decimal(repr(rate)):f}/s", return_type=str),
    WithJsonSchema({"type": "string", "description": EXPECTED_RATE, "examples": ["5/s", "300/min"]}),
]
RUN_START = Instant(0.0)


class Arrivals(Block):
    """One pattern of the load's arrivals: exactly one of `crowd` to `trace`; `at` shifts it to where it begins.

    `for` is how long a constant rate, a ramp or steps last. A trace's path has become its instants when it gets here.
    """

    crowd: int | None = Field(default=None, ge=1)
    constant: Rate | None = None
    ramp: tuple[Rate, Rate] | None = None
    steps: Annotated[tuple[Rate, ...], Field(min_length=1)] | None = None
    curve: Annotated[tuple[tuple[Duration, Rate], ...], Field(min_length=2)] | None = None
    burst: int | None = Field(default=None, ge=1)
    trace: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)] | None = None
    at: Instant = RUN_START
    duration_s: Duration | None = Field(default=None, alias="for")
    process: Literal["poisson", "even"] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which patterns it names; one, where it is right."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)

    def wave(self, opens_at_s: float) -> Wave:
        """What the load's workers are told. Raises ValueError for a curve that goes backwards."""
        begins_s = self.at.resolve(opens_at_s)
        if begins_s is None:
            raise ValueError(f"found {self.at}, expected a moment that is known before the run")
        if self.crowd is not None:
            return Wave(crowd=self.crowd)
        if self.burst is not None:
            return Wave(instants=(begins_s,) * self.burst)
        if self.trace is not None:
            return Wave(instants=tuple(begins_s + at_s for at_s in self.trace))
        return Wave(knots=self._rates(begins_s).knots, process=self.process or "poisson")

    def _rates(self, begins_s: float) -> Rates:
        if self.curve is not None:
            return Rates((begins_s + at_s, rate) for at_s, rate in self.curve)
        ends_s = begins_s + (self.duration_s or 0.0)
        if self.ramp is not None:
            return Rates(((begins_s, self.ramp[0]), (ends_s, self.ramp[1])))
        return Rates.steps(self.steps or (self.constant or 0.0,), begins_s, ends_s)


KINDS = ("crowd", "constant", "ramp", "steps", "curve", "burst", "trace")
LASTING = ("constant", "ramp", "steps")
RATED = (*LASTING, "curve")


# A schedule is held in memory by every worker.
MOST_PEOPLE = 1_000_000


def misfits(arrivals: Arrivals, opens_at_s: float, ends_s: float) -> list[str]:
    """What does not fit together in one pattern, or into a run in which people come until `ends_s`: a sentence each."""
    kinds = arrivals.kinds
    if len(kinds) != 1:
        return [f"found {', '.join(kinds) or 'none of them'}, expected exactly one of {', '.join(KINDS)}"]
    (kind,) = kinds
    given = {
        "for": arrivals.duration_s is not None and kind not in LASTING,
        "process": arrivals.process is not None and kind not in RATED,
        "at": arrivals.at != RUN_START and kind == "crowd",
    }
    found = [f"found {name}, which {kind} does not have" for name, wrong in given.items() if wrong]
    if kind in LASTING and not arrivals.duration_s:
        found.append(f"expected for, how long {kind} lasts")
    return found or _outside(arrivals, opens_at_s, ends_s)


def expected(arrivals: Arrivals, opens_at_s: float) -> float:
    """How many people the pattern is expected to bring; none, where it does not fit together."""
    if misfits(arrivals, opens_at_s, inf):
        return 0.0
    wave = arrivals.wave(opens_at_s)
    return Rates(wave.knots).total if wave.knots else wave.crowd or len(wave.instants)


def _outside(arrivals: Arrivals, opens_at_s: float, ends_s: float) -> list[str]:
    try:
        wave = arrivals.wave(opens_at_s)
    except ValueError as error:
        return [str(error)]
    seconds = [second for second, _ in wave.knots] or wave.instants
    if seconds and not 0 <= min(seconds) <= max(seconds) <= ends_s:
        return [
            f"found people from second {min(seconds):g} to {max(seconds):g}, expected them within the time in which "
            f"people come, second 0 to {ends_s:g} (opens_at + rush)"
        ]
    return []
