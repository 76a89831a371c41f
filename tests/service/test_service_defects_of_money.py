"""Each defect of the registry does its harm, and on the same steps the correct service does not: codes and money."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from mock_mpaspor.defects import relays
from mock_mpaspor.defects.money import is_dropped
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.loops import Loop
from tests.service.planting import PATIENCE_S, either, parts_of

NTPN = "N" * 16


def awaiting_payment(service, places=1):
    """Somebody with a code; who, the application and the code."""
    slot = service.release(places=places)[0]
    person = service.person()
    application = person.book(slot)
    service.relay()
    return person, application, person.see_code(application).json["billing_code"]


@either("M3")
def test_a_code_whose_answer_was_lost(planted, harmed):
    """M3: is asked for anew, and the application has two bills. Correct: has one."""
    (slot,) = planted.release(places=1)
    planted.person().book(slot)
    planted.simponi.lose_answers = True
    planted.relay()
    planted.simponi.lose_answers = False
    planted.clock.pass_s(3)
    planted.relay()
    assert len(planted.events("bill_issued")) == 1
    assert len(planted.simponi.bills) == (2 if harmed else 1)


@either("M4")
def test_money_that_comes_while_the_sweep_is_under_way(planted, harmed, monkeypatch):
    """M4: is overwritten by the expiry, and its place given away. Correct: whoever was first has it."""
    person, application, code = awaiting_payment(planted)
    paid_at = planted.clock.instant()
    expiry = planted.jobs.expiry
    end = expiry._end

    def pay_and_end(*arguments):
        assert planted.call_back(code, NTPN, paid_at=paid_at).json == {"result": "paid"}
        return end(*arguments)

    monkeypatch.setattr(expiry, "_end", pay_and_end)
    planted.clock.pass_s(7201)
    assert expiry.expire_unpaid() == (1 if harmed else 0)
    assert len(planted.events("paid")) == 1
    person.renew_session()
    assert person.status(application)["state"] == ("EXPIRED" if harmed else "PAID")
    assert planted.free() == (1 if harmed else 0)


@either("M6")
def test_a_code_asked_for_while_simponi_is_away(planted, harmed):
    """M6: never comes. Correct: comes once SIMPONI is back."""
    (slot,) = planted.release(places=1)
    planted.simponi.failure = AttemptFailure.TIMEOUT
    person = planted.person()
    application = person.book(slot)
    if not harmed:
        planted.relay()
    assert planted.simponi.called.wait(PATIENCE_S)
    with planted.simponi.at_rest():
        planted.simponi.failure = None
    planted.clock.pass_s(3)
    planted.relay()
    assert person.see_code(application).status_code == (202 if harmed else 200)
    assert planted.pending()["outbox"] == 0


@either("M10")
def test_money_told_twice(planted, harmed):
    """M10: is credited twice. Correct: once."""
    _, _, code = awaiting_payment(planted)
    results = [planted.call_back(code, NTPN).json["result"] for _ in range(2)]
    assert results == ["paid", "paid" if harmed else "duplicate"]
    assert len(planted.events("paid")) == (2 if harmed else 1)


@either("M12")
def test_the_codes_of_two_applications(planted, harmed):
    """M12: are the same. Correct: each has its own."""
    slot, _ = planted.release(places=4)
    people = [planted.person() for _ in range(2)]
    bookings = [(person, person.book(slot)) for person in people]
    planted.relay()
    codes = {person.see_code(application).json["billing_code"] for person, application in bookings}
    assert len(codes) == (1 if harmed else 2)


@either("M13")
def test_a_callback_that_says_paid(planted, harmed):
    """M13: is acknowledged, and nobody knows of the money. Correct: acknowledged is written down."""
    person, application, code = awaiting_payment(planted)
    ntpn = next(ntpn for ntpn in (f"{number:016}" for number in range(100)) if is_dropped(ntpn))
    planted.simponi.pay(application, ntpn)
    assert planted.call_back(code, ntpn).json == {"result": "paid"}
    planted.clock.pass_s(3601)
    planted.reconcile()
    assert person.status(application)["state"] == ("AWAITING_PAYMENT" if harmed else "PAID")


@either("M13")
def test_a_callback_that_never_came(planted, harmed):
    """M13: nobody asks SIMPONI either. Correct: reconciliation finds the money."""
    person, application, _ = awaiting_payment(planted)
    planted.simponi.pay(application, NTPN)
    planted.clock.pass_s(3601)
    assert planted.reconcile() == (0 if harmed else 1)
    assert person.status(application)["state"] == ("AWAITING_PAYMENT" if harmed else "PAID")


@either("M15")
def test_the_relay_after_its_last_message(planted, harmed, monkeypatch):
    """M15: its thread is gone, the code never comes, and the service says that it is well. Correct: it comes."""
    monkeypatch.setattr(relays, "LIFE", 1)
    slot, _ = planted.release(places=4)
    first, second = planted.person(), planted.person()
    first.book(slot)
    planted.relay()
    application = second.book(slot)
    with contextlib.suppress(SystemExit):
        planted.relay()
    assert second.see_code(application).status_code == (202 if harmed else 200)
    assert planted.app.test_client().get("/healthz").status_code == 200
    assert planted.pending()["outbox"] == (1 if harmed else 0)


# pytest reports what Python itself passes over in silence: a SystemExit that ends a thread.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_relay_that_dies_takes_its_thread_and_says_nothing(start, monkeypatch, caplog):
    """M15: the loop that outlives every failed step does not outlive this, and no line of the log tells of it."""
    monkeypatch.setattr(relays, "LIFE", 0)
    service = start(MPASPOR_DEFECTS="M15")
    loop = Loop("mortal", service.jobs.relay.step, every_s=0.01)
    loop.start()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "mortal"] or [None]
    if thread:
        thread.join(PATIENCE_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "mortal"]
    assert not caplog.records
    loop.stop()


@either("M16")
def test_money_for_an_expired_code(planted, harmed):
    """M16: is noted and kept. Correct: honoured, or sent back."""
    person, application, code = awaiting_payment(planted)
    planted.clock.pass_s(7200)
    assert planted.jobs.expiry.expire_unpaid() == 1
    other = planted.person()
    other.hold(other.prepare(), planted.events("held")[0]["slot"])
    planted.call_back(code, NTPN)
    assert len(planted.events("late_payment")) == 1
    assert len(planted.events("refund_ordered")) == (0 if harmed else 1)
    person.renew_session()
    assert person.status(application)["state"] == ("EXPIRED" if harmed else "REFUND_DUE")


@either("M18")
def test_a_simponi_that_fails_for_five_seconds(planted, harmed):
    """M18: is asked again at every turn. Correct: less and less often, and then by a probe a second."""
    (slot,) = planted.release(places=1)
    planted.person().book(slot)
    planted.simponi.failure = AttemptFailure.HTTP_5XX
    turns = 100
    for _ in range(turns):
        planted.relay()
        planted.clock.pass_s(0.05)
    if harmed:
        assert planted.simponi.calls == turns
    else:
        assert 1 < planted.simponi.calls <= 15


@either("M20")
def test_a_simponi_that_hangs(planted, harmed, monkeypatch):
    """M20: keeps the application locked, and where there is one writer everybody. Correct: only the relay waits."""
    (slot,) = planted.release(places=1)
    person = planted.person()
    application = person.prepare()
    person.hold(application, slot)
    could_write = []

    with ThreadPoolExecutor(1) as pool:
        issue = planted.simponi.issue

        def hang_until_somebody_writes(order, trace_id):
            change = pool.submit(person.choose_delivery, application, "collect")
            could_write.append(bool(wait([change], 0.3 if harmed else PATIENCE_S).done))
            return issue(order, trace_id)

        monkeypatch.setattr(planted.simponi, "issue", hang_until_somebody_writes)
        assert person.ask_code(application).status_code == 202
        planted.relay()
    assert could_write == [not harmed]
    assert len(planted.events("bill_issued")) == 1


@either("M24")
def test_a_status_right_after_a_hold(planted, harmed):
    """M24: is that of before. Correct: is what was just answered."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    application = person.prepare()
    planted.clock.pass_s(3)
    assert person.status(application)["state"] == "DOCS_UPLOADED"
    person.hold(application, slot)
    assert person.status(application)["state"] == ("DOCS_UPLOADED" if harmed else "SLOT_HELD")
    planted.clock.pass_s(3)
    assert person.status(application)["state"] == "SLOT_HELD"


