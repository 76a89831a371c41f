"""One person's way to a passport appointment: prepare, wait for the quota, hold a place, get the code, pay."""

from itertools import count

from locustfiles._account import open_account
from locustfiles._behaviour import Behaviour, Habits
from locustfiles._document import jpeg
from locustfiles._mpaspor import MPaspor, Wish
from locustfiles._people import person
from locustfiles._phone import Leaves, Phone
from locustfiles._purchase import Purchase
from locustfiles._steps import Availability, Slot
from locustfiles._waiting_room import wait_for_the_turn
from loket.load.answers import Reply
from loket.load.visitor import Visitor
from loket.records import Outcome

ANY = Wish()
# What can stand between a person and a place: the service's words, and a calendar that nobody answered for.
SOLD_OUT = "sold_out"
SLOT_FULL = "slot_full"
NOT_OPEN = "not_open"
QUEUE_FIRST = "queue_first"
NOT_SEEN = "not_seen"


class PassportJourney:
    """The whole path; `walk` is its table of contents. `lane` is the one that the person looks for a place in."""

    def __init__(self, visitor: Visitor, behaviour: Behaviour, wish: Wish = ANY, lane: str | None = None) -> None:
        self._visitor = visitor
        self._behaviour = behaviour
        self._habits = Habits.draw(visitor.rng, behaviour)
        self._phone = Phone(visitor, behaviour, refreshes=self._habits.refreshes)
        self._wish = wish
        self._lane = lane
        self._person = person(visitor.plan.seed, visitor.index)
        self._mpaspor = MPaspor(self._person, visitor.office)
        self._application = ""
        self._ticket: str | None = None
        self._calendar: tuple[Slot, ...] | None = None
        self._held: Slot | None = None
        self._tries = count(1)

    def walk(self) -> Outcome:
        """From arriving to leaving."""
        try:
            self._prepare()
            self._wait_for_the_opening()
            self._hold_a_place()
            purchase = Purchase(self._phone, self._mpaspor, self._application, self._habits)
            purchase.pay(purchase.get_the_code())
            return purchase.see_it_paid()
        except Leaves as leaves:
            return leaves.outcome

    def _prepare(self) -> None:
        self._mpaspor = open_account(self._phone, self._person)
        self._apply()

    def _apply(self) -> None:
        """A new application, ready to be given a place."""
        visitor, phone = self._visitor, self._phone
        phone.think()
        draft = phone.needed(phone.insist(self._mpaspor.draft(visitor.office, self._wish)), Reply)
        self._application = draft.application_id or ""
        visitor.passed("draft")
        phone.think()
        phone.needed(phone.insist(self._mpaspor.verify_nik(self._application)), Reply)
        visitor.passed("verify_nik")
        for kind in self._behaviour.documents:
            phone.think()
            image = jpeg(self._behaviour.document_bytes)
            phone.needed(phone.insist(self._mpaspor.upload_document(self._application, kind, image)), Reply)
        visitor.passed("upload_document")

    def _wait_for_the_opening(self) -> None:
        visitor, behaviour = self._visitor, self._behaviour
        goes_s = visitor.plan.opens_at_s + self._habits.reaction_s
        self._look()
        while (rest_s := goes_s - visitor.now_s) > behaviour.look_every_s * 1.5:
            visitor.pause(min(rest_s, behaviour.look_every_s * visitor.rng.uniform(0.5, 1.5)))
            self._look()
        visitor.wait_armed(goes_s)

    def _look(self) -> None:
        """One glance at the calendar; a glance without an answer leaves the last picture standing."""
        answer = self._visitor.send(self._mpaspor.availability(self._visitor.office, self._lane))
        if isinstance(answer.reply, Availability):
            self._calendar = answer.reply.slots

    def _hold_a_place(self) -> None:
        visitor, behaviour = self._visitor, self._behaviour
        pauses_s = {
            SOLD_OUT: behaviour.look_again_s,
            NOT_OPEN: behaviour.too_early_s,
            SLOT_FULL: behaviour.choose_again_s,
            NOT_SEEN: behaviour.retry_first_s,
            QUEUE_FIRST: 0.0,
        }
        looks = 0
        # Tries are numbered through a person's applications: each has a key of its own.
        for number in self._tries:
            obstacle = self._try_to_hold(number)
            if obstacle is None:
                visitor.passed("hold_slot")
                return
            looks += obstacle == SOLD_OUT
            if looks > behaviour.looks_after_sold_out or visitor.now_s > self._phone.gives_up_s:
                raise Leaves(Outcome.SOLD_OUT if looks else Outcome.GAVE_UP)
            if obstacle == QUEUE_FIRST:
                self._ticket = wait_for_the_turn(self._phone, self._mpaspor)
            visitor.pause(pauses_s[obstacle] * visitor.rng.uniform(0.5, 1.5))
            if obstacle != NOT_OPEN:
                self._look()

    def _try_to_hold(self, number: int) -> str | None:
        """Try for the place that the person wants most; gives what stood in the way, None if nothing did."""
        if self._calendar is None:
            return NOT_SEEN
        free = [slot for slot in self._calendar if self._wants(slot)]
        if not free:
            self._visitor.happened(SOLD_OUT)
            return SOLD_OUT
        # Earlier days are wanted more: the square draws the taste towards the first of them.
        slot = free[int(self._habits.taste**2 * len(free))]
        key = self._phone.key(f"hold-{number}")
        answer = self._phone.insist(self._mpaspor.hold_slot(self._application, slot.slot, key, self._ticket))
        if answer.refusal in (SOLD_OUT, NOT_OPEN, SLOT_FULL, QUEUE_FIRST):
            return answer.refusal
        self._phone.needed(answer, Reply)
        self._held = slot
        return None

    def _wants(self, slot: Slot) -> bool:
        """People try their luck before the opening too."""
        return slot.free > 0
