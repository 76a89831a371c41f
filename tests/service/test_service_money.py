"""Money: credited once, by when it was paid, or sent back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.reconciler import LONGEST_DOUBT_S

NTPN = "N" * 16
OTHER_NTPN = "M" * 16


def test_an_unpaid_code_expires_at_its_deadline_and_not_before(service, awaiting):
    """Two hours after the issue the place is free again; a nanosecond-true moment before, it is not."""
    person, application, _ = awaiting
    service.clock.pass_s(7199)
    assert service.jobs.expire() == 0
    service.clock.pass_s(1)
    assert service.jobs.expire() == 1
    assert person.status(application)["state"] == "EXPIRED"
    assert service.free() == 1
    assert [event["type"] for event in service.events()[-2:]] == ["expired", "released"]


def test_money_paid_in_time_is_in_time_however_late_it_is_told(service, awaiting):
    """The last second counts as SIMPONI has it; the sweep has not come by, an hour after."""
    person, application, code = awaiting
    service.clock.pass_s(7199)
    paid_at = service.clock.instant()
    service.clock.pass_s(3600)
    assert service.call_back(code, NTPN, paid_at=paid_at).json == {"result": "paid"}
    assert [event["reason"] for event in service.events("paid")] == ["on_time"]
    person.renew_session()
    assert person.status(application)["state"] == "PAID"


@pytest.mark.parametrize("told_after_s", [0, 1, 3600])
def test_money_paid_at_the_deadline_is_late_whether_or_not_the_sweep_has_come(service, awaiting, told_after_s):
    """To the second: expired first, then late money, which finds the place that came back."""
    _, _, code = awaiting
    service.clock.pass_s(7200)
    paid_at = service.clock.instant()
    service.clock.pass_s(told_after_s)
    assert service.call_back(code, NTPN, paid_at=paid_at).json == {"result": "late_honoured"}
    told = [event["type"] for event in service.events()]
    assert told[-5:] == ["expired", "released", "late_payment", "held", "paid"]


def test_money_found_by_asking_counts_from_when_it_was_paid(service, awaiting):
    """Nobody told of it; SIMPONI's list says when: in time, though the deadline is over when it is asked."""
    _, application, _ = awaiting
    service.clock.pass_s(7000)
    service.simponi.pay(application, NTPN, service.clock.instant())
    service.clock.pass_s(300)
    assert service.reconcile() == 1
    assert [event["reason"] for event in service.events("paid")] == ["on_time"]


def test_nobody_loses_a_place_for_a_callback_that_was_lost(service, awaiting, one_place):
    """Asked about just before the payment; SIMPONI is asked once more before the booking ends, and says paid."""
    _, application, _ = awaiting
    rival = service.person()
    ready = rival.prepare()
    service.clock.pass_s(7100)
    assert service.reconcile() == 0
    service.simponi.pay(application, NTPN, service.clock.instant())
    service.clock.pass_s(100)
    assert service.jobs.expire() == 0
    assert [event["reason"] for event in service.events("paid")] == ["on_time"]
    rival.renew_session()
    assert rival.hold(ready, one_place).json["error"]["code"] == "sold_out"


def test_a_booking_in_doubt_keeps_its_place_while_simponi_may_still_say_so(service, awaiting):
    """SIMPONI is away at the deadline: nothing ends before it has answered, or the doubt has lasted long enough."""
    person, application, _ = awaiting
    service.simponi.failure = AttemptFailure.TIMEOUT
    service.clock.pass_s(7200)
    assert service.jobs.expire() == 0
    person.renew_session()
    assert person.see_code(application).json["state"] == "EXPIRED"
    assert service.free() == 0
    service.clock.pass_s(LONGEST_DOUBT_S)
    assert service.jobs.expire() == 1
    assert service.free() == 1


def test_money_that_could_not_be_written_down_is_asked_about_again_at_once(service, awaiting, monkeypatch):
    """The database was busy: that is no answer of SIMPONI's, and uses up no question."""
    _, application, _ = awaiting
    service.clock.pass_s(3600)
    service.simponi.pay(application, NTPN, service.clock.instant())

    def busy(*_arguments):
        raise Refusal(ErrorCode.BUSY)

    with monkeypatch.context() as patched:
        patched.setattr(service.jobs.reconciler._payments, "settle_for", busy)
        assert service.reconcile() == 0
    assert service.reconcile() == 1
    assert len(service.events("paid")) == 1


def test_a_callback_told_twice_credits_once(service, awaiting):
    """The second telling is answered 200 and only noted."""
    _, _, code = awaiting
    assert service.call_back(code, NTPN).json == {"result": "paid"}
    assert service.call_back(code, NTPN).json == {"result": "duplicate"}
    assert len(service.events("paid")) == 1
    assert len(service.events("duplicate_callback")) == 1


