"""The patterns of arrivals: counts and instants as their curves say, added up, and the same for any workers."""

from collections import Counter
from itertools import pairwise
from math import exp, inf, sin
from pathlib import Path
from random import Random
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.load.arrivals import Drawn, Even, Instants, Poisson, Rates, Wave, head_count, patterns, schedule, shard
from loket.load.arrivals.trace import BadTrace, read_trace

RAMP = Rates(((10, 0), (30, 20), (40, 20), (40, 5), (60, 5)))
knots = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 50)), min_size=2, max_size=8).map(
    lambda found: tuple(sorted(found, key=lambda knot: knot[0]))
)


def integral(rates: Rates, until_s: float, parts: int = 20_000) -> float:
    """The people by then, summed by hand in thin slices."""

    def rate(second: float) -> float:
        for (from_s, low), (to_s, high) in pairwise(rates.knots):
            if from_s <= second < to_s:
                return low + (high - low) * (second - from_s) / (to_s - from_s)
        return 0.0

    first_s = rates.knots[0][0]
    width_s = (until_s - first_s) / parts
    return sum(rate(first_s + width_s * (number + 0.5)) * width_s for number in range(parts))


@pytest.mark.parametrize("come", [0.5, 50, 199, 201, 399, 401, 450, 499])
def test_the_inverse_undoes_the_integral(come):
    """The instant by which so many are expected is the one at which the curve's area is so large."""
    assert RAMP.total == pytest.approx(500)
    assert integral(RAMP, RAMP.instant(come)) == pytest.approx(come, abs=0.05)


@given(knots=knots, parts=st.lists(st.floats(0, 1), min_size=2, max_size=20).map(sorted))
def test_the_inverse_keeps_the_order_and_stays_within_the_curve(knots, parts):
    """Whatever the curve: more people are never expected earlier, nor outside of it."""
    rates = Rates(knots)
    instants = [rates.instant(part * rates.total) for part in parts]
    assert instants == sorted(instants)
    assert knots[0][0] <= instants[0] <= instants[-1] <= knots[-1][0]


def test_an_even_pattern_is_as_even_as_its_curve():
    """A constant rate has equal gaps; on any curve one person comes at the middle of each unit of its area."""
    instants = list(Even(Rates.constant(4, 10, 20)).instants(Random(1)))
    assert instants == pytest.approx([10.125 + number / 4 for number in range(40)])
    assert [RAMP.instant(number + 0.5) for number in range(500)] == list(Even(RAMP).instants(Random(2)))


def test_a_poisson_pattern_has_a_count_of_its_own_each_time():
    """Over many seeds the count's mean and variance are both the curve's total, as of a Poisson process."""
    counts = [sum(1 for _ in Poisson(RAMP).instants(Random(seed))) for seed in range(2_000)]
    assert mean(counts) == pytest.approx(500, abs=4 * (500 / 2_000) ** 0.5)
    assert variance(counts) == pytest.approx(500, rel=4 * (2 / 2_000) ** 0.5)


