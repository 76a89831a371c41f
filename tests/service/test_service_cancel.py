"""Cancelling before the payment: the place goes back, and money that comes all the same goes back too."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.domain.events import AttemptFailure

NTPN = "N" * 16
OTHER_NTPN = "M" * 16


@pytest.fixture
def one_place(service):
    """The only slot of the office, with one place."""
    return service.release(places=1)[0]


def _code(answer):
    return answer.json["error"]["code"]


def _draft(person, slot):
    return person.apply()


def _documented(person, slot):
    return person.prepare()


def _held(person, slot):
    application = person.prepare()
    person.hold(application, slot)
    return application


def _requested(person, slot):
    return person.book(slot)


def _awaiting(person, slot):
    application = person.book(slot)
    person.service.relay()
    return application


@pytest.mark.parametrize("reach", [_draft, _documented, _held, _requested, _awaiting])
def test_an_application_is_cancelled_at_any_step_before_the_payment(service, one_place, reach):
    """Whoever had a place gives it back, told before the cancellation; then somebody else can have it."""
    person = service.person()
    application = reach(person, one_place)
    had_place = service.free() == 0
    cancelled = person.cancel(application)
    assert (cancelled.status_code, cancelled.json) == (200, {"application_id": application, "state": "CANCELLED"})
    assert person.status(application)["state"] == "CANCELLED"
    assert person.status(application)["slot"] is None
    assert service.free() == 1
    told = [(event["type"], event.get("reason")) for event in service.events("released", "cancelled")]
    assert told == [("released", "cancelled")] * had_place + [("cancelled", "cancelled")]
    assert set(service.pending().values()) == {0}
    assert service.person().book(one_place)


def test_a_cancellation_sent_twice_is_one(service, one_place):
    """The same key gets the same answer; another key finds nothing left to cancel."""
    person = service.person()
    application = person.book(one_place)
    first, second = (person.cancel(application, key="k") for _ in range(2))
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert _code(person.cancel(application, key="again")) == "wrong_state"
    assert len(service.events("released")) == 1


def test_whoever_has_paid_cannot_cancel(service, one_place):
    """The fee is not given back for a change of mind."""
    person = service.person()
    application = person.pay_for(one_place)
    assert _code(person.cancel(application)) == "wrong_state"
    assert person.status(application)["state"] == "PAID"


def test_a_cancelled_code_is_shown_to_nobody(service, one_place):
    """Nobody is asked to pay for what they cancelled."""
    person = service.person()
    application = _awaiting(person, one_place)
    person.cancel(application)
    assert _code(person.see_code(application)) == "wrong_state"
    assert person.status(application)["billing_code"] is None


def test_money_for_a_cancelled_code_goes_back(service, one_place):
    """Paid after all: a refund is ordered and made, even though a place is free."""
    person = service.person()
    application = _awaiting(person, one_place)
    code = service.simponi.bills[application].billing_code
    person.cancel(application)
    assert service.call_back(code, NTPN).json == {"result": "refund_ordered"}
    service.relay()
    assert service.simponi.refunded == [(code, NTPN)]
    assert person.status(application)["state"] == "REFUNDED"
    assert service.free() == 1


def test_a_bill_made_while_its_owner_cancelled_is_found_once_it_is_paid(service, one_place):
    """SIMPONI made the bill, its answer was lost, the owner cancelled, somebody paid: the money goes back."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.lose_answers = True
    service.relay()
    person.cancel(application)
    code = service.simponi.pay(application, NTPN)
    assert service.reconcile() == 1
    service.relay()
    assert service.simponi.refunded == [(code, NTPN)]
    assert set(service.pending().values()) == {0}


def test_no_bill_is_asked_for_once_its_owner_cancelled(service, one_place):
    """The order leaves the outbox with the cancellation."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.failure = AttemptFailure.TIMEOUT
    service.relay()
    person.cancel(application)
    service.simponi.failure = None
    service.clock.pass_s(10)
    calls = service.simponi.calls
    service.relay()
    assert service.simponi.calls == calls


@pytest.mark.parametrize("rival", ["payment", "lapse", "issue"])
def test_a_cancellation_beside_a_rival_is_decided_by_one_lock(service, rival):
    """Whoever is first wins: one state in the end, the place held or free, the money kept or sent back."""
    slots = service.release(places=8)
    people = [service.person() for _ in range(8)]
    applications = [person.book(slots[number % 2]) for number, person in enumerate(people)]
    if rival != "issue":
        service.relay()
    if rival == "lapse":
        service.clock.pass_s(7199.5)
        for person in people:
            person.renew_session()
        service.clock.pass_s(0.5)
    acts = {
        "payment": lambda n: service.call_back(service.simponi.bills[applications[n]].billing_code, f"{n:016}"),
        "lapse": lambda n: service.jobs.expire(),
        "issue": lambda n: service.relay() if n == 0 else None,
    }
    with ThreadPoolExecutor(16) as crowd:
        others = [crowd.submit(acts[rival], number) for number in range(8)]
        cancels = [crowd.submit(person.cancel, app) for person, app in zip(people, applications, strict=True)]
        statuses = [cancel.result().status_code for cancel in cancels]
        for other in others:
            other.result()
    service.relay()
    states = [person.status(app)["state"] for person, app in zip(people, applications, strict=True)]
    assert set(statuses) <= {200, 409}
    cancelled = [status == 200 for status in statuses]
    assert all((state in ("CANCELLED", "REFUNDED")) == gone for state, gone in zip(states, cancelled, strict=True))
    assert set(states) <= {"CANCELLED", "REFUNDED", "PAID", "EXPIRED"}
    with_place = sum(state == "PAID" for state in states)
    assert service.free() == 8 - with_place
    held, released = (len(service.events(kind)) for kind in ("held", "released"))
    assert held - released == with_place
    assert len(service.events("refunded")) == states.count("REFUNDED")


def test_a_second_payment_moves_nothing_that_the_first_one_bought(start):
    """An uncollected passport was paid for: more money for its code goes back, and its state stays."""
    service = start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1")
    person = service.person()
    application = person.pay_for(service.release(places=1)[0])
    service.tell_office()
    steps = ("checked_in", "interviewed", "adjudication", "printing", "ready")
    service.simkim.decide(application, *steps)
    service.hear_office()
    service.clock.pass_s(30 * 86_400)
    service.hear_office()
    code = service.simponi.bills[application].billing_code
    assert service.call_back(code, OTHER_NTPN).json == {"result": "refund_ordered"}
    service.relay()
    person.renew_session()
    assert person.status(application)["state"] == "CANCELLED"
    assert service.simponi.refunded == [(code, OTHER_NTPN)]
