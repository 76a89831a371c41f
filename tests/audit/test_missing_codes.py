"""Who asked for the payment code and never saw one, and where it stopped."""

import pytest

from loket.records import Outcome
from loket.verdict import MissingCode
from loket.waits import Wait


def asks(story, application="a1", user=1, result="ok"):
    """One person holds a place and asks for the code; the request is durable."""
    story.arrived(user).held(application)
    story.attempt("request_billing", result, user=user, key=f"{application}-bill", application_id=application)
    return story.asked(application, key=f"{application}-bill")


def polls(story, code=None, application="a1", user=1, **facts):
    """One look for the code."""
    result = facts.pop("result", "ok")
    return story.attempt("billing_code", result, user=user, application_id=application, billing_code=code, **facts)


def test_a_code_that_was_seen_is_not_missing(story):
    """Pending first, then shown."""
    asks(story)
    polls(story)
    story.issued("a1", "81")
    assert polls(story, "81").audit().missing_codes == ()


def test_a_code_never_issued_is_traced_to_its_last_failed_attempt(story):
    """Everything known of the missing code, from the service, the journal and the network."""
    story.fault("simponi_slow", "requested").fault("simponi_slow", "confirmed")
    asks(story)
    story.event("bill_attempt_failed", "a1", reason="timeout", attempt=1)
    story.event("bill_attempt_failed", "a1", reason="breaker_open", attempt=2)
    story.at(20).left(Outcome.NO_CODE)
    story.fault("simponi_slow", "healed").at(30).fault("edge_cut", "requested")
    assert story.audit().missing_codes == (
        MissingCode(
            application_id="a1",
            applicant="a1-person",
            asked_s=4.0,
            last_step="bill_attempt_failed",
            last_step_s=8.0,
            fate="never_issued",
            waited_s=16.0,
            failed_attempts=2,
            last_error="breaker_open",
            faults_active=("simponi_slow",),
        ),
    )


def test_a_code_issued_and_not_seen_is_the_last_mile(story):
    """The service had it; the person's polls failed, and the expiry afterwards is not part of the code's chain."""
    asks(story).issued("a1", "81")
    polls(story, result="info", error_class="read_timeout")
    story.left(Outcome.NO_CODE).event("expired", "a1", billing_code="81").released("a1")
    [code] = story.audit().missing_codes
    assert (code.fate, code.last_step, code.last_error) == ("issued_not_shown", "bill_issued", "read_timeout")


def test_a_final_failure_gave_the_place_back(story):
    """The service said no in the end, honestly."""
    asks(story).event("billing_failed", "a1").released("a1", reason="billing_failed")
    [code] = story.audit().missing_codes
    assert (code.fate, code.last_step) == ("place_returned", "billing_failed")


@pytest.mark.parametrize("result", ["info", None])
def test_an_unknown_request_that_is_durable_counts(story, result):
    """The person was told nothing, and the service owes the code all the same."""
    [code] = asks(story, result=result).audit().missing_codes
    assert code.last_step == "billing_requested"


def test_an_unknown_request_that_left_no_trace_does_not_count(story):
    """Nothing was asked of the service."""
    story.held("a1").attempt("request_billing", "info", key="k1", application_id="a1")
    assert story.audit().missing_codes == ()


def test_a_refused_request_does_not_count(story):
    """The person was told that there will be no code."""
    story.held("a1").attempt("request_billing", "fail", key="k1", application_id="a1")
    assert story.audit().missing_codes == ()


def test_an_accepted_request_that_is_not_durable_stops_at_the_hold(story):
    """202 and nothing behind it: the chain ends before the outbox."""
    story.held("a1").attempt("request_billing", "ok", key="k1", application_id="a1")
    [code] = story.audit().missing_codes
    assert (code.last_step, code.fate, code.waited_s) == ("held", "never_issued", None)


def test_asking_again_is_one_missing_code(story):
    """One application is one person's code, however often they asked."""
    asks(story)
    story.attempt("request_billing", "ok", key="again", application_id="a1")
    [code] = story.audit().missing_codes
    assert code.asked_s == 2.0


def test_without_events_the_chain_is_unknown(story):
    """The journal alone knows that the code is missing, not where it stopped."""
    [code] = asks(story).without("events.ndjson").audit().missing_codes
    assert (code.last_step, code.fate, code.applicant) == ("unknown", "unknown", "person 1 of w1")


def test_a_fault_still_in_the_network_counts_as_active(story):
    """A fault that was never healed lasts; one that could not be confirmed healed does too."""
    asks(story.fault("simponi_cut", "requested")).fault("simponi_cut", "heal_requested")
    [code] = story.audit().missing_codes
    assert code.faults_active == ("simponi_cut",)


def test_a_fault_healed_before_the_asking_is_not_active(story):
    """What was over cannot have hurt."""
    asks(story.fault("simponi_cut", "requested").fault("simponi_cut", "healed"))
    [code] = story.audit().missing_codes
    assert code.faults_active == ()


def test_waits_run_from_the_first_asking_to_the_first_sight(story):
    """Also for those who never saw a code, without a figure."""
    asks(story)
    polls(story, "81")
    polls(story, "81")
    asks(story, "a2", user=2)
    assert story.audit().waits == (Wait(2.0, 4.0), Wait(11.0, None))


def test_polls_that_only_say_pending_leave_the_code_missing(story):
    """An answer is not a code."""
    asks(story)
    assert len(polls(story).audit().missing_codes) == 1


def test_an_earlier_hold_that_lapsed_is_not_the_code_s_fate(story):
    """The place that was given back is not the one the code was asked for."""
    story.held("a1").released("a1", reason="hold_lapsed")
    [code] = asks(story).audit().missing_codes
    assert code.fate == "never_issued"