@pytest.mark.parametrize("pattern", [Poisson(RAMP), Drawn(RAMP, 500)])
def test_people_at_random_come_as_the_curve_says(pattern):
    """The mean count of each part is its area, within four standard deviations over 400 seeds."""
    seeds = 400
    came = Counter(int(at_s // 10) for seed in range(seeds) for at_s in pattern.instants(Random(seed)))
    for part, area in ((1, 50), (2, 150), (3, 200), (4, 50), (5, 50)):
        assert came[part] / seeds == pytest.approx(area, abs=4 * (area / seeds) ** 0.5)
    assert sum(came.values()) == sum(came[part] for part in (1, 2, 3, 4, 5))


def test_the_gaps_of_a_poisson_pattern_are_memoryless():
    """At a constant rate as many gaps are longer than t as exp(-rate·t) says."""
    instants = list(Poisson(Rates.constant(10, 0, 3_000)).instants(Random(3)))
    gaps = [after - before for before, after in pairwise(instants)]
    for t in (0.02, 0.1, 0.3):
        share = exp(-10 * t)
        assert sum(gap > t for gap in gaps) / len(gaps) == pytest.approx(share, abs=4 * (share / len(gaps)) ** 0.5)


def test_any_curve_can_be_followed():
    """A function is a curve once it is looked at often enough."""
    rates = Rates.of(lambda second: 5 + 5 * sin(second), 0, 6, every_s=0.01)
    assert rates.total == pytest.approx(30 + 5 * (1 - 0.9601702866503661), rel=1e-4)


WAVES = (
    Wave(crowd=40),
    Wave(knots=((0, 3), (20, 3))),
    Wave(knots=((5, 0), (15, 4)), process="even"),
    Wave(instants=(20.0,) * 30),
    Wave(instants=(1.5, 0.25, 19.0)),
)
OWN = Rates.constant(1, 0, 20)


@given(seed=st.integers(0, 2**40), workers=st.integers(1, 7))
def test_patterns_add_up_and_are_the_same_for_any_number_of_workers(seed, workers):
    """All people of all patterns come, once each, in order, and the head count says how many before anybody does."""
    whole = schedule(patterns(WAVES, OWN), seed)
    assert len(whole) == head_count(WAVES, seed)
    assert [one.index for one in whole] == list(range(len(whole)))
    assert [one.at_s for one in whole] == sorted(one.at_s for one in whole)
    dealt = [one for number in range(workers) for one in shard(whole, number, workers)]
    assert sorted(dealt, key=lambda one: one.index) == list(whole)
    assert sum(one.at_s == 20.0 for one in whole) == 30
    assert {1.5, 0.25, 19.0} <= {one.at_s for one in whole}


def test_a_pattern_more_moves_nobody_of_the_others():
    """Each pattern has its own dice: who adds a burst to an experiment still meets the same people beside it."""
    few = {one.at_s for one in schedule(patterns(WAVES[:2], OWN), seed=9)}
    more = {one.at_s for one in schedule(patterns((*WAVES[:2], Wave(instants=(3.0,))), OWN), seed=9)}
    assert more == few | {3.0}


@pytest.mark.parametrize(
    "wrong", [(), ((0, 1),), ((5, 1), (2, 1)), ((0, 1), (1, -1))], ids=["none", "one", "backwards", "negative"]
)
def test_an_impossible_curve_is_refused(wrong):
    """What no crowd could follow is an error at once."""
    with pytest.raises(ValueError, match=r"knots|rate"):
        Rates(wrong)


def test_a_recorded_trace_is_read_as_it_is(tmp_path):
    """A heading and further columns do not matter; the order of the file is kept, for the schedule sorts."""
    trace = tmp_path / "arrivals.csv"
    trace.write_text("second,who\n0.5,a\n\n12.25,b\n3,c\n")
    assert read_trace(trace) == (0.5, 12.25, 3.0)
    assert list(Instants(read_trace(trace)).instants(Random())) == [0.5, 12.25, 3.0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("second\n1.0\nsoon\n", "line 3: found 'soon', expected seconds"),
        ("1.0\n-2\n", "line 2: found '-2', expected seconds"),
        (f"1.0\n{inf}\n", "line 2: found 'inf', expected seconds"),
        ("second\n", "has no instant in it"),
        ("", "has no instant in it"),
    ],
)
def test_a_file_that_is_no_trace_is_told_by_its_line(tmp_path, text, sentence):
    """One sentence: which file, where, what was found."""
    trace = tmp_path / "arrivals.csv"
    trace.write_text(text)
    with pytest.raises(BadTrace, match=sentence):
        read_trace(trace)


def test_a_trace_that_cannot_be_read_is_told(tmp_path: Path):
    """Nothing there, and something that is no text."""
    with pytest.raises(BadTrace, match="cannot be read: No such file"):
        read_trace(tmp_path / "nowhere.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BadTrace, match="is no CSV file"):
        read_trace(tmp_path / "picture.csv")
