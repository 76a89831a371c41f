"""An appointment at the office: choosing a day far enough ahead, holding it, moving it to a later one."""

from itertools import count

from locustfiles._mpaspor import MPaspor
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Availability, Slot
from locustfiles._waiting_room import wait_for_the_turn
from loket.load.answers import Reply
from loket.records import Outcome

# Assumption: people choose a day from three to nine working days ahead; an office-day has two sessions.
LEAD_SLOTS = 6
SPAN_SLOTS = 12


def free_slots(phone: Phone, mpaspor: MPaspor, lane: str) -> list[Slot]:
    """The places that a person can see, earliest first. Raises Leaves."""
    answer = phone.insist(mpaspor.availability(phone.visitor.office, lane))
    return [slot for slot in phone.needed(answer, Availability).slots if slot.free > 0]


def choose(free: list[Slot], taste: float, lead: int = LEAD_SLOTS) -> Slot:
    """The place that somebody of this taste (0 to 1) wants; the last one where none is so far ahead.

    >>> days = [Slot(f"s{number}", 1) for number in range(30)]
    >>> choose(days, 0.0).slot, choose(days, 0.99).slot, choose(days[:2], 0.5).slot
    ('s6', 's17', 's1')
    """
    wanted = free[lead : lead + SPAN_SLOTS]
    return wanted[int(taste * len(wanted))] if wanted else free[-1]


class Appointment:
    """Of one application, called `name` in its keys, in one lane."""

    def __init__(self, phone: Phone, mpaspor: MPaspor, application: str, lane: str, name: str) -> None:
        self._phone = phone
        self._mpaspor = mpaspor
        self._application = application
        self._lane = lane
        self._name = name
        self._ticket: str | None = None

    def hold(self, taste: float) -> Slot:
        """The place that was held. Raises Leaves."""
        phone, visitor, behaviour = self._phone, self._phone.visitor, self._phone.behaviour
        phone.be_patient()
        looks = 0
        for number in count(1):
            free = free_slots(phone, self._mpaspor, self._lane)
            if free:
                slot = choose(free, taste)
                if self._try(slot, number):
                    visitor.passed("hold_slot")
                    return slot
            else:
                looks += 1
            if looks > behaviour.looks_after_sold_out or visitor.now_s > phone.gives_up_s:
                raise Leaves(Outcome.SOLD_OUT if looks else Outcome.GAVE_UP)
            # Nothing is given before the opening.
            visitor.pause_until(visitor.plan.opens_at_s)
            visitor.pause(
                (behaviour.choose_again_s if free else behaviour.look_again_s) * visitor.rng.uniform(0.5, 1.5)
            )
        raise AssertionError("counting never ends")

    def move(self, held: Slot, taste: float) -> None:
        """To a later day than the one held, where one can be had."""
        phone = self._phone
        later = [slot for slot in free_slots(phone, self._mpaspor, self._lane) if slot.date > held.date]
        if later:
            slot, key = choose(later, taste, lead=0), phone.key(f"move-{self._name}")
            answer = phone.insist(self._mpaspor.reschedule(self._application, slot.slot, key))
            if answer.ok:
                phone.visitor.passed("reschedule")

    def _try(self, slot: Slot, number: int) -> bool:
        phone = self._phone
        key = phone.key(f"hold-{self._name}-{number}")
        answer = phone.insist(self._mpaspor.hold_slot(self._application, slot.slot, key, self._ticket))
        if answer.refusal == "queue_first":
            self._ticket = wait_for_the_turn(phone, self._mpaspor)
        elif answer.refusal is None:
            phone.needed(answer, Reply)
            return True
        return False
