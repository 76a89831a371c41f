"""A person whose service answers as the test says, and whose clock nobody waits for."""

from collections import defaultdict
from collections.abc import Callable
from random import Random

from locustfiles._steps import Availability, Code, Mail, Mails, Registered, Session, Slot
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.load.plan import LoadPlan
from loket.records import OperationType

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
        case "register":
            return ok(Registered(otp_expires_at="2026-01-01T00:05:00+07:00"))
        case "read_mail":
            return ok(Mails(mails=(Mail("Kode verifikasi Anda: 123456\n"),)))
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

    def __init__(self, script: Script, plan: LoadPlan = PLAN) -> None:
        self.plan, self.index, self.run_token, self.office = plan, 0, "run", plan.office
        self.rng = Random(1)
        self.now_s = 1.0
        self.calls: list[Call] = []
        self.steps: list[str] = []
        self.events: list[str] = []
        self._script = script
        self._turns: dict[str, int] = defaultdict(int)

    def send(self, call: Call) -> Answer:
        self.calls.append(call)
        turn = self._turns[call.step.name]
        self._turns[call.step.name] += 1
        return self._script(call, turn)

    send_to_bank = send
    send_past_the_network = send
    send_to_simkim = send

    def pause(self, seconds: float) -> None:
        self.now_s += max(0.0, seconds)

    def wait_armed(self, second: float) -> None:
        self.pause_until(second)

    def pause_until(self, second: float) -> None:
        self.now_s = max(self.now_s, second)

    def passed(self, step: str) -> None:
        self.steps.append(step)

    def happened(self, event: str) -> None:
        self.events.append(event)

    def keys(self, step: str) -> list[tuple[str | None, int]]:
        """Key and attempt of each request of the step."""
        return [(call.key, call.attempt) for call in self.calls if call.step.name == step]
