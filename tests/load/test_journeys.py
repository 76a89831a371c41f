"""A person's path, step by step, against a service that answers as the test says and a clock that nobody waits for."""

import json

import pytest

from locustfiles._behaviour import Behaviour
from locustfiles._journeys import PassportJourney
from locustfiles._steps import Availability, Mails, Registered, Session, Slot, Turn
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.records import OperationType, Outcome
from tests.load.scripted_visitor import PLAN, Script, ScriptedVisitor, but, lost, ok, refused, willing

ALWAYS = Behaviour(forgets_share=0.0, pays_late_share=0.0)


def walk(script: Script, behaviour: Behaviour = ALWAYS) -> tuple[Outcome, ScriptedVisitor]:
    """One person's whole path, and what they did on it."""
    visitor = ScriptedVisitor(script)
    return PassportJourney(visitor, behaviour).walk(), visitor  # type: ignore[arg-type]


def test_the_nine_steps_end_in_a_place_that_is_seen_as_paid() -> None:
    """Register, log in, draft, NIK, documents, place, code, payment, confirmation: each passed once, in order."""
    outcome, visitor = walk(willing)
    assert outcome is Outcome.CONFIRMED
    assert visitor.steps == [
        "register",
        "verify_email",
        "login",
        "draft",
        "verify_nik",
        "upload_document",
        "hold_slot",
        "request_billing",
        "billing_code",
        "pay",
        "status",
    ]


def test_nobody_asks_for_a_place_before_the_opening() -> None:
    """People wait for the instant, look at the calendar meanwhile, and react as people do."""
    at: list[float] = []
    visitor = ScriptedVisitor(lambda call, turn: (at.append(visitor.now_s), willing(call, turn))[1])
    PassportJourney(visitor, ALWAYS).walk()  # type: ignore[arg-type]
    held_at = at[[call.step.name for call in visitor.calls].index("hold_slot")]
    assert held_at > PLAN.opens_at_s
    assert [call.step.name for call in visitor.calls].count("availability") >= 2


def test_an_answer_that_never_came_is_asked_for_again_under_the_same_key() -> None:
    """Whoever changes the key holds two places; whoever does not ask again loses one."""
    outcome, visitor = walk(but("hold_slot", lost(), lost(), ok()))
    assert outcome is Outcome.CONFIRMED
    (first, *others) = visitor.keys("hold_slot")
    assert [key for key, _ in others] == [first[0], first[0]]
    assert [attempt for _, attempt in (first, *others)] == [1, 2, 3]


def test_a_full_slot_is_another_choice_and_so_another_key() -> None:
    """A refusal is an answer: the next try is an operation of its own."""
    outcome, visitor = walk(but("hold_slot", refused("slot_full"), ok()))
    assert outcome is Outcome.CONFIRMED
    assert len({key for key, _ in visitor.keys("hold_slot")}) == 2


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("verify_nik", refused("identity_invalid"), Outcome.REFUSED),
        ("hold_slot", refused("sold_out"), Outcome.SOLD_OUT),
        ("availability", ok(Availability(slots=(Slot("s1", 0),))), Outcome.SOLD_OUT),
        ("hold_slot", lost(), Outcome.GAVE_UP),
        ("request_billing", lost(), Outcome.NO_CODE),
        ("billing_code", ok(), Outcome.NO_CODE),
        ("billing_code", refused("billing_failed"), Outcome.NO_CODE),
        ("status", ok(Reply(application_id="a1", state="AWAITING_PAYMENT")), Outcome.PAID),
        ("status", ok(Reply(application_id="a1", state="REFUND_DUE")), Outcome.REFUNDED),
        ("status", ok(Reply(application_id="a1", state="REFUNDED")), Outcome.REFUNDED),
    ],
)
def test_where_a_path_can_end(step: str, answer: Answer, outcome: Outcome) -> None:
    """Each way to fall out has a name of its own: the report counts people by it."""
    assert walk(but(step, answer))[0] is outcome


def test_who_waits_for_the_code_asks_less_and_less_often_until_patience_is_over() -> None:
    """Refreshing is part of the load; it does not go on for ever."""
    outcome, visitor = walk(but("billing_code", ok()))
    assert outcome is Outcome.NO_CODE
    assert 5 <= len(visitor.keys("billing_code")) <= PLAN.patience_s / ALWAYS.poll_first_s


