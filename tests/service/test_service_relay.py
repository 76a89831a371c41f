"""The relay after trouble: what a heal leaves behind is delivered soon, and no failure makes it spin."""

import pytest

from mock_mpaspor.breaker import FAILURES_TO_OPEN
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.relay import LONGEST_WAIT_S
from mock_mpaspor.jobs.simponi import SimponiError

# The relay's loop looks at the outbox this often in a test.
TURN_S = 0.05


def _relay_for(service, seconds: float) -> float:
    """Let the relay work until no code is awaited, at most so long; the seconds it took by the test's clock."""
    began_ns = service.clock.now_ns
    while service.pending()["awaiting_code"] and service.clock.now_ns - began_ns < seconds * 1e9:
        service.clock.pass_s(TURN_S)
        service.relay()
    return (service.clock.now_ns - began_ns) / 1e9


@pytest.mark.parametrize("people", [1, 3, 30])
@pytest.mark.parametrize("silence_s", [0.5, 60.0])
def test_every_code_comes_soon_after_the_heal(service, people, silence_s):
    """However long SIMPONI was away and however many wait, the longest back-off is the longest wait."""
    slots = service.release(places=people, days=1)
    for number in range(people):
        service.person().book(slots[number % len(slots)])
    service.simponi.failure = AttemptFailure.RESET
    _relay_for(service, silence_s)
    service.simponi.failure = None
    assert _relay_for(service, 30) <= LONGEST_WAIT_S + 2 * TURN_S


def test_a_delivery_that_breaks_is_not_repeated_at_once(service, monkeypatch, caplog):
    """A failure that nobody foresaw (a full disk, say) backs off like any other; the code comes in the end."""
    person = service.person()
    application = person.book(service.release(places=1)[0])
    issue = service.simponi.issue
    calls = 0

    def broken(order, trace_id):
        nonlocal calls
        calls += 1
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(service.simponi, "issue", broken)
    for _ in range(20):
        service.relay()
    assert calls == 1
    assert "unforeseen" in caplog.text
    monkeypatch.setattr(service.simponi, "issue", issue)
    service.clock.pass_s(LONGEST_WAIT_S)
    service.relay()
    assert person.see_code(application).status_code == 200


def test_money_sent_back_stays_sent_back_when_more_comes(service):
    """A second payment after the refund is refunded too, and the application does not leave its last state."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.relay()
    code = person.see_code(application).json["billing_code"]
    service.clock.pass_s(7200)
    service.jobs.expire()
    service.person().book(slot)
    service.call_back(code, "A" * 16)
    service.relay()
    assert service.call_back(code, "B" * 16).json == {"result": "refund_ordered"}
    assert person.status(application)["state"] == "REFUNDED"
    service.relay()
    assert [ntpn for _, ntpn in service.simponi.refunded] == ["A" * 16, "B" * 16]
    assert person.status(application)["state"] == "REFUNDED"


def test_a_code_that_was_refused_to_its_owner_was_not_shown(service):
    """A code that came after the service gave up has no deadline: /billing refuses it, and no `code_shown` lies."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.simponi.lose_answers = True
    service.relay()
    service.clock.pass_s(901)
    service.relay()
    service.simponi.pay(application, "A" * 16)
    assert service.reconcile() == 1
    assert person.see_code(application).json["error"]["code"] == "wrong_state"
    assert service.events("code_shown") == []


@pytest.mark.parametrize("failure", [AttemptFailure.HTTP_5XX, AttemptFailure.TIMEOUT])
def test_a_bank_that_returns_no_money_keeps_no_code_back(failure, service, monkeypatch):
    """SIMPONI answers 503 to refunds, or says nothing, while the bank is away: codes come at once."""
    slots = service.release(places=4)
    payer = service.person()
    application = payer.book(slots[0])
    service.relay()
    code = payer.see_code(application).json["billing_code"]
    for number in range(2 * FAILURES_TO_OPEN):
        service.call_back(code, f"{number:016}")

    def away(billing_code, ntpn, trace_id):
        raise SimponiError(failure)

    with monkeypatch.context() as patched:
        patched.setattr(service.simponi, "refund", away)
        service.relay()
        person = service.person()
        other = person.book(slots[1])
        service.relay()
        assert person.see_code(other).status_code == 200
    service.clock.pass_s(LONGEST_WAIT_S)
    for _ in range(FAILURES_TO_OPEN):  # a probe, then the others, some at a time
        service.relay()
    assert service.pending()["refund_due"] == 0
