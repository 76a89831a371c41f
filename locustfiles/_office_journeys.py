"""One person's errand at an office, whatever it is, from arriving to leaving."""

from locustfiles._account import log_in, open_account
from locustfiles._applying import Applying
from locustfiles._behaviour import Behaviour, Habits
from locustfiles._counter import be_received, only_ask, take_a_number
from locustfiles._errands import Errand, Quirks, QuirkShares, Way
from locustfiles._family import adult, child
from locustfiles._mpaspor import MPaspor
from locustfiles._passport import follow
from locustfiles._phone import Leaves, Phone
from locustfiles._visit import Visit
from loket.load.visitor import Visitor
from loket.records import Outcome

# Assumption: a day lasts seconds here, so people think and look as much faster as their nerves allow.
UNHURRIED = Behaviour(
    think_s=0.2,
    look_every_s=2.0,
    looks_after_sold_out=3,
    look_again_s=2.0,
    poll_first_s=0.5,
    poll_limit_s=3.0,
    pay_think_s=1.0,
    forgets_share=0.05,
    pays_late_share=0.05,
    late_by_s=1.0,
)
# An account that applies for several people is counted once, by whoever fared worst.
FROM_WORST = (
    Outcome.FAILED,
    Outcome.NO_CODE,
    Outcome.PAID,
    Outcome.GAVE_UP,
    Outcome.SOLD_OUT,
    Outcome.REFUSED,
    Outcome.REJECTED,
    Outcome.FORFEITED,
    Outcome.REFUNDED,
    Outcome.FORGOT,
    Outcome.WITHDREW,
    Outcome.CONFIRMED,
    Outcome.RECEIVED,
)


class OfficeJourney:
    """Their errand and their quirks are drawn before they do anything."""

    def __init__(self, visitor: Visitor, behaviour: Behaviour, shares: QuirkShares, errand: Errand) -> None:
        self._visitor = visitor
        self._phone = Phone(visitor, behaviour)
        self._habits = Habits.draw(visitor.rng, behaviour)
        self._errand = errand
        seed, index = visitor.plan.seed, visitor.index
        self._quirks = [Quirks.of(shares, seed, index, member) for member in range(errand.applicants)]

    def walk(self) -> Outcome:
        """How it ended."""
        try:
            return self._go()
        except Leaves as leaves:
            return leaves.outcome

    def _go(self) -> Outcome:
        owner = adult(self._visitor.plan.seed, self._visitor.index)
        match self._errand.way:
            case Way.QUESTION:
                return only_ask(self._phone, self._errand)
            case Way.QUEUE_NUMBER:
                return take_a_number(self._phone, owner, self._habits)
            case Way.COUNTER if self._visitor.plan.office_token:
                return be_received(self._phone, self._habits)
            case Way.COUNTER:
                # Nobody lets this load behind the counter: it can only ask there.
                return only_ask(self._phone, self._errand)
            case Way.APPLICATION:
                return self._apply()

    def _apply(self) -> Outcome:
        phone, plan, errand = self._phone, self._visitor.plan, self._errand
        owner = adult(plan.seed, self._visitor.index)
        mpaspor = open_account(phone, owner, mistypes_code=self._quirks[0].mistypes_code)
        applying = Applying(phone, mpaspor, lambda: log_in(phone, owner), errand, self._habits)
        paid, outcomes = [], []
        for member, quirks in enumerate(self._quirks):
            of_age = member < errand.applicants - errand.children
            applicant = (adult if of_age else child)(plan.seed, self._visitor.index, member)
            try:
                paid.append((member, applying.until_paid(member, applicant, quirks)))
            except Leaves as leaves:
                outcomes.append(leaves.outcome)
        outcomes += [self._until_received(mpaspor, *one) for one in paid]
        return min(outcomes, key=FROM_WORST.index)

    def _until_received(self, mpaspor: MPaspor, member: int, application: str) -> Outcome:
        """At the office's own pace, or with officers of the load."""
        if not self._visitor.plan.simkim_url:
            return follow(self._phone, mpaspor, application, Outcome.CONFIRMED)
        visit = Visit(self._phone, mpaspor, application, member)
        try:
            return visit.until_received(express=self._errand.wish.express, by_post=self._quirks[member].by_post)
        except Leaves as leaves:
            return leaves.outcome
