"""The gate language: what it reads, what it refuses, and at which character it points."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.gate.grammar import parse
from loket.gate.threshold import (
    OPERATORS,
    UNITS,
    CodeWait,
    Dimension,
    Gate,
    Measure,
    MissingCodes,
    NamedWindow,
    Percentile,
    Recovery,
    Stat,
    StepFigure,
    TimeWindow,
)
from loket.gate.tokens import GateError
from loket.gate.vocabulary import STEPS, Vocabulary

VOCABULARY = Vocabulary(faults=("slow", "silent"), ends_s=60.0)


def p(rank):
    return Percentile(Decimal(rank))


def read(text):
    """The gate, or the error that the reader raised."""
    try:
        return parse(text, VOCABULARY)
    except GateError as error:
        return error


READ = [
    ("hold_slot.p95[rush] < 800ms", StepFigure("hold_slot", p(95), window=NamedWindow("rush")), 0.8),
    ("hold_slot.response.p95 < 1s", StepFigure("hold_slot", p(95)), 1.0),
    ("hold_slot.service.p99.9 <= 1.5s", StepFigure("hold_slot", p("99.9"), Measure.SERVICE), 1.5),
    ("billing_code.p50 < 1s", StepFigure("billing_code", p(50)), 1.0),
    ("all.errors[drain] < 2%", StepFigure("all", Stat.ERRORS, window=NamedWindow("drain")), 0.02),
    ("pay.errors < 0.02", StepFigure("pay", Stat.ERRORS), 0.02),
    ("hold_slot.rate[fault] >= 12.5/s", StepFigure("hold_slot", Stat.RATE, window=NamedWindow("fault")), 12.5),
    ("status.count[before] == 0", StepFigure("status", Stat.COUNT, window=NamedWindow("closed")), 0),
    ("login.mean[recovery]<1s", StepFigure("login", Stat.MEAN, window=NamedWindow("recovery")), 1.0),
    ("login.max[slow] != 1s", StepFigure("login", Stat.MAX, window=NamedWindow("slow")), 1.0),
    ("pay.p99 [ 500ms .. 30s ] < 1s", StepFigure("pay", p(99), window=TimeWindow(Decimal("0.5"), Decimal(30))), 1),
    ("billing_code.missing == 0", MissingCodes(), 0),
    ("billing_code.wait.p99[fault] < 30s", CodeWait(p(99), NamedWindow("fault")), 30.0),
    ("billing_code.wait.mean > 1ms", CodeWait(Stat.MEAN), 0.001),
    ("recovery(slow) < 30s", Recovery("slow"), 30.0),
    ("  recovery ( silent )  <  30 s  ", Recovery("silent"), 30.0),
]

REFUSED = [
    ("", 0, "found the end of the gate, expected a step, 'all' or 'recovery(…)'"),
    ("hold_slot", 9, "found the end of the gate, expected '.' and a statistic"),
    ("hold_slt.p95 < 1s", 0, "'hold_slt' is no step; known are register, read_mail, "),
    ("hold_slt.p95 < 1s", 0, "; did you mean 'hold_slot'?"),
    ("hold_slot p95 < 1s", 10, "found 'p95', expected '.' and a statistic"),
    ("hold_slot.p49 < 1s", 10, "'p49' is not a percentile from p50 to p99.9"),
    ("hold_slot.p99.99 < 1s", 10, "'p99.99' is not a percentile from p50 to p99.9"),
    ("hold_slot.p95.max < 1s", 13, "found '.', expected a comparison (< <= > >= == !=)"),
    ("hold_slot.meen < 1s", 10, "'meen' is no statistic; known are p50 … p99.9, mean, max, rate, errors, count; did"),
    ("hold_slot.service.rate > 1/s", 18, "hold_slot.service is a time and has percentiles, mean and max, but no rate"),
    ("billing_code.wait.count > 1", 18, "billing_code.wait is a time and has percentiles, mean and max, but no count"),
    ("billing_code.missing[rush] == 0", 20, "billing_code.missing is counted over the whole run, without a window"),
    ("hold_slot.p95[rsh] < 1s", 14, "'rsh' is no window; known are closed, rush, drain, before, fault, recovery, "),
    ("hold_slot.p95[slw] < 1s", 14, "; did you mean 'slow'?"),
    ("hold_slot.p95[rush < 1s", 19, "found '<', expected ']'"),
    ("hold_slot.p95[] < 1s", 14, "found ']', expected a window"),
    ("hold_slot.p95[10s..] < 1s", 19, "found ']', expected a time such as 10s"),
    ("hold_slot.p95[10..20s] < 1s", 16, "found no unit, but a time takes ms or s"),
    ("hold_slot.p95[10s-20s] < 1s", 17, "found '-', expected '..' and the end of the window"),
    ("hold_slot.p95[20s..10s] < 1s", 14, "the window ends before it begins"),
    ("hold_slot.p95[60s..70s] < 1s", 14, "the window begins after the run's load has ended (60s)"),
    ("hold_slot.p95 = 1s", 14, "'=' is no comparison; known are < <= > >= == !="),
    ("hold_slot.p95 < fast", 16, "found 'fast', expected a number"),
    ("hold_slot.p95 < -1s", 16, "found '-', expected a number"),
    ("hold_slot.p95 < 800", 19, "found no unit, but a time takes ms or s"),
    ("hold_slot.p95 < 800sec", 19, "found 'sec', but a time takes ms or s"),
    ("hold_slot.p95 < 8%", 17, "found '%', but a time takes ms or s"),
    ("hold_slot.errors < 8ms", 20, "found 'ms', but a share takes % or nothing"),
    ("hold_slot.rate > 8", 18, "found no unit, but a rate takes /s"),
    ("hold_slot.rate > 8/m", 18, "found '/m', but a rate takes /s"),
    ("hold_slot.count > 8s", 19, "found 's', but a count takes no unit"),
    ("hold_slot.p95 < 1s or more", 19, "found 'or' after the end of the gate"),
    ("hold_slot.p95 < 1s; x", 18, "';' is not part of the gate language"),
    ("recovery(slw) < 1s", 9, "'slw' is no fault; known are slow, silent; did you mean 'slow'?"),
    ("recovery(slow < 1s", 14, "found '<', expected ')'"),
    ("recovery.p95 < 1s", 0, "'recovery' is no step; "),
]


@pytest.mark.parametrize(("text", "subject", "limit"), READ)
def test_a_gate_is_read_into_its_figure_and_its_limit_in_base_units(text, subject, limit):
    """Text becomes subject and limit; seconds, shares, per second and counts are the base units."""
    gate = parse(text, VOCABULARY)
    assert gate.subject == subject
    assert gate.limit == pytest.approx(limit)
    assert gate.text == text


@pytest.mark.parametrize(("text", "offset", "message"), REFUSED)
def test_an_unreadable_gate_is_refused_at_the_character_that_is_wrong(text, offset, message):
    """The error says what was found and expected, and its caret stands below that very character."""
    with pytest.raises(GateError) as caught:
        parse(text, VOCABULARY)
    assert message in caught.value.message
    assert caught.value.pointer == f"{text}\n{' ' * offset}^"


def test_windows_of_faults_are_refused_where_there_is_no_fault():
    """`[fault]` and `[recovery]` would never have data in an experiment without faults."""
    for window in ("fault", "recovery"):
        with pytest.raises(GateError, match=f"the window '{window}' needs a fault, and this experiment has none"):
            parse(f"pay.p95[{window}] < 1s", Vocabulary())


percentiles = st.decimals(50, Decimal("99.9"), places=1).map(Percentile)
latencies = percentiles | st.sampled_from([Stat.MEAN, Stat.MAX])
instants = st.decimals(0, 59, places=3, allow_nan=False)
time_windows = st.lists(instants, min_size=2, max_size=2, unique=True).map(sorted).map(lambda pair: TimeWindow(*pair))
named_windows = st.sampled_from(["closed", "rush", "drain", "fault", "recovery", "slow", "silent"]).map(NamedWindow)
windows = st.none() | time_windows | named_windows
steps = st.sampled_from([*STEPS, "all"])
subjects = st.one_of(
    st.builds(StepFigure, steps, latencies, st.sampled_from(Measure), windows),
    st.builds(
        StepFigure,
        steps,
        st.sampled_from([Stat.RATE, Stat.ERRORS, Stat.COUNT]),
        st.just(Measure.RESPONSE),
        windows,
    ),
    st.builds(CodeWait, latencies, windows),
    st.just(MissingCodes()),
    st.sampled_from(["slow", "silent"]).map(Recovery),
)


@st.composite
def gates(draw):
    subject = draw(subjects)
    unit = draw(st.sampled_from([unit for unit in UNITS.values() if subject.dimension in unit.dimensions]))
    value = draw(st.decimals(0, 100_000, places=3, allow_nan=False))
    return Gate(subject, draw(st.sampled_from(list(OPERATORS))), value, unit, text="")


@given(gates())
def test_every_gate_is_read_back_from_its_own_text(gate):
    """Writing a gate and reading it again gives the same gate."""
    assert parse(str(gate), VOCABULARY) == gate


@given(st.text(st.sampled_from("hold_slot.p95[rush]<=80ms%/ ()x9é"), max_size=30))
def test_no_text_makes_the_reader_fail_in_another_way(text):
    """Whatever is written, the reader returns a gate or points into the text."""
    outcome = read(text)
    assert isinstance(outcome, Gate) or 0 <= outcome.offset <= len(text)


def test_every_dimension_has_a_unit():
    """No statistic is left without a way to write its limit."""
    assert {dimension for unit in UNITS.values() for dimension in unit.dimensions} == set(Dimension)
