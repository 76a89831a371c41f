"""How many people got past each step, and how they left."""

from loket.records import Outcome


def counts(story):
    """Step → people."""
    return {step.step: step.people for step in story.audit().funnel}


def test_counts_people_at_every_step_in_order(story):
    """One person goes all the way, one is told that everything is gone."""
    story.arrived(1).arrived(2)
    for step in ("register", "login", "draft", "verify_nik", "upload_document"):
        story.attempt(step, "ok", user=1).attempt(step, "ok", user=2)
    story.attempt("hold_slot", "ok", user=1, key="k1").attempt("hold_slot", "fail", user=2, key="k2")
    story.attempt("request_billing", "ok", user=1, key="k3", application_id="a1")
    story.attempt("billing_code", "ok", user=1, application_id="a1", billing_code="81")
    story.attempt("pay", "ok", user=1, key="k4", billing_code="81")
    story.left(Outcome.CONFIRMED, 1).left(Outcome.SOLD_OUT, 2)
    assert list(counts(story).items()) == [
        ("arrived", 2),
        ("registered", 2),
        ("logged in", 2),
        ("drafted", 2),
        ("NIK verified", 2),
        ("document uploaded", 2),
        ("tried to hold", 2),
        ("held", 1),
        ("asked for the code", 1),
        ("saw the code", 1),
        ("paid", 1),
        ("confirmed", 1),
    ]


def test_a_person_is_counted_once_a_step(story):
    """Retries and repeated polls are still one person."""
    story.attempt("login", "ok").attempt("login", "ok")
    assert counts(story)["logged in"] == 1


def test_a_pending_poll_is_not_a_code(story):
    """Seeing the code means an answer that carries it."""
    story.attempt("billing_code", "ok", application_id="a1")
    assert counts(story)["saw the code"] == 0


def test_an_unknown_outcome_is_not_past_the_step(story):
    """The funnel counts what people saw."""
    story.attempt("hold_slot", "info", key="k1").attempt("register", "info")
    seen = counts(story)
    assert (seen["tried to hold"], seen["held"], seen["registered"]) == (1, 0, 0)


def test_outcomes_count_those_who_left(story):
    """Whoever never left has no outcome."""
    story.arrived(1).left(Outcome.NO_CODE, 1).arrived(2).left(Outcome.NO_CODE, 2).arrived(3).arrived(4)
    assert story.left(Outcome.SOLD_OUT, 4).audit().outcomes == {"sold_out": 1, "no_code": 2}


def test_whoever_was_followed_to_the_passport_had_seen_the_payment_confirmed(story):
    """A later ending is past the confirmation too; the row of the passports stands only where there are any."""
    for user, outcome in enumerate((Outcome.CONFIRMED, Outcome.RECEIVED, Outcome.REJECTED, Outcome.FORFEITED)):
        story.arrived(user).left(outcome, user)
    story.arrived(9).left(Outcome.INFORMED, 9)
    assert (counts(story)["confirmed"], counts(story)["received"]) == (4, 1)