@either("M25")
def test_a_code_two_seconds_before_its_deadline(planted, harmed):
    """M25: has expired. Correct: is payable to the end."""
    person, application, _ = awaiting_payment(planted)
    planted.clock.pass_s(7198)
    assert planted.jobs.expiry.expire_unpaid() == (1 if harmed else 0)
    assert person.status(application)["state"] == ("EXPIRED" if harmed else "AWAITING_PAYMENT")


@either("M30")
@pytest.mark.parametrize("forged", [{"secret": "guessed"}, {"amount_idr": 1}], ids=["signature", "amount"])
def test_a_callback_that_is_not_simponi_s_or_not_enough(planted, harmed, forged):
    """M30: makes the application paid. Correct: leaves no trace."""
    person, application, code = awaiting_payment(planted)
    answer = planted.call_back(code, NTPN, **forged)
    assert (answer.status_code == 200) == harmed
    assert person.status(application)["state"] == ("PAID" if harmed else "AWAITING_PAYMENT")
    assert len(planted.events("paid")) == (1 if harmed else 0)


def test_what_is_planted_is_the_jobs_own_too(start):
    """The process beside the service plants the same defects."""
    assert type(start(MPASPOR_DEFECTS="M15").jobs.relay) is relays.MortalRelay
    assert parts_of(start()).payments is not None
