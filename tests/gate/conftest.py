"""Builds what a run leaves for its gates: seconds with histograms, phases, fault windows, waits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from loket.gate.grammar import parse
from loket.gate.phases import Phases, Span
from loket.gate.samples import Samples
from loket.gate.threshold import Gate
from loket.gate.vocabulary import Vocabulary
from loket.load.histogram import Histogram
from loket.records import Second
from loket.waits import Wait

PHASES = Phases(closed=Span(0, 10), rush=Span(10, 40), drain=Span(40, 60))


@dataclass(frozen=True)
class Builder:
    """Makes rows and samples; latencies are in milliseconds, the service time a tenth of the response."""

    def second(
        self,
        second: int,
        latencies_ms: Iterable[float] = (),
        step: str = "hold_slot",
        errors: int = 0,
        unknown: int = 0,
        refused: int = 0,
        worker: str = "w0",
    ) -> Second:
        micros = [round(latency * 1000) for latency in latencies_ms]
        failed = errors + unknown + refused
        return Second(
            worker=worker,
            second=second,
            step=step,
            sent=len(micros) + failed,
            ok=len(micros),
            refused=refused,
            errors=errors,
            unknown=unknown,
            response=Histogram.of(micros).encode() if micros else None,
            service=Histogram.of([value // 10 for value in micros]).encode() if micros else None,
        )

    def samples(self, *seconds: Second, **parts: object) -> Samples:
        fields = {"phases": PHASES, "faults": {}, **parts}
        return Samples(seconds=seconds, **fields)

    def waits(self, *waits: tuple[float, float | None]) -> tuple[Wait, ...]:
        return tuple(Wait(begun_s, waited_s) for begun_s, waited_s in waits)


@pytest.fixture
def build() -> Builder:
    return Builder()


@pytest.fixture
def gate() -> Callable[[str], Gate]:
    """Reads a gate of an experiment with the faults `slow` and `silent`, whose load ends in second 60."""

    def read(text: str) -> Gate:
        return parse(text, Vocabulary(faults=("slow", "silent"), ends_s=60.0))

    return read
