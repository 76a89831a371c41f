"""Invariant 5: one request makes at most one booking."""

import pytest

from loket.verdict import CheckVerdict


def test_holds_when_a_retried_request_made_one_booking(story):
    """Three attempts, one event."""
    story.opened("s1", 5).attempt("hold_slot", "info", key="k1").held("a1", key="k1")
    story.attempt("hold_slot", "info", key="k1", attempt=2).attempt("hold_slot", "ok", key="k1", attempt=3)
    result = story.check(5)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 1)


def test_fires_when_a_retry_made_a_second_booking(story):
    """The witness is the person's attempts and both rows."""
    story.attempt("hold_slot", "info", key="k1", application_id="a1").held("a1", key="k1")
    story.attempt("hold_slot", "ok", key="k1", application_id="a1", attempt=2).held("a1", key="k1")
    result = story.check(5)
    assert result.violation_count == 1
    [violation] = result.violations
    assert violation.sentence == "One request (key k1) made 2 held events; it may make one at most."
    assert violation.witness == (
        "0.000 s  person 1 of w1: hold_slot asked (key k1, attempts: 2)",
        "2.000 s  service #1: held (application a1, slot s1, key k1)",
        "4.000 s  person 1 of w1: hold_slot accepted (key k1)",
        "5.000 s  service #2: held (application a1, slot s1, key k1)",
    )


def test_fires_for_a_request_whose_outcome_nobody_learnt(story):
    """At most once binds unknown outcomes too."""
    story.attempt("hold_slot", None, key="k1").held("a1", key="k1").held("a2", key="k1")
    assert story.check(5).verdict is CheckVerdict.VIOLATED


def test_fires_when_a_billing_request_was_taken_twice(story):
    """Two billing requests under one key."""
    story.attempt("request_billing", "ok", key="k2").asked("a1", key="k2").asked("a1", key="k2")
    assert story.check(5).violations[0].sentence.startswith("One request (key k2) made 2 billing_requested")


@pytest.mark.parametrize("key", [None, "k2"])
def test_fires_when_an_application_holds_two_places(story, key):
    """A second place without giving the first back, whatever its key."""
    result = story.held("a1", "s1", key="k1").held("a1", "s2", key=key).check(5)
    assert [v.sentence for v in result.violations] == ["Application a1 held 2 places at once."]


def test_holding_again_after_giving_back_is_no_repetition(story):
    """A lapsed hold may be followed by another."""
    result = story.held("a1", key="k1").released("a1", reason="hold_lapsed").held("a1", key="k2").check(5)
    assert result.verdict is CheckVerdict.HOLDS


def test_hold_and_billing_request_may_share_a_key(story):
    """Keys are counted for each kind of request."""
    assert story.held("a1", key="k1").asked("a1", key="k1").check(5).verdict is CheckVerdict.HOLDS


def test_is_unknown_when_no_request_made_a_booking(story):
    """A vacuous run proves nothing."""
    result = story.check(5)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "no request ever made a booking")


def test_a_moved_appointment_is_one_place(story):
    """The old place is given back before the new one is taken, under a key of its own."""
    story.held("a1", "s1", key="k1").released("a1", "s1", reason="rescheduled")
    assert story.held("a1", "s2", key="k2", reason="rescheduled").check(5).verdict is CheckVerdict.HOLDS


def test_fires_when_an_appointment_was_moved_without_giving_the_old_place_back(story):
    """Two places at once."""
    story.held("a1", "s1", key="k1").held("a1", "s2", key="k2", reason="rescheduled")
    assert story.check(5).verdict is CheckVerdict.VIOLATED
