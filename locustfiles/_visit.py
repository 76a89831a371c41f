"""The visit to the office: somebody comes on their day, and its officers work through the case until it is handed over.

Where SIMKIM has clerks of its own (`simkim: {staff: auto}`) nobody of the load works there; people only follow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from locustfiles._mpaspor import MPaspor
from locustfiles._officers import Officer
from locustfiles._passport import follow
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import AppointmentPass, Reading, read_clock
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.records import Outcome

DAY_S = 86_400.0
# M-Paspor tells the office of a case a moment after the payment; a printer may be out of order for a while.
COMES_LATER = frozenset({"unknown_case", "no_blanks", "printing_down"})
LOOK_AGAIN_S = 0.2


@dataclass(frozen=True)
class Fate:
    """What becomes of one visit, drawn before it: whether somebody comes, and what the office finds."""

    comes: bool
    hour: float
    result: str
    back_office_days: float
    referral_approved: bool

    @classmethod
    def of(cls, seed: int, person: int, member: int) -> "Fate":
        """Of an account's applicant: the same in every run of the seed."""
        rng = Random(f"{seed}:visit:{person}:{member}")
        return cls(
            # Assumption: as of SIMKIM's own clerks: five in a hundred stay away, four lack papers, one is rejected.
            comes=rng.random() >= 0.05,
            # Assumption: people come in the forenoon, as the office in Jakarta counts the hours.
            hour=rng.uniform(8.0, 11.0),
            result=rng.choices(("approved", "incomplete", "rejected"), (0.95, 0.04, 0.01))[0],
            # Published: ready within four working days.
            back_office_days=rng.uniform(1.0, 4.0),
            referral_approved=rng.random() >= 0.1,
        )


class Visit:
    """Of one application, for the account's applicant `member`, to an office whose officers are the load's."""

    def __init__(self, phone: Phone, mpaspor: MPaspor, application: str, member: int) -> None:
        self._phone = phone
        self._mpaspor = mpaspor
        self._application = application
        self._officer = Officer(phone.visitor.plan.staff_token)
        self._fate = Fate.of(phone.visitor.plan.seed, phone.visitor.index, member)

    def be_heard_first(self) -> None:
        """The officers decide on the referral. Raises Leaves."""
        self._done(self._officer.decide_referral(self._application, self._fate.referral_approved))

    def until_received(self, *, express: bool, by_post: bool) -> Outcome:
        """How it ended. Raises Leaves."""
        phone, fate, officer, case = self._phone, self._fate, self._officer, self._application
        shown = phone.needed(phone.insist(self._mpaspor.arrival_pass(case)), AppointmentPass)
        if not fate.comes or not self._wait_for(shown):
            return follow(phone, self._mpaspor, case, Outcome.CONFIRMED)
        if self._done(officer.check_in(case, shown.pass_code)).refusal:
            # The day is over: they came too late.
            return follow(phone, self._mpaspor, case, Outcome.CONFIRMED)
        self._done(officer.take_biometrics(case))
        self._done(officer.interview(case, fate.result))
        if fate.result == "rejected":
            return follow(phone, self._mpaspor, case, Outcome.CONFIRMED)
        if fate.result == "incomplete":
            self._pass_days(1.0)
            self._done(officer.complete(case))
        self._done(officer.adjudicate(case))
        self._pass_days(0.1 if express else fate.back_office_days)
        self._done(officer.print_passport(case))
        self._done(officer.post(case) if by_post else officer.hand_over(case))
        phone.visitor.passed("hand_over")
        return follow(phone, self._mpaspor, case, Outcome.CONFIRMED)

    def _wait_for(self, shown: AppointmentPass) -> bool:
        """Until the hour of the appointment's day; False where it is past, or comes after the run."""
        visitor, plan = self._phone.visitor, self._phone.visitor.plan
        reading = self._phone.insist(read_clock(), visitor.send_past_the_network).reply
        if not isinstance(reading, Reading) or reading.now is None:
            raise Leaves(Outcome.GAVE_UP)
        day = datetime.fromisoformat(shown.date)
        comes = day.replace(tzinfo=reading.now.tzinfo) + timedelta(hours=self._fate.hour)
        left_s = (comes - reading.now).total_seconds() / reading.scale
        if left_s < 0 or visitor.now_s + left_s > plan.opens_at_s + plan.rush_s + plan.drain_s:
            return False
        visitor.pause(left_s)
        return True

    def _pass_days(self, days: float) -> None:
        self._phone.visitor.pause(days * DAY_S / self._phone.visitor.plan.clock_scale)

    def _done(self, call: Call) -> Answer:
        """One step of the case, tried again while the office waits for something. Raises Leaves."""
        phone, send = self._phone, self._phone.visitor.send_to_simkim
        phone.be_patient()
        answer = phone.insist(call, send)
        while answer.refusal in COMES_LATER and phone.visitor.now_s < phone.gives_up_s:
            phone.visitor.pause(LOOK_AGAIN_S)
            answer = phone.insist(call, send)
        if answer.refusal is None:
            phone.needed(answer, Reply)
            phone.visitor.passed(call.step.name)
        return answer
