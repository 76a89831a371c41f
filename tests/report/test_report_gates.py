"""Gates on the page: their bars and the qualities they stand for."""

import pytest

from loket.gate.grammar import parse
from loket.gate.vocabulary import STAYS_UP, Vocabulary
from loket.report.gauge import Gauge, gauge, read_gate
from loket.report.judgement import gates
from loket.report.quality import quality
from loket.verdict import GateResult, GateVerdict, Verdict, Word

KNOWN = Vocabulary(faults=("simponi_slow",))


@pytest.mark.parametrize(
    ("gate", "figure", "expected"),
    [
        ("hold_slot.p95[rush] < 800ms", "400 ms", Gauge(fill=40.0, threshold=80.0)),
        ("hold_slot.p95[rush] < 800ms", "1.6e+03 ms", Gauge(fill=80.0, threshold=40.0)),
        ("billing_code.missing == 0", "0", Gauge(fill=0.0, threshold=0.0)),
        ("billing_code.missing == 0", "4", Gauge(fill=80.0, threshold=0.0)),
        ("hold_slot.errors < 1%", "0.5%", Gauge(fill=40.0, threshold=80.0)),
        ("recovery(simponi_slow) < 30s", "never", Gauge(fill=100.0, threshold=80.0)),
        ("recovery(simponi_slow) < 30s", "no data", None),
    ],
)
def test_a_bar_sets_the_figure_against_the_threshold(gate: str, figure: str, expected: Gauge | None) -> None:
    """Both on one scale that has room beyond the larger; no bar where the figure is no number."""
    assert gauge(parse(gate, KNOWN), figure) == expected


@pytest.mark.parametrize(
    ("gate", "iso_9126", "servqual"),
    [
        ("hold_slot.p95[rush] < 800ms", "efficiency: time behaviour", "responsiveness"),
        ("billing_code.wait.p99[fault] < 30s", "efficiency: time behaviour", "responsiveness"),
        ("billing_code.missing == 0", "reliability: fault tolerance", "reliability"),
        ("recovery(simponi_slow) < 30s", "reliability: recoverability", "reliability"),
        ("pay.errors < 1%", "reliability: maturity", "reliability"),
    ],
)
def test_each_kind_of_gate_stands_for_a_quality(gate: str, iso_9126: str, servqual: str) -> None:
    """The mapping that the page states, row by row."""
    found = quality(parse(gate, KNOWN).subject)
    assert (found.iso_9126, found.servqual) == (iso_9126, servqual)


def verdict_on(*gates: str) -> Verdict:
    """A verdict in which these gates passed."""
    return Verdict(
        verdict=Word.HELD,
        exit_code=0,
        title="",
        scenario="",
        seed=0,
        started_at="",
        duration_s=0,
        sentences=(),
        gates=tuple(GateResult(gate=gate, verdict=GateVerdict.PASSED, figure="", samples=1) for gate in gates),
    )


def test_the_runners_own_gate_stands_for_a_quality_too() -> None:
    """It is a sentence, which no grammar reads."""
    [row] = gates(verdict_on(STAYS_UP))
    assert (row.quality.iso_9126, row.quality.servqual) == ("reliability: maturity", "reliability")


def test_a_gate_that_cannot_be_read_any_more_is_no_error() -> None:
    """A report outlives the grammar that its gates were written in."""
    gone = "gone.p95[never] <> 3 parsecs"
    assert read_gate(gone, verdict_on(gone)) is None
