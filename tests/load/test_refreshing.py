"""Impatient people: who refreshes looks again whatever they are told; in a rush without them nobody's dice change."""

from itertools import pairwise
from random import Random

import pytest

from locustfiles._behaviour import Behaviour, Habits
from locustfiles._mpaspor import MPaspor
from locustfiles._people import person
from locustfiles._phone import Phone
from loket.load.answers import Answer, Reply
from loket.records import OperationType
from tests.load.scripted_visitor import ScriptedVisitor


def looks(refreshes: bool) -> list[float]:
    """The instants at which somebody looks for a code for which the service asks them to wait ten seconds."""
    later = Answer(OperationType.OK, True, 202, reply=Reply(), retry_after_s=10.0)
    visitor = ScriptedVisitor(lambda call, turn: later)
    phone = Phone(visitor, Behaviour(refresh_every_s=0.5), refreshes=refreshes)
    mpaspor = MPaspor(person(1, 1), "kupang")
    return [visitor.now_s for _ in phone.poll(lambda: mpaspor.billing_code("a1"))]


def test_who_refreshes_looks_twice_a_second_until_their_patience_ends():
    """Neither the growing pauses of the app nor the service's Retry-After hold them back."""
    seen = looks(refreshes=True)
    gaps = [after - before for before, after in pairwise(seen)]
    assert min(gaps) >= 0.25
    assert max(gaps) <= 0.75
    assert seen[-1] == pytest.approx(80.0, abs=0.75)  # patience of 60 s from the opening at second 20


def test_who_does_not_waits_as_long_as_they_are_asked_to():
    """After the first look nobody comes back sooner than in ten seconds."""
    seen = looks(refreshes=False)
    assert len(seen) > 2
    assert all(after - before >= 10.0 for before, after in pairwise(seen))


def test_as_many_refresh_as_the_behaviour_says_and_nobody_else_is_another_person():
    """The share; and where it is nothing, the dice fall as if the habit did not exist."""
    storm = [Habits.draw(Random(seed), Behaviour(refreshes_share=0.8)) for seed in range(2_000)]
    assert sum(habits.refreshes for habits in storm) / 2_000 == pytest.approx(0.8, abs=0.04)
    calm = Habits.draw(Random(4), Behaviour())
    rng = Random(4)
    rng.lognormvariate(0, 0.6), rng.uniform(0.5, 1.5), rng.random()
    assert not calm.refreshes
    assert calm.channel == rng.choice(Behaviour().channels)
