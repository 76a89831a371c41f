"""The ways past the application: a number of the counter queue, the clerk's desk for who has priority, and asking."""

from dataclasses import replace

from locustfiles import _office as office
from locustfiles._account import open_account
from locustfiles._appointment import choose, free_slots
from locustfiles._behaviour import Habits
from locustfiles._errands import Errand
from locustfiles._family import adult, elder
from locustfiles._passport import follow
from locustfiles._people import Person
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Code
from loket.load.answers import Reply
from loket.records import Outcome

# Assumption: who only asks comes back so often.
QUESTIONS = 4
# Assumption: a clerk asks for the code of whoever stands there as often as this; no day ends meanwhile.
AT_THE_COUNTER_S = 0.1
# Around Batam.
LATITUDES, LONGITUDES = (0.8, 1.3), (103.8, 104.6)


def take_a_number(phone: Phone, owner: Person, habits: Habits) -> Outcome:
    """APAPO: a number for a day, taken from home; everything else happens at the counter. Raises Leaves."""
    visitor = phone.visitor
    mpaspor = open_account(phone, owner)
    for number in range(phone.behaviour.looks_after_sold_out):
        visitor.pause_until(visitor.plan.opens_at_s)
        phone.think()
        if free := free_slots(phone, mpaspor, "apapo"):
            call = mpaspor.queue_number(choose(free, habits.taste).slot, phone.key(f"number-{number}"))
            answer = phone.insist(call)
            if answer.refusal in (None, "identity_invalid"):
                ticket = phone.needed(answer, Reply)
                visitor.passed("apapo_ticket")
                return follow(phone, mpaspor, ticket.application_id or "", Outcome.QUEUED)
    raise Leaves(Outcome.SOLD_OUT)


def be_received(phone: Phone, habits: Habits) -> Outcome:
    """Priority: a clerk enters who stands there, and they pay before they sit down. Raises Leaves."""
    at_the_counter = replace(phone.behaviour, poll_first_s=AT_THE_COUNTER_S, poll_limit_s=AT_THE_COUNTER_S)
    phone = Phone(phone.visitor, at_the_counter)
    visitor = phone.visitor
    clerk = office.Clerk(visitor.plan.office_token, visitor.office)
    who, ground = _with_priority(phone)
    visitor.pause_until(visitor.plan.opens_at_s)
    for number in range(phone.behaviour.looks_after_sold_out + 1):
        call = clerk.receive(who, ground, phone.key(f"walk-in-{number}"))
        answer = phone.insist(call)
        if answer.refusal != "sold_out":
            received = phone.needed(answer, Reply)
            visitor.passed("walk_in")
            return _pay_at_the_counter(phone, clerk, received.application_id or "", habits)
        # At a weekend nobody is received: they come another day.
        visitor.pause(phone.behaviour.look_again_s)
    raise Leaves(Outcome.SOLD_OUT)


def _with_priority(phone: Phone) -> tuple[Person, str]:
    plan, index = phone.visitor.plan, phone.visitor.index
    somebody = adult(plan.seed, index)
    grounds = ("over_60", "disabled", "pregnant") if somebody.sex == "female" else ("over_60", "disabled")
    ground = phone.visitor.rng.choice(grounds)
    return (elder(plan.seed, index) if ground == "over_60" else somebody), ground


def _pay_at_the_counter(phone: Phone, clerk: office.Clerk, application: str, habits: Habits) -> Outcome:
    """The clerk sees the code come and the payment arrive."""
    visitor, paid = phone.visitor, False
    phone.be_patient()
    for answer in phone.poll(lambda: clerk.billing_code(application)):
        if answer.refusal == "billing_failed":
            raise Leaves(Outcome.NO_CODE)
        bill = answer.reply
        if not isinstance(bill, Code) or not bill.billing_code:
            continue
        if bill.state not in ("AWAITING_PAYMENT", None):
            return Outcome.CONFIRMED
        if not paid:
            call = office.pay_for(application, bill, habits.channel, phone.key("pay-counter"))
            phone.needed(phone.insist(call, visitor.send_to_bank), Reply, lost=Outcome.FAILED)
            visitor.passed("pay")
            paid = True
    return Outcome.PAID if paid else Outcome.NO_CODE


def only_ask(phone: Phone, errand: Errand) -> Outcome:
    """Offices, fees, documents, days: asked on the first visit and on every one after it. Raises Leaves."""
    visitor = phone.visitor
    here = visitor.rng.uniform(*LATITUDES), visitor.rng.uniform(*LONGITUDES)
    wish = errand.wish
    for _ in range(QUESTIONS):
        for call in (
            office.offices(*here),
            office.fees(),
            office.requirements(wish.kind, wish.replaced, errand.children > 0),
            office.calendar(visitor.office),
        ):
            phone.needed(phone.insist(call), Reply)
            phone.think()
        visitor.pause(phone.behaviour.look_every_s * visitor.rng.uniform(0.5, 1.5))
        phone.be_patient()
    return Outcome.INFORMED
