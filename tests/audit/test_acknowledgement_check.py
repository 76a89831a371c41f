"""Invariant 3: what a person was told is booked exists."""

from loket.verdict import CheckVerdict


def test_holds_when_every_answer_has_its_event(story):
    """Hold and billing request, each with its key in the service's events."""
    story.attempt("hold_slot", "ok", key="k1", application_id="a1", slot="s1").held("a1", key="k1")
    story.attempt("request_billing", "ok", key="k2", application_id="a1").asked("a1", key="k2")
    result = story.check(3)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 2)


def test_fires_when_a_hold_was_acknowledged_and_never_happened(story):
    """The witness is what the person was told, and the silence of the service."""
    result = story.attempt("hold_slot", "ok", user=7, key="k1", application_id="a1").check(3)
    [violation] = result.violations
    assert violation.sentence == (
        "Person 7 of w1 was told that hold_slot succeeded for application a1, and the service has no held event for it."
    )
    assert violation.witness == (
        "0.000 s  person 7 of w1: hold_slot asked (key k1, attempts: 1)",
        "1.000 s  person 7 of w1: hold_slot accepted (key k1)",
    )


def test_fires_when_an_accepted_billing_request_left_nothing(story):
    """202 is a promise too; the witness shows the hold that there was."""
    story.held("a1").attempt("request_billing", "ok", key="k2", application_id="a1")
    result = story.check(3)
    assert result.violation_count == 1
    assert result.violations[0].witness[0] == "0.000 s  service #1: held (application a1, slot s1)"


def test_fires_when_the_key_booked_for_somebody_else(story):
    """The event under the person's key belongs to another application."""
    result = story.attempt("hold_slot", "ok", key="k1", application_id="a1").held("a2", key="k1").check(3)
    assert result.verdict is CheckVerdict.VIOLATED


def test_fires_when_a_billing_event_stands_in_for_the_hold(story):
    """A key is acknowledged by the event of its own step only."""
    result = story.attempt("hold_slot", "ok", key="k1", application_id="a1").asked("a1", key="k1").check(3)
    assert result.verdict is CheckVerdict.VIOLATED


def test_a_retry_after_a_time_out_that_had_succeeded_is_one_kept_promise(story):
    """Timed out, done all the same, answered at the second attempt."""
    story.attempt("hold_slot", "info", key="k1", application_id="a1").held("a1", key="k1")
    story.attempt("hold_slot", "ok", key="k1", application_id="a1", attempt=2)
    result = story.check(3)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 1)


def test_an_unknown_outcome_promises_nothing(story):
    """Time-outs and refusals are exempt, and alone they prove nothing."""
    story.attempt("hold_slot", "info", key="k1", application_id="a1")
    result = story.attempt("hold_slot", "fail", key="k2", application_id="a2").check(3)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "nothing was ever acknowledged")


def test_is_unknown_when_too_many_outcomes_stay_open(story):
    """One write in two unresolved is more than the limit."""
    story.attempt("hold_slot", "ok", key="k1", application_id="a1").held("a1", key="k1")
    story.attempt("hold_slot", "info", key="k2", application_id="a2").rested(unhealed=["edge_cut"])
    result = story.check(3)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note == "the outcome of 1 of 2 writes is unknown, more than 1%"


def test_a_lost_booking_stays_lost_however_many_outcomes_are_open(story):
    """Doubts never outweigh a proven breach."""
    story.attempt("hold_slot", "ok", key="k1", application_id="a1")
    story.attempt("hold_slot", "info", key="k2", application_id="a2").rested(unhealed=["edge_cut"])
    assert story.check(3).verdict is CheckVerdict.VIOLATED
