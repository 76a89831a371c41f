"""Codes: one that was asked for comes, once, or the place goes back."""

import pytest

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.relay import LONGEST_WAIT_S


def test_the_outbox_outlives_a_silence_of_simponi(service, one_place):
    """Attempts fail and are told with their reason; once SIMPONI answers again the code comes."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.failure = AttemptFailure.TIMEOUT
    for _ in range(3):
        service.relay()
        service.clock.pass_s(LONGEST_WAIT_S)
    service.simponi.failure = None
    service.relay()
    assert person.see_code(application).status_code == 200
    failed = service.events("bill_attempt_failed")
    assert [(event["attempt"], event["reason"]) for event in failed] == [
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]


def test_an_answer_lost_on_the_way_does_not_make_a_second_bill(service, one_place):
    """SIMPONI made the bill and its answer was lost: the next attempt gets the same code."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.lose_answers = True
    service.relay()
    service.simponi.lose_answers = False
    service.clock.pass_s(LONGEST_WAIT_S)
    service.relay()
    assert len(service.simponi.bills) == 1
    assert person.see_code(application).json["billing_code"] == service.simponi.bills[application].billing_code


def test_an_open_breaker_probes_once_a_second_and_closes_at_the_first_answer(service):
    """While SIMPONI is down few calls reach it; after the first answer every code comes at once."""
    slots = service.release(places=10)
    applications = [service.person().book(slots[number % 2]) for number in range(10)]
    service.simponi.failure = AttemptFailure.REFUSED
    service.relay()
    calls_until_open = service.simponi.calls
    for _ in range(20):
        service.clock.pass_s(0.1)
        service.relay()
    assert calls_until_open == 10
    probes = service.simponi.calls - calls_until_open
    assert 1 <= probes <= 3
    reasons = [event["reason"] for event in service.events("bill_attempt_failed")]
    assert 1 <= reasons.count("breaker_open") <= len(applications) + probes
    service.simponi.failure = None
    service.clock.pass_s(LONGEST_WAIT_S)
    service.relay()
    service.relay()
    assert service.pending()["awaiting_code"] == 0


def test_without_a_code_the_place_goes_back(service, one_place):
    """After the patience for a code: billing_failed, the place free again, 410 for the person."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.failure = AttemptFailure.HTTP_5XX
    service.clock.pass_s(901)
    service.relay()
    answer = person.see_code(application)
    assert (answer.status_code, answer.json["error"]["code"]) == (410, "billing_failed")
    assert service.free() == 1
    (released,) = service.events("released")
    assert (released["reason"], released["slot"]) == ("billing_failed", one_place)
    assert set(service.pending().values()) == {0}


def test_a_code_that_simponi_rejects_for_good_is_not_asked_for_again(service, one_place):
    """A definite refusal ends the wait at once, and the place goes back."""
    service.person().book(one_place)
    service.simponi.failure = AttemptFailure.REJECTED
    service.relay()
    assert service.free() == 1
    assert service.pending()["outbox"] == 0


def test_the_planted_dual_write_loses_the_code(start):
    """M6: one failed call, and neither relay, patience nor expiry ever gives a code or the place back."""
    service = start(MPASPOR_DEFECTS="M6", MPASPOR_SESSION_S="100000")
    (slot,) = service.release(places=1)
    service.simponi.failure = AttemptFailure.TIMEOUT
    called = service.simponi.called
    person = service.person()
    application = person.book(slot)
    assert called.wait(5)
    service.simponi.failure = None
    for _ in range(3):
        service.clock.pass_s(7200)
        service.relay()
        service.jobs.expire()
        service.reconcile()
    assert person.see_code(application).status_code == 202
    assert service.pending()["awaiting_code"] == 1
    assert service.free() == 0


def test_the_clock_of_payment_does_not_run_while_no_code_came(service, one_place):
    """The deadline starts at the issue of the code, however late that is."""
    person = service.person()
    application = person.book(one_place)
    service.clock.pass_s(800)
    service.relay()
    assert person.see_code(application).json["pay_before"] == "2025-02-03T11:13:20.000+07:00"


def test_a_hold_without_a_request_lapses_and_its_owner_may_choose_again(service, one_place):
    """After hold_ttl: the billing request is refused, the place is free, another hold is granted."""
    person = service.person()
    application = person.prepare()
    person.hold(application, one_place)
    service.clock.pass_s(900)
    assert service.jobs.expire() == 1
    assert person.ask_code(application).json["error"]["code"] == "wrong_state"
    assert person.status(application)["timeline"][-1]["state"] == "DOCS_UPLOADED"
    assert person.hold(application, one_place, key="again").status_code == 201


def test_a_code_whose_deadline_is_over_is_not_offered_for_payment(service, awaiting):
    """It is shown as expired from that second on, before the sweep has come by."""
    person, application, code = awaiting
    service.clock.pass_s(7199)
    assert person.see_code(application).json["state"] == "AWAITING_PAYMENT"
    service.clock.pass_s(1)
    person.renew_session()
    shown = person.see_code(application)
    assert (shown.status_code, shown.json["state"], shown.json["billing_code"]) == (200, "EXPIRED", code)


@pytest.mark.parametrize(("after_s", "status"), [(899, 202), (900, 409)])
def test_a_hold_whose_time_is_over_buys_no_code(service, one_place, after_s, status):
    """To the second, although the sweep has not come by."""
    person = service.person()
    application = person.prepare()
    person.hold(application, one_place)
    service.clock.pass_s(after_s)
    assert person.ask_code(application).status_code == status


def test_a_code_is_shown_once_in_the_trail_however_often_it_is_read(service, awaiting):
    """The first reading is an event, later ones are not."""
    person, application, code = awaiting
    person.see_code(application)
    person.status(application)
    assert [event["billing_code"] for event in service.events("code_shown")] == [code]
