"""A person's path, step by step, against a service that answers as the test says and a clock that nobody waits for."""

from collections import defaultdict
from collections.abc import Callable
from random import Random

import pytest

from locustfiles._behaviour import Behaviour
from locustfiles._journeys import PassportJourney
from locustfiles._mpaspor import Availability, Code, Reply, Session, Slot
from loket.load.answers import Answer
from loket.load.call import Call
from loket.load.plan import LoadPlan
from loket.records import OperationType, Outcome

PLAN = LoadPlan(
    scenario="quota_rush",
    seed=5,
    office="kupang",
    people=1,
    places=1,
    days=1,
    opens_at_s=20.0,
    rush_s=40.0,
    drain_s=600.0,
    patience_s=60.0,
    payment_deadline_s=30.0,
    profile=None,
    service_url="http://127.0.0.1:1",
    bank_url="http://127.0.0.1:2",
    direct_url="http://127.0.0.1:1",
    admin_token="",
    run_directory="",
)
ALWAYS = Behaviour(forgets_share=0.0, pays_late_share=0.0)
Script = Callable[[Call, int], Answer]


def ok(reply: Reply | None = None) -> Answer:
    """A success with this body."""
    return Answer(OperationType.OK, True, 200, reply=reply or Reply(application_id="a1"))


def refused(code: str) -> Answer:
    """A refusal that the step declares."""
    return Answer(OperationType.FAIL, True, 409, code)


def lost() -> Answer:
    """No answer: it may have had an effect."""
    return Answer(OperationType.INFO, False, error_class="timeout")


def willing(call: Call, turn: int) -> Answer:
    """A service with one free place that does everything at once."""
    match call.step.name:
        case "login":
            return ok(Session(token="t"))
        case "availability":
            return ok(Availability(slots=(Slot("s1", 1),)))
        case "billing_code":
            return ok(Code(billing_code="8" * 15, amount_idr=650_000))
        case "status":
            return ok(Reply(application_id="a1", state="PAID"))
        case _:
            return ok()


def but(step: str, *answers: Answer) -> Script:
    """The willing service, except that `step` gets these answers in turn, the last for ever."""
    return lambda call, turn: answers[min(turn, len(answers) - 1)] if call.step.name == step else willing(call, turn)


class ScriptedVisitor:
    """A visitor whose requests take no time and whose pauses pass at once."""

    def __init__(self, script: Script) -> None:
        self.plan, self.index, self.run_token = PLAN, 0, "run"
        self.rng = Random(1)
        self.now_s = 1.0
        self.calls: list[Call] = []
        self.steps: list[str] = []
        self._script = script
        self._turns: dict[str, int] = defaultdict(int)

    def send(self, call: Call) -> Answer:
        self.calls.append(call)
        turn = self._turns[call.step.name]
        self._turns[call.step.name] += 1
        return self._script(call, turn)

    send_to_bank = send

    def pause(self, seconds: float) -> None:
        self.now_s += max(0.0, seconds)

    def pause_until(self, second: float) -> None:
        self.now_s = max(self.now_s, second)

    def passed(self, step: str) -> None:
        self.steps.append(step)

    def keys(self, step: str) -> list[tuple[str | None, int]]:
        """Key and attempt of each request of the step."""
        return [(call.key, call.attempt) for call in self.calls if call.step.name == step]


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
