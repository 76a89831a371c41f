"""Verdicts of gates: passed, failed, and no data, which is no pass."""

import pytest

from loket.gate.judgement import judge
from loket.gate.phases import Span
from loket.verdict import GateVerdict

NO_DATA = [
    "hold_slot.p95[rush] < 800ms",
    "hold_slot.errors < 100%",
    "hold_slot.rate < 1000/s",
    "hold_slot.count[30s..40s] == 0",
    "hold_slot.p95[slow] < 1s",
    "hold_slot.p95[fault] < 1s",
    "hold_slot.p95[recovery] < 1s",
    "billing_code.wait.p95 < 30s",
    "billing_code.missing == 0",
    "recovery(slow) < 1s",
]


@pytest.mark.parametrize("text", NO_DATA)
def test_no_data_is_never_a_pass(build, gate, text):
    """Where nothing was measured every gate ends as `no data`, whatever it compares with."""
    elsewhere = build.samples(build.second(3, [1.0], step="login"), missing_codes=0)
    for samples in (build.samples(), elsewhere):
        [result] = judge([gate(text)], samples)
        assert result.verdict is GateVerdict.NO_DATA
        assert result.figure == "no data"
        assert result.note


def test_a_count_of_nothing_is_a_figure_where_the_load_was_there(build, gate):
    """No hold before the opening is a true zero, because others did send requests in that window."""
    samples = build.samples(build.second(3, [1.0], step="login"))
    [result] = judge([gate("hold_slot.count[closed] == 0")], samples)
    assert (result.verdict, result.figure) == (GateVerdict.PASSED, "0")


RELATIONS = [
    ("hold_slot.count < 3", False),
    ("hold_slot.count <= 3", True),
    ("hold_slot.count > 3", False),
    ("hold_slot.count >= 3", True),
    ("hold_slot.count == 3", True),
    ("hold_slot.count != 3", False),
    ("hold_slot.count < 4", True),
    ("hold_slot.count > 2", True),
]


@pytest.mark.parametrize(("text", "passes"), RELATIONS)
def test_each_comparison_holds_the_figure_against_the_limit(build, gate, text, passes):
    """Three requests against limits at, below and above three."""
    [result] = judge([gate(text)], build.samples(build.second(12, [1.0] * 3)))
    assert result.verdict is (GateVerdict.PASSED if passes else GateVerdict.FAILED)
    assert result.gate == text


FIGURES = [
    ("hold_slot.p95 < 800ms", "200.1 ms"),
    ("hold_slot.p95 < 1s", "0.2001 s"),
    ("hold_slot.errors < 5%", "25%"),
    ("hold_slot.errors < 0.05", "0.25"),
    ("hold_slot.rate[12s..13s] > 1/s", "3/s"),
    ("hold_slot.count > 1", "4"),
]


@pytest.mark.parametrize(("text", "figure"), FIGURES)
def test_a_figure_is_written_in_the_unit_of_its_gate(build, gate, text, figure):
    """A reader compares like with like."""
    [result] = judge([gate(text)], build.samples(build.second(12, [200.0] * 3, errors=1)))
    assert result.figure == figure


def test_missing_codes_fail_their_gate(build, gate):
    """Two people without a code among three who asked."""
    waits = build.waits((12, 1.0), (12, None), (13, None))
    [result] = judge([gate("billing_code.missing == 0")], build.samples(waits=waits, missing_codes=2))
    assert (result.verdict, result.figure, result.samples) == (GateVerdict.FAILED, "2", 3)


def test_no_missing_code_passes_where_somebody_asked(build, gate):
    """Everyone who asked saw a code."""
    samples = build.samples(waits=build.waits((12, 1.0)), missing_codes=0)
    [result] = judge([gate("billing_code.missing == 0")], samples)
    assert result.verdict is GateVerdict.PASSED


def test_missing_codes_that_nobody_counted_are_no_data(build, gate):
    """Without an audit the number is not known, even where people waited."""
    [result] = judge([gate("billing_code.missing == 0")], build.samples(waits=build.waits((12, 1.0))))
    assert result.verdict is GateVerdict.NO_DATA


def test_a_wait_without_end_fails_an_upper_bound(build, gate):
    """Infinite is over every limit, and is written as `never`."""
    [result] = judge([gate("billing_code.wait.max < 30s")], build.samples(waits=build.waits((12, None))))
    assert (result.verdict, result.figure) == (GateVerdict.FAILED, "never")


def test_gates_are_judged_in_their_order(build, gate):
    """One result a gate, in the order given."""
    texts = ["hold_slot.count > 0", "hold_slot.p95 < 1s", "pay.p95 < 1s"]
    samples = build.samples(build.second(12, [1.0]), faults={"slow": Span(1, 2)})
    assert [result.gate for result in judge([gate(text) for text in texts], samples)] == texts