def test_late_money_is_honoured_while_a_place_is_free(service, awaiting):
    """Expired, then paid: the person gets a place again; late_payment, held, paid, in this order."""
    person, application, code = awaiting
    service.clock.pass_s(7200)
    service.jobs.expire()
    assert service.call_back(code, NTPN).json == {"result": "late_honoured"}
    assert person.status(application)["state"] == "PAID"
    assert service.free() == 0
    last = service.events()[-3:]
    assert [(event["type"], event.get("reason")) for event in last] == [
        ("late_payment", None),
        ("held", "late_payment"),
        ("paid", "late_honoured"),
    ]
    assert "key" not in last[1]


def test_late_money_goes_back_when_every_place_is_taken(service, one_place, awaiting):
    """Expired, the place given on, then paid: a refund is ordered and done, and the owner sees it."""
    person, application, code = awaiting
    service.clock.pass_s(7200)
    service.jobs.expire()
    service.person().book(one_place)
    assert service.call_back(code, NTPN).json == {"result": "refund_ordered"}
    assert service.pending()["refund_due"] == 1
    assert person.status(application)["state"] == "REFUND_DUE"
    service.relay()
    assert service.simponi.refunded == [(code, NTPN)]
    assert person.status(application)["state"] == "REFUNDED"
    assert len(service.events("refunded")) == 1


def test_late_money_goes_back_to_whoever_has_booked_again(service, awaiting):
    """One live booking an applicant holds for late money too."""
    person, _, code = awaiting
    service.clock.pass_s(7200)
    service.jobs.expire()
    person.book(service.release(places=2)[0])
    assert service.call_back(code, NTPN).json == {"result": "refund_ordered"}


def test_money_paid_twice_goes_back_once(service, awaiting):
    """A second payment of a paid bill is refunded; the application stays paid."""
    person, application, code = awaiting
    service.call_back(code, NTPN)
    assert service.call_back(code, OTHER_NTPN).json == {"result": "refund_ordered"}
    service.relay()
    assert service.simponi.refunded == [(code, OTHER_NTPN)]
    assert person.status(application)["state"] == "PAID"


def test_expiry_and_payment_at_the_same_moment_agree(service):
    """Whoever is first, every application ends paid once with a place of its own, or with its money sent back."""
    slots = service.release(places=8)
    booked = [service.person().book(slots[number % 2]) for number in range(8)]
    service.relay()
    service.clock.pass_s(7199)
    paid_at = service.clock.instant()
    service.clock.pass_s(1)
    with ThreadPoolExecutor(9) as crowd:
        sweep = crowd.submit(service.jobs.expire)
        codes = [service.simponi.bills[application].billing_code for application in booked]
        told = [crowd.submit(service.call_back, code, f"{n:016}", paid_at=paid_at) for n, code in enumerate(codes)]
        results = [answer.result().json["result"] for answer in told]
        expired = sweep.result()
    assert set(results) <= {"paid", "late_honoured", "refund_ordered"}
    assert results.count("paid") == 8 - expired
    assert len(service.events("paid")) == 8 - results.count("refund_ordered")
    held, released = (len(service.events(kind)) for kind in ("held", "released"))
    assert held - released == 8 - service.free()


def test_reconciliation_finds_money_that_nobody_told_of(service, awaiting):
    """Paid at SIMPONI, the callback lost: asked half-way to the deadline, the payment is credited in time."""
    person, application, _ = awaiting
    service.simponi.pay(application, NTPN)
    assert service.reconcile() == 0
    service.clock.pass_s(3600)
    assert service.reconcile() == 1
    assert person.status(application)["state"] == "PAID"
    assert service.events("paid")[0]["reason"] == "on_time"


def test_reconciliation_asks_less_and_less_often(service, awaiting):
    """An unpaid bill is asked about again after 2, 4, 8 seconds, not at every turn."""
    service.clock.pass_s(3600)
    before = service.simponi.calls
    for _ in range(14):
        service.reconcile()
        service.clock.pass_s(1)
    assert service.simponi.calls - before == 3


def test_money_for_a_code_whose_answer_was_lost_is_found(service, one_place):
    """The bill was made, its answer lost, the place given back; the money still finds its application."""
    person = service.person()
    application = person.book(one_place)
    service.simponi.lose_answers = True
    service.relay()
    service.clock.pass_s(901)
    service.relay()
    code = service.simponi.pay(application, NTPN)
    assert service.call_back(code, NTPN).json["error"]["code"] == "unknown_code"
    assert service.reconcile() == 1
    assert person.status(application)["state"] == "PAID"
    assert service.events("paid")[0]["reason"] == "late_honoured"
