"""Figures against exact answers worked out from the raw samples, without histograms."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.gate.distribution import Distribution
from loket.gate.figures import measure, samples_needed
from loket.gate.judgement import judge
from loket.gate.phases import Span
from loket.load.histogram import Histogram
from loket.verdict import GateVerdict

WITHIN_HISTOGRAM_ERROR = pytest.approx


def nearest_rank(values, rank):
    """The exact percentile: the smallest value that `rank` % of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(1, ceil(Fraction(rank) * len(ordered) / 100)) - 1]


@given(
    st.lists(st.integers(1, 600_000_000), min_size=1, max_size=200),
    st.sampled_from(["50", "75", "90", "95", "99", "99.9"]),
)
def test_a_percentile_is_the_exact_one_within_a_thousandth(micros, rank):
    """At most 0.1 % above the nearest-rank percentile of the raw values, and never below it."""
    exact_us = nearest_rank(micros, rank)
    found_us = Distribution.of([Histogram.of(micros).encode()]).percentile_s(Decimal(rank)) * 1e6
    assert exact_us - 1e-6 <= found_us <= exact_us * 1.001 + 1e-6


@given(st.lists(st.integers(1, 600_000_000), min_size=1, max_size=200))
def test_mean_and_max_are_the_exact_ones_within_a_thousandth(micros):
    """The mean lies within 0.1 % of the exact mean, the maximum at most 0.1 % above the exact one."""
    found = Distribution.of([Histogram.of(micros).encode()])
    assert found.mean_s() * 1e6 == pytest.approx(sum(micros) / len(micros), rel=1e-3)
    assert max(micros) - 1e-6 <= found.max_s() * 1e6 <= max(micros) * 1.001 + 1e-6


@given(st.lists(st.integers(1, 600_000_000), min_size=1, max_size=60), st.integers(1, 6))
def test_any_number_of_workers_gives_the_same_distribution(micros, workers):
    """Samples dealt out to N workers merge into exactly the distribution of one."""
    hands = [micros[index::workers] for index in range(workers)]
    dealt = Distribution.of([Histogram.of(hand).encode() for hand in hands if hand])
    assert dealt == Distribution.of([Histogram.of(micros).encode()])


def test_one_worker_and_four_are_judged_alike(build, gate):
    """The verdict and the figure do not depend on how many workers carried the load."""
    latencies = [float(value) for value in range(1, 401)]
    alone = build.samples(*(build.second(second, latencies) for second in range(10, 20)))
    shared = build.samples(
        *(build.second(second, latencies[part::4], worker=f"w{part}") for second in range(10, 20) for part in range(4))
    )
    gates = [gate("hold_slot.p99[rush] < 400ms"), gate("all.mean < 200ms"), gate("hold_slot.rate[rush] > 100/s")]
    assert judge(gates, alone) == judge(gates, shared)


def test_only_seconds_that_begin_inside_the_window_count(build, gate):
    """The second of the opening belongs to the rush, the second of its end to the drain, half a second to neither."""
    rows = [build.second(second, [second]) for second in (9, 10, 39, 40)]
    samples = build.samples(*rows, faults={"slow": Span(9.5, 39.0)})
    assert measure(gate("hold_slot.count[closed] > 0").subject, samples).value == 1
    assert measure(gate("hold_slot.count[rush] > 0").subject, samples).value == 2
    assert measure(gate("hold_slot.count[drain] > 0").subject, samples).value == 1
    assert measure(gate("hold_slot.count[slow] > 0").subject, samples).value == 1
    assert measure(gate("hold_slot.max[9s..11s] < 1s").subject, samples).value == WITHIN_HISTOGRAM_ERROR(
        0.010, rel=1e-3
    )


def test_a_window_of_all_faults_counts_an_overlap_once(build, gate):
    """`[fault]` is the union of the faults' windows; `[recovery]` begins when the last is healed."""
    rows = [build.second(second, [1.0]) for second in range(50)]
    samples = build.samples(*rows, faults={"slow": Span(10, 20), "silent": Span(15, 25)})
    assert measure(gate("hold_slot.count[fault] > 0").subject, samples).value == 15
    assert measure(gate("hold_slot.count[recovery] > 0").subject, samples).value == 25


