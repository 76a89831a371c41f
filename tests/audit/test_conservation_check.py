"""Invariant 2: places neither appear nor vanish."""

import pytest

from loket.verdict import CheckVerdict


def test_holds_over_a_payment_an_expiry_and_a_failure(story):
    """Paid keeps its place; expired and failed give theirs back."""
    story.opened("s1", 3).booked("a1", "81").booked("a2", "82").held("a3").asked("a3")
    story.paid("a1", "81").event("expired", "a2", billing_code="82").released("a2")
    result = story.released("a3", reason="billing_failed").event("billing_failed", "a3").check(2)
    assert result.verdict is CheckVerdict.HOLDS
    assert result.examined == 3


def test_holds_when_a_late_payment_takes_a_free_place(story):
    """Expired, given back, held again for the late money, paid."""
    story.opened("s1", 1).booked("a1", "81").event("expired", "a1", billing_code="81").released("a1")
    story.event("late_payment", "a1", billing_code="81").held("a1", reason="late_payment")
    assert story.paid("a1", "81", reason="late_honoured").check(2).verdict is CheckVerdict.HOLDS


def test_fires_when_a_place_is_released_twice(story):
    """The second release gives back a place that nobody holds; the witness tells the booking's life."""
    result = story.opened("s1", 1).held("a1").released("a1").released("a1").check(2)
    assert result.verdict is CheckVerdict.VIOLATED
    [violation] = result.violations
    assert violation.sentence == "Application a1 gave back a place in slot s1 that it did not hold."
    assert violation.witness == (
        "1.000 s  service #2: held (application a1, slot s1)",
        "2.000 s  service #3: released (application a1, slot s1, reason expired)",
        "3.000 s  service #4: released (application a1, slot s1, reason expired)",
    )


def test_fires_when_the_place_goes_back_to_another_slot(story):
    """A place returns where it was taken."""
    result = story.opened("s1", 1).opened("s2", 1).held("a1", "s1").released("a1", "s2").check(2)
    assert result.violations[0].sentence == "Application a1 gave back a place in slot s2 that it did not hold."


@pytest.mark.parametrize("ending", ["expired", "billing_failed"])
def test_fires_when_an_ended_application_keeps_its_place(story, ending):
    """A quota leak: the application is over and its place is gone for ever."""
    result = story.opened("s1", 1).held("a1").event(ending, "a1").check(2)
    assert result.violations[0].sentence == "Application a1 ended and its place was never given back."
    assert len(result.violations[0].witness) == 2


def test_fires_when_a_leaked_place_is_followed_by_another(story):
    """Holding again does not hide that the first place never came back."""
    result = story.opened("s1", 2).held("a1").event("expired", "a1").held("a1").check(2)
    assert result.violation_count == 1


def test_fires_when_a_payment_counts_a_place_that_was_not_held(story):
    """Expired and given back, then marked as paid: a place out of nothing."""
    story.opened("s1", 1).booked("a1", "81").event("expired", "a1", billing_code="81").released("a1")
    result = story.paid("a1", "81").check(2)
    assert result.violations[0].sentence == "Application a1 was counted as paid without holding a place."


def test_a_leak_is_unknown_where_the_service_got_no_time(story):
    """Without a quiet end the place may still come back."""
    story.opened("s1", 1).held("a1").event("expired", "a1").rested(unhealed=["simponi_slow"])
    result = story.check(2)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert (
        result.note
        == "applications that ended and still hold their place: 1, but faults were still active: simponi_slow"
    )


def test_is_unknown_when_nothing_was_held(story):
    """A vacuous run proves nothing."""
    result = story.opened("s1", 1).check(2)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "no place was ever held")


def test_a_leaked_place_is_told_even_when_the_next_one_is_paid(story):
    """Late money took a second place; the first never came back."""
    story.opened("s1", 2).booked("a1", "81").event("expired", "a1", billing_code="81")
    story.held("a1", reason="late_payment").paid("a1", "81", reason="late_honoured")
    assert story.check(2).violation_count == 1


def test_an_expiry_overtaken_by_the_payment_leaks_nothing(story):
    """The place is paid, whatever was said before: it is not lost."""
    story.opened("s1", 1).booked("a1", "81").event("expired", "a1", billing_code="81").paid("a1", "81")
    assert story.check(2).verdict is CheckVerdict.HOLDS


def test_holds_over_a_move_a_cancellation_and_an_uncollected_passport(story):
    """Moved: one place for another. Cancelled by its owner: it came back. Uncollected: it was used."""
    story.booked("a1", "81").paid("a1", "81").released("a1", "s1", reason="rescheduled")
    story.held("a1", "s2", reason="rescheduled").event("cancelled", "a1", reason="uncollected")
    story.held("a2").released("a2", reason="cancelled").event("cancelled", "a2", reason="cancelled")
    assert story.check(2).verdict is CheckVerdict.HOLDS


def test_fires_when_a_cancelled_application_keeps_its_place(story):
    """Given up, and never given back."""
    result = story.held("a1").event("cancelled", "a1", reason="cancelled").check(2)
    assert [v.sentence for v in result.violations] == ["Application a1 ended and its place was never given back."]


def test_fires_when_a_move_gives_back_a_place_that_was_not_held(story):
    """The old slot must be the one it had."""
    result = story.held("a1", "s1").released("a1", "s2", reason="rescheduled").check(2)
    assert result.verdict is CheckVerdict.VIOLATED
