"""From a held place to a paid one: the code, the payment, and seeing that it arrived."""

from locustfiles._behaviour import Habits
from locustfiles._mpaspor import MPaspor
from locustfiles._office import pay_for
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Code
from loket.load.answers import Reply
from loket.records import Outcome

# The states in which somebody who paid learns what became of the money. Whoever looks late finds it further on.
ON_THE_WAY = ("PAID", "CHECKED_IN", "INCOMPLETE", "INTERVIEWED", "ADJUDICATION", "PRINTING", "READY")
OVER = ("COLLECTED", "SHIPPED", "REJECTED", "FORFEITED")
ENDINGS = dict.fromkeys((*ON_THE_WAY, *OVER), Outcome.CONFIRMED) | {
    "REFUND_DUE": Outcome.REFUNDED,
    "REFUNDED": Outcome.REFUNDED,
}


class Purchase:
    """Of one application, called `name` in its keys where a person has several."""

    def __init__(self, phone: Phone, mpaspor: MPaspor, application: str, habits: Habits, name: str = "") -> None:
        self._phone = phone
        self._mpaspor = mpaspor
        self._application = application
        self._habits = habits
        self._suffix = f"-{name}" if name else ""

    def get_the_code(self) -> Code:
        """Raises Leaves."""
        phone, visitor = self._phone, self._phone.visitor
        phone.be_patient()
        asked = phone.insist(self._mpaspor.request_billing(self._application, phone.key(f"billing{self._suffix}")))
        phone.needed(asked, Reply, lost=Outcome.NO_CODE)
        visitor.passed("request_billing")
        for answer in phone.poll(lambda: self._mpaspor.billing_code(self._application)):
            if isinstance(answer.reply, Code) and answer.reply.billing_code:
                visitor.passed("billing_code")
                return answer.reply
            if answer.refusal == "billing_failed":
                break
        raise Leaves(Outcome.NO_CODE)

    def pay(self, bill: Code) -> None:
        """At the bank, in time, too late or never, as the person is. Raises Leaves."""
        phone, visitor, habits = self._phone, self._phone.visitor, self._habits
        plan = visitor.plan
        late_s = visitor.now_s + plan.payment_deadline_s + phone.behaviour.late_by_s
        # A deadline of hours never passes in a run of minutes: such a person is seen as one who forgets.
        too_late = late_s > plan.opens_at_s + plan.rush_s + plan.drain_s
        if habits.forgets or (habits.pays_late and too_late):
            raise Leaves(Outcome.FORGOT)
        visitor.pause(habits.pay_think_s)
        if habits.pays_late:
            visitor.pause_until(late_s)
        phone.be_patient()
        call = pay_for(self._application, bill, habits.channel, phone.key(f"pay{self._suffix}"))
        phone.needed(phone.insist(call, visitor.send_to_bank), Reply, lost=Outcome.FAILED)
        visitor.passed("pay")

    def see_it_paid(self) -> Outcome:
        """CONFIRMED, REFUNDED, or PAID where patience ended first."""
        phone = self._phone
        phone.be_patient()
        for answer in phone.poll(lambda: self._mpaspor.status(self._application)):
            ending = ENDINGS.get(answer.reply.state or "") if answer.reply else None
            if ending is not None:
                phone.visitor.passed("status")
                return ending
        return Outcome.PAID
