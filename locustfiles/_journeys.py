"""One person's way to a passport appointment: prepare, wait for the quota, hold a place, get the code, pay."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeVar

from locustfiles._behaviour import Behaviour, Habits
from locustfiles._document import jpeg
from locustfiles._mpaspor import Availability, Code, MPaspor, Session, Slot
from locustfiles._people import person
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.load.visitor import Visitor
from loket.records import Outcome

R = TypeVar("R", bound=Reply)

# What can stand between a person and a place: the service's words, and a calendar that nobody answered for.
SOLD_OUT = "sold_out"
SLOT_FULL = "slot_full"
NOT_OPEN = "not_open"
NOT_SEEN = "not_seen"

# The states in which somebody who paid learns what became of the money.
ENDINGS = {"PAID": Outcome.CONFIRMED, "REFUND_DUE": Outcome.REFUNDED, "REFUNDED": Outcome.REFUNDED}


class Leaves(Exception):
    """Ends a journey where it stands."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class PassportJourney:
    """The whole path; `walk` is its table of contents."""

    def __init__(self, visitor: Visitor, behaviour: Behaviour) -> None:
        self._visitor = visitor
        self._behaviour = behaviour
        self._habits = Habits.draw(visitor.rng, behaviour)
        self._person = person(visitor.plan.seed, visitor.index)
        self._mpaspor = MPaspor(self._person)
        self._application = ""
        self._calendar: tuple[Slot, ...] | None = None
        # Patience starts with the opening, or with the arrival of who comes later.
        self._gives_up_s = max(visitor.now_s, visitor.plan.opens_at_s) + visitor.plan.patience_s

    def walk(self) -> Outcome:
        """From arriving to leaving."""
        try:
            self._prepare()
            self._wait_for_the_opening()
            self._hold_a_place()
            bill = self._get_the_code()
            self._pay(bill)
            return self._see_it_paid()
        except Leaves as leaves:
            return leaves.outcome

    def _prepare(self) -> None:
        visitor, behaviour = self._visitor, self._behaviour
        registered = self._insist(self._mpaspor.register())
        if registered.refusal != "account_exists":
            self._needed(registered, Reply)
        visitor.passed("register")
        session = self._needed(self._insist(self._mpaspor.login()), Session)
        visitor.passed("login")
        self._mpaspor = MPaspor(self._person, session.token)
        self._think()
        draft = self._needed(self._insist(self._mpaspor.draft(visitor.plan.office)), Reply)
        self._application = draft.application_id or ""
        visitor.passed("draft")
        self._think()
        self._needed(self._insist(self._mpaspor.verify_nik(self._application)), Reply)
        visitor.passed("verify_nik")
        for kind in behaviour.documents:
            self._think()
            image = jpeg(behaviour.document_bytes)
            self._needed(self._insist(self._mpaspor.upload_document(self._application, kind, image)), Reply)
        visitor.passed("upload_document")

    def _wait_for_the_opening(self) -> None:
        visitor, behaviour = self._visitor, self._behaviour
        goes_s = visitor.plan.opens_at_s + self._habits.reaction_s
        self._look()
        while (rest_s := goes_s - visitor.now_s) > behaviour.look_every_s * 1.5:
            visitor.pause(min(rest_s, behaviour.look_every_s * visitor.rng.uniform(0.5, 1.5)))
            self._look()
        visitor.pause_until(goes_s)

    def _look(self) -> None:
        """One glance at the calendar; a glance without an answer leaves the last picture standing."""
        answer = self._visitor.send(self._mpaspor.availability(self._visitor.plan.office))
        if isinstance(answer.reply, Availability):
            self._calendar = answer.reply.slots

    def _hold_a_place(self) -> None:
        visitor, behaviour = self._visitor, self._behaviour
        pauses_s = {
            SOLD_OUT: behaviour.look_again_s,
            NOT_OPEN: behaviour.too_early_s,
            SLOT_FULL: behaviour.choose_again_s,
            NOT_SEEN: behaviour.retry_first_s,
        }
        looks = 0
        for number in count(1):
            obstacle = self._try_to_hold(number)
            if obstacle is None:
                visitor.passed("hold_slot")
                return
            looks += obstacle == SOLD_OUT
            if looks > behaviour.looks_after_sold_out or visitor.now_s > self._gives_up_s:
                raise Leaves(Outcome.SOLD_OUT if looks else Outcome.GAVE_UP)
            visitor.pause(pauses_s[obstacle] * visitor.rng.uniform(0.5, 1.5))
            if obstacle != NOT_OPEN:
                self._look()

    def _try_to_hold(self, number: int) -> str | None:
        """Try for the place that the person wants most; gives what stood in the way, None if nothing did."""
        if self._calendar is None:
            return NOT_SEEN
        free = [slot.slot for slot in self._calendar if slot.free > 0]
        if not free:
            return SOLD_OUT
        # Earlier days are wanted more: the square draws the taste towards the first of them.
        slot = free[int(self._habits.taste**2 * len(free))]
        answer = self._insist(self._mpaspor.hold_slot(self._application, slot, self._key(f"hold-{number}")))
        if answer.refusal in (SOLD_OUT, NOT_OPEN, SLOT_FULL):
            return answer.refusal
        self._needed(answer, Reply)
        return None

    def _get_the_code(self) -> Code:
        visitor = self._visitor
        self._gives_up_s = visitor.now_s + visitor.plan.patience_s
        asked = self._insist(self._mpaspor.request_billing(self._application, self._key("billing")))
        self._needed(asked, Reply, lost=Outcome.NO_CODE)
        visitor.passed("request_billing")
        for answer in self._poll(lambda: self._mpaspor.billing_code(self._application)):
            if isinstance(answer.reply, Code) and answer.reply.billing_code:
                visitor.passed("billing_code")
                return answer.reply
            if answer.refusal == "billing_failed":
                break
        raise Leaves(Outcome.NO_CODE)

    def _pay(self, bill: Code) -> None:
        visitor, habits, plan = self._visitor, self._habits, self._visitor.plan
        late_s = visitor.now_s + plan.payment_deadline_s + self._behaviour.late_by_s
        # A deadline of hours never passes in a run of minutes: such a person is seen as one who forgets.
        too_late = late_s > plan.opens_at_s + plan.rush_s + plan.drain_s
        if habits.forgets or (habits.pays_late and too_late):
            raise Leaves(Outcome.FORGOT)
        visitor.pause(habits.pay_think_s)
        if habits.pays_late:
            visitor.pause_until(late_s)
        self._gives_up_s = visitor.now_s + plan.patience_s
        call = self._mpaspor.pay(self._application, bill, habits.channel, self._key("pay"))
        self._needed(self._insist(call, visitor.send_to_bank), Reply, lost=Outcome.FAILED)
        visitor.passed("pay")

    def _see_it_paid(self) -> Outcome:
        visitor = self._visitor
        self._gives_up_s = visitor.now_s + visitor.plan.patience_s
        for answer in self._poll(lambda: self._mpaspor.status(self._application)):
            ending = ENDINGS.get(answer.reply.state or "") if answer.reply else None
            if ending is not None:
                visitor.passed("status")
                return ending
        return Outcome.PAID

    def _insist(self, call: Call, send: Callable[[Call], Answer] | None = None) -> Answer:
        """Attempt the same operation until it is answered or patience is over; gives the last answer."""
        visitor, send = self._visitor, send or self._visitor.send
        answer = send(call)
        wait_s = self._behaviour.retry_first_s
        while answer.worth_retrying and visitor.now_s + wait_s < self._gives_up_s:
            visitor.pause(wait_s * visitor.rng.uniform(0.5, 1.5))
            wait_s = min(wait_s * 2, self._behaviour.retry_limit_s)
            call = call.again()
            answer = send(call)
        return answer

    def _poll(self, ask: Callable[[], Call]) -> Iterator[Answer]:
        """Ask again and again, less and less often, until patience is over."""
        visitor, behaviour = self._visitor, self._behaviour
        wait_s = behaviour.poll_first_s
        while visitor.now_s + wait_s < self._gives_up_s:
            visitor.pause(wait_s)
            wait_s = min(wait_s * behaviour.poll_growth, behaviour.poll_limit_s)
            answer = visitor.send(ask())
            if not (answer.ok or answer.refusal or answer.worth_retrying):
                raise Leaves(Outcome.FAILED)
            yield answer

    def _needed(self, answer: Answer, kind: type[R], lost: Outcome = Outcome.GAVE_UP) -> R:
        """The reply, without which the person cannot go on; `lost` is their outcome if no answer came at all."""
        if isinstance(answer.reply, kind):
            return answer.reply
        if answer.worth_retrying:
            raise Leaves(lost)
        raise Leaves(Outcome.REFUSED if answer.refusal else Outcome.FAILED)

    def _think(self) -> None:
        self._visitor.pause(self._behaviour.think_s * self._visitor.rng.uniform(0.5, 1.5))

    def _key(self, operation: str) -> str:
        return f"{self._visitor.run_token}-{self._visitor.index}-{operation}"