def test_response_and_service_are_two_figures(build, gate):
    """A latency is the response the person felt unless the gate says `.service`."""
    samples = build.samples(build.second(12, [100.0, 100.0]))
    assert measure(gate("hold_slot.p50 < 1s").subject, samples).value == WITHIN_HISTOGRAM_ERROR(0.1, rel=1e-3)
    assert measure(gate("hold_slot.service.p50 < 1s").subject, samples).value == WITHIN_HISTOGRAM_ERROR(0.01, rel=1e-3)


def test_errors_are_all_that_got_no_declared_answer(build, gate):
    """Undeclared answers, time-outs and requests without any answer are errors; a declared refusal is not."""
    row = build.second(12, [1.0] * 6, errors=1, unknown=2, refused=1)
    samples = build.samples(row)
    assert measure(gate("hold_slot.errors < 1%").subject, samples).value == 0.3


def test_rate_counts_declared_answers_over_the_seconds_there_were(build, gate):
    """30 answers in three seconds of a rush that ended early are 10 a second; errors are no answers."""
    samples = build.samples(*(build.second(second, [1.0] * 9, refused=1, errors=5) for second in (10, 11, 12)))
    assert measure(gate("hold_slot.rate[rush] > 1/s").subject, samples).value == 10


def test_all_adds_up_every_step(build, gate):
    """The pseudo step `all` sees the requests of every step."""
    samples = build.samples(build.second(12, [1.0]), build.second(12, [9.0, 9.0], step="pay", errors=1))
    assert measure(gate("all.count > 1").subject, samples).value == 4
    assert measure(gate("all.max < 1s").subject, samples).value == WITHIN_HISTOGRAM_ERROR(0.009, rel=1e-3)


def test_mail_is_no_request_to_the_service_under_test(build, gate):
    """People read it past the network: it has figures of its own, and no part in those of all steps."""
    samples = build.samples(build.second(12, [1.0]), build.second(12, [900.0], step="read_mail"))
    assert measure(gate("all.count > 1").subject, samples).value == 1
    assert measure(gate("read_mail.count > 1").subject, samples).value == 1


def test_a_wait_that_never_ended_is_infinite(build, gate):
    """One of ten without a code: p90 is a time, p95 and the mean are not; the note counts the one."""
    samples = build.samples(waits=build.waits(*((12.0, float(value)) for value in range(1, 10)), (13.0, None)))
    ninetieth = measure(gate("billing_code.wait.p90 < 30s").subject, samples)
    assert ninetieth.value == 9.0
    assert ninetieth.note.startswith("1 of 10 people never saw a code; only 10 samples")
    for stat in ("p95", "mean", "max"):
        assert measure(gate(f"billing_code.wait.{stat} < 30s").subject, samples).value == inf


def test_a_wait_belongs_to_the_window_it_began_in(build, gate):
    """A wait begun before the fault does not count into the fault, however long it lasts."""
    waits = build.waits((9.9, 30.0), (10.0, 2.0), (19.9, 4.0), (20.0, 50.0))
    samples = build.samples(waits=waits, faults={"slow": Span(10.0, 20.0)})
    assert measure(gate("billing_code.wait.max[fault] < 30s").subject, samples).value == 4.0


@pytest.mark.parametrize(("rank", "needed"), [("50", 5), ("95", 59), ("99", 299), ("99.9", 2995)])
def test_a_percentile_on_too_few_samples_says_so(build, gate, rank, needed):
    """One sample less than the bound needs gets a note, the bound itself none; both are judged."""
    assert samples_needed(Decimal(rank)) == needed
    for count, noted in ((needed - 1, True), (needed, False)):
        [result] = judge([gate(f"hold_slot.p{rank} < 1s")], build.samples(build.second(12, [5.0] * count)))
        assert result.verdict is GateVerdict.PASSED
        assert bool(result.note) is noted
        assert result.samples == count
