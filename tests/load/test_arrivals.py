"""The schedule: exact counts, the right shape, and the same people whoever sends them."""

from collections import Counter
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.load.arrivals import Drawn, Rush, schedule, shard

RUSH = Rush(starts_s=0, ready_by_s=12, ends_s=60, tau_s=8)


@given(people=st.integers(0, 300), seed=st.integers(0, 2**40), workers=st.integers(1, 7))
def test_the_shards_of_any_number_of_workers_are_the_whole(people, seed, workers):
    """Nobody is lost and nobody comes twice, for 1..N workers."""
    whole = schedule([Drawn(RUSH, people)], seed)
    shards = [list(shard(whole, number, workers)) for number in range(workers)]
    assert sorted((one for part in shards for one in part), key=lambda one: one.index) == list(whole)
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@given(people=st.integers(1, 300), seed=st.integers(0, 2**40))
def test_exactly_as_many_people_come_as_planned_and_in_order(people, seed):
    """The count is exact; every instant lies within the curve; person 0 comes first."""
    whole = schedule([Drawn(RUSH, people)], seed)
    assert [one.index for one in whole] == list(range(people))
    instants = [one.at_s for one in whole]
    assert instants == sorted(instants)
    assert instants[0] >= 0
    assert instants[-1] <= 60


def test_another_seed_makes_another_schedule():
    """The seed decides."""
    fifty = [Drawn(RUSH, 50)]
    assert schedule(fifty, seed=1) == schedule(fifty, seed=1) != schedule(fifty, seed=2)


def share_by(second):
    """The share of RUSH's people who have come by then, worked out by hand from what its fields promise."""
    early = (min(second, 12) / 12) ** 2
    steady = second / 60
    late = (1 - exp(-(max(second, 12) - 12) / 8)) / (1 - exp(-(60 - 12) / 8))
    return 0.6 * early + 0.1 * steady + 0.3 * late


@pytest.mark.parametrize(("from_s", "to_s"), [(0, 6), (6, 12), (12, 20), (20, 60)])
def test_people_come_as_the_curve_says(from_s, to_s):
    """The share that arrives in each part is that of the curve, within four standard deviations of 20,000 draws."""
    people = 20_000
    expected = people * (share_by(to_s) - share_by(from_s))
    came = sum(from_s <= one.at_s < to_s for one in schedule([Drawn(RUSH, people)], seed=5))
    assert came == pytest.approx(expected, abs=4 * (expected * (1 - expected / people)) ** 0.5)


def test_the_rush_rises_until_all_are_ready_and_then_decays():
    """The more the later before the opening; the fewer the later from then on."""
    came = Counter(int(one.at_s // 4) for one in schedule([Drawn(RUSH, 20_000)], seed=5))
    assert came[0] < came[1] < came[2]
    assert came[3] > came[4] > came[5] > came[6]


@pytest.mark.parametrize(
    "wrong", [{"ready_by_s": -1}, {"ends_s": 12}, {"tau_s": 0}, {"early_share": 1.1}, {"steady_share": -0.1}]
)
def test_an_impossible_curve_is_refused(wrong):
    """A curve that no crowd could follow is an error at once."""
    with pytest.raises(ValueError, match=r"rush|tau_s"):
        Rush(**{"starts_s": 0, "ready_by_s": 12, "ends_s": 60, "tau_s": 8} | wrong)
