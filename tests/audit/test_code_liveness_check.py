"""Invariant 11: every booking gets its payment code in the end, or its place goes back."""

import pytest

from loket.verdict import CheckVerdict


def test_holds_for_a_code_a_final_failure_and_a_lapsed_hold(story):
    """The three good endings of a booking."""
    story.booked("a1", "81")
    story.held("a2").asked("a2").event("billing_failed", "a2").released("a2", reason="billing_failed")
    result = story.held("a3").released("a3", reason="hold_lapsed").check(11)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 3)


def test_the_order_of_failure_and_release_does_not_matter(story):
    """Both are written in one transaction, in either order."""
    story.held("a1").asked("a1").released("a1", reason="billing_failed").event("billing_failed", "a1")
    assert story.check(11).verdict is CheckVerdict.HOLDS


def test_fires_when_a_code_was_asked_for_and_nothing_came(story):
    """The witness ends with the last thing that happened to the booking."""
    story.held("a1").asked("a1", key="k1").event("bill_attempt_failed", "a1", reason="timeout", attempt=1)
    result = story.check(11)
    assert result.violation_count == 1
    [violation] = result.violations
    assert violation.sentence == "Application a1 asked for a code and got neither a code nor a final failure."
    assert violation.witness == (
        "0.000 s  service #1: held (application a1, slot s1)",
        "1.000 s  service #2: billing_requested (application a1, key k1)",
        "2.000 s  service #3: bill_attempt_failed (application a1, reason timeout, attempt 1)",
    )


def test_fires_when_a_final_failure_keeps_the_place(story):
    """Failing is honest only with the place given back."""
    result = story.held("a1").asked("a1").event("billing_failed", "a1").check(11)
    assert result.violations[0].sentence == "Application a1 was finally refused a code and its place did not go back."


def test_fires_when_a_hold_outlives_its_limit(story):
    """Thirty seconds, the grace of the expiry job, and not one more."""
    result = story.held("a1").rested(36).check(11)
    assert result.violations[0].sentence == (
        "Application a1 held a place without asking for a code, beyond the time a hold lasts."
    )


def test_a_hold_within_its_limit_may_still_be_held(story):
    """At the audit's time the hold has not run out."""
    assert story.held("a1").rested(34).check(11).verdict is CheckVerdict.HOLDS


def test_a_second_hold_needs_its_own_code(story):
    """The first booking's ending does not serve the second."""
    story.held("a1").released("a1", reason="hold_lapsed").held("a1").asked("a1")
    assert story.check(11).verdict is CheckVerdict.VIOLATED


def test_a_place_taken_for_late_money_already_has_its_code(story):
    """Late and honoured: nobody waits for a code any more."""
    story.booked("a1", "81").event("expired", "a1", billing_code="81").released("a1")
    assert story.held("a1", reason="late_payment").check(11).verdict is CheckVerdict.HOLDS


def test_a_waiting_booking_is_unknown_where_the_service_got_no_time(story):
    """Faults still in the network: the code may yet come."""
    result = story.held("a1").asked("a1").rested(unhealed=["simponi_slow"]).check(11)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note == "bookings still waiting for their code: 1, but faults were still active: simponi_slow"


def test_a_waiting_booking_is_unknown_where_the_service_was_out_of_reach(story):
    """A service that could not be asked had no chance to keep its promise."""
    story.held("a1").asked("a1").rested(still_pending={"service_unreachable": 1})
    assert story.check(11).verdict is CheckVerdict.UNKNOWN


def test_an_idle_hold_is_unknown_where_its_limit_is_not_known(story):
    """Without the service's agreement nobody can say whether the hold is overdue."""
    result = story.held("a1").silent_on_hold_ttl().check(11)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note == "places held to the end: 1; how long one may be held is not known"


def test_is_unknown_when_nothing_was_held(story):
    """A vacuous run proves nothing."""
    result = story.check(11)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "no place was ever held")


def test_holds_without_rest_where_nobody_is_waiting(story):
    """What is done needs no more time."""
    assert story.booked("a1", "81").rested(unhealed=["simponi_slow"]).check(11).verdict is CheckVerdict.HOLDS


def test_asking_again_for_a_code_that_came_is_no_new_wait(story):
    """The code is there."""
    assert story.booked("a1", "81").asked("a1", key="again").check(11).verdict is CheckVerdict.HOLDS


def test_a_moved_appointment_needs_no_second_code(story):
    """Paid for once; the new place is told as rescheduled."""
    story.booked("a1", "81").paid("a1", "81").released("a1", reason="rescheduled")
    assert story.held("a1", "s2", key="move", reason="rescheduled").check(11).verdict is CheckVerdict.HOLDS


def test_a_number_in_the_counter_queue_needs_no_code(story):
    """It is paid at the counter."""
    assert story.held("a1", key="k1", reason="apapo").check(11).verdict is CheckVerdict.HOLDS


def test_a_place_that_its_owner_gave_up_needs_no_code(story):
    """Cancelled while the code was awaited: the place went back."""
    story.held("a1").asked("a1").released("a1", reason="cancelled")
    assert story.event("cancelled", "a1", reason="cancelled").check(11).verdict is CheckVerdict.HOLDS


@pytest.mark.parametrize("reason", [None, "another"])
def test_any_other_place_needs_its_code(story, reason):
    """The exceptions are named; a reason that is none of them excuses nothing."""
    assert story.held("a1", reason=reason).asked("a1").check(11).verdict is CheckVerdict.VIOLATED