def test_some_forget_to_pay_and_some_pay_too_late() -> None:
    """Both are drawn with the person: the deadline and late money are met in every rush."""
    forgetful, visitor = walk(willing, Behaviour(forgets_share=1.0, pays_late_share=0.0))
    assert forgetful is Outcome.FORGOT
    assert visitor.keys("pay") == []
    _, late = walk(willing, Behaviour(forgets_share=0.0, pays_late_share=1.0))
    assert late.now_s > PLAN.opens_at_s + PLAN.payment_deadline_s
    assert len(late.keys("pay")) == 1


def test_the_mailed_code_is_read_past_the_network_and_confirmed_before_the_login() -> None:
    """Mail does not travel with the application: only the confirmation meets the service as people do."""
    _, visitor = walk(willing)
    names = [call.step.name for call in visitor.calls]
    assert names[:4] == ["register", "read_mail", "verify_email", "login"]
    assert visitor.calls[1].target == "/admin/mails?to=pemohon.5.0%40example.com"
    assert json.loads(visitor.calls[2].body)["otp"] == "123456"


def test_a_service_that_mails_no_code_is_asked_for_none() -> None:
    """A service of one's own may know no one-time codes: its registration names no end of one."""
    outcome, visitor = walk(but("register", ok(Registered())))
    assert outcome is Outcome.CONFIRMED
    assert "read_mail" not in [call.step.name for call in visitor.calls]


def test_who_never_heard_of_their_registration_confirms_when_the_login_asks_for_it() -> None:
    """The answer was lost, the account and the mail exist."""
    script = {
        "register": [lost(), refused("account_exists")],
        "login": [refused("not_verified"), ok(Session(token="t"))],
    }
    outcome, visitor = walk(lambda call, turn: (script.get(call.step.name) or [willing(call, turn)] * 99)[turn])
    assert outcome is Outcome.CONFIRMED
    assert [call.step.name for call in visitor.calls][2:6] == ["login", "read_mail", "verify_email", "login"]


def test_a_code_that_is_not_good_any_more_is_followed_by_another() -> None:
    """A mail that came late is no reason to stay outside."""
    outcome, visitor = walk(but("verify_email", refused("otp_expired"), ok()))
    assert outcome is Outcome.CONFIRMED
    assert len(visitor.keys("resend_code")) == 1


@pytest.mark.parametrize(("step", "answer"), [("read_mail", ok(Mails())), ("verify_email", refused("otp_wrong"))])
def test_without_a_good_code_nobody_goes_on(step: str, answer: Answer) -> None:
    """Neither an empty mailbox nor a code that is always wrong is asked about for ever."""
    outcome, visitor = walk(but(step, answer))
    assert outcome in (Outcome.GAVE_UP, Outcome.REFUSED)
    assert "login" not in visitor.steps


def test_who_is_told_to_come_back_later_comes_no_sooner() -> None:
    """429 with Retry-After: the attempt is repeated under its key after that time, and not before."""
    overloaded = Answer(OperationType.FAIL, False, 429, "overloaded", retry_after_s=9.0)
    at: list[float] = []

    def script(call: Call, turn: int) -> Answer:
        if call.step.name != "hold_slot":
            return willing(call, turn)
        at.append(visitor.now_s)
        return overloaded if turn == 0 else ok()

    visitor = ScriptedVisitor(script)
    assert PassportJourney(visitor, ALWAYS).walk() is Outcome.CONFIRMED  # type: ignore[arg-type]
    assert at[1] - at[0] >= 9.0
    assert [attempt for _, attempt in visitor.keys("hold_slot")] == [1, 2]


def test_a_time_to_come_back_that_nobody_waits_for_ends_the_journey() -> None:
    """An hour is beyond everybody's patience."""
    closed = Answer(OperationType.FAIL, False, 429, "overloaded", retry_after_s=3600.0)
    assert walk(but("login", closed))[0] is Outcome.GAVE_UP


def test_where_there_is_a_waiting_room_people_take_a_ticket_and_hold_with_it() -> None:
    """The room refuses whoever tries at once; an admitted ticket goes with the next try."""
    turns = {
        "hold_slot": [refused("queue_first"), ok()],
        "join_queue": [ok(Turn(ticket="q7"))],
        "see_queue": [ok(Turn(ticket="q7")), ok(Turn(ticket="q7", admitted=True))],
    }
    outcome, visitor = walk(lambda call, turn: (turns.get(call.step.name) or [willing(call, turn)] * 99)[turn])
    assert outcome is Outcome.CONFIRMED
    last = [call for call in visitor.calls if call.step.name == "hold_slot"][-1]
    assert ("x-queue-ticket", "q7") in last.headers
