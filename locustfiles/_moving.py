"""A day called off: the office lets whoever has paid for it move, and all of them look for another day at once."""

from itertools import count

from locustfiles._appointment import choose, free_slots
from locustfiles._behaviour import Behaviour
from locustfiles._journeys import NOT_OPEN, SLOT_FULL, SOLD_OUT, PassportJourney
from locustfiles._mpaspor import MPaspor
from locustfiles._office import Administration
from locustfiles._people import person
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Availability, Granted, Slot
from loket.load.visitor import Visitor
from loket.records import Outcome

LANE = "online"
# What the service says to somebody whom the office has not let move yet: their day has begun.
TOO_LATE = "too_late"
# Assumption: half of the places are of the day that is called off; of the others six in ten open with the announcement,
# and the office adds the rest some seconds later.
CALLED_OFF_SHARE = 0.5
AT_ONCE_SHARE = 0.6
ADDED_AFTER_S = 8.0
# Assumption: the office says it again so often, this far apart, for whoever's payment was still on its way.
ANNOUNCEMENTS = 3
AGAIN_S = 5.0


class MovingJourney(PassportJourney):
    """Somebody books what is open, pays, and must find another day once the plan's opening has come."""

    def walk(self) -> Outcome:
        """From arriving to leaving."""
        outcome = super().walk()
        if outcome is not Outcome.CONFIRMED or self._held is None:
            return outcome
        try:
            self._visitor.pause_until(self._visitor.plan.opens_at_s + self._habits.reaction_s)
            return self._move(self._held)
        except Leaves as leaves:
            return leaves.outcome

    def _wait_for_the_opening(self) -> None:
        """The day that will be called off can be had from the beginning."""
        self._look()

    def _wants(self, slot: Slot) -> bool:
        return super()._wants(slot) and slot.open

    def _move(self, held: Slot) -> Outcome:
        """To a later day; whoever finds none keeps what they have. Raises Leaves."""
        phone, visitor, behaviour = self._phone, self._visitor, self._behaviour
        pauses_s = {SOLD_OUT: behaviour.look_again_s, SLOT_FULL: behaviour.choose_again_s}
        phone.be_patient()
        looks = 0
        for number in count(1):
            obstacle = self._try_to_move(held, number)
            if obstacle is None:
                visitor.passed("reschedule")
                return self._seen_at(Outcome.MOVED)
            looks += obstacle == SOLD_OUT
            if looks > behaviour.looks_after_sold_out or visitor.now_s > phone.gives_up_s:
                return self._seen_at(Outcome.SOLD_OUT if looks else Outcome.REFUSED)
            visitor.pause(pauses_s.get(obstacle, behaviour.too_early_s) * visitor.rng.uniform(0.5, 1.5))
        raise AssertionError("counting never ends")

    def _try_to_move(self, held: Slot, number: int) -> str | None:
        """What stood in the way, None if nothing did. Raises Leaves."""
        later = [slot for slot in free_slots(self._phone, self._mpaspor, LANE) if slot.open and slot.date > held.date]
        if not later:
            self._visitor.happened(SOLD_OUT)
            return SOLD_OUT
        slot = choose(later, self._habits.taste, lead=0)
        call = self._mpaspor.reschedule(self._application, slot.slot, self._phone.key(f"move-{number}"))
        answer = self._phone.insist(call)
        if answer.refusal in (SOLD_OUT, SLOT_FULL, NOT_OPEN, TOO_LATE):
            return answer.refusal
        if not answer.ok:
            raise Leaves(Outcome.REFUSED if answer.refusal else Outcome.FAILED)
        self._held = slot
        return None

    def _seen_at(self, outcome: Outcome) -> Outcome:
        """The outcome, once the application is seen as paid and at the place that it should have. Raises Leaves."""
        phone = self._phone
        phone.be_patient()
        for answer in phone.poll(lambda: self._mpaspor.status(self._application)):
            if answer.reply is not None:
                kept = self._held is not None and answer.reply.slot == self._held.slot
                return outcome if kept and answer.reply.state == "PAID" else Outcome.FAILED
        raise Leaves(Outcome.GAVE_UP)


def call_the_day_off(visitor: Visitor, behaviour: Behaviour) -> Outcome:
    """The administration's part, at the plan's opening: the earliest day that the office has is called off."""
    administration = Administration(visitor.plan.admin_token)
    phone = Phone(visitor, behaviour)
    granted = 0
    try:
        visitor.pause_until(visitor.plan.opens_at_s)
        day = _earliest_day(phone)
        for _ in range(ANNOUNCEMENTS):
            call = administration.call_off(visitor.office, day)
            granted += phone.needed(phone.insist(call, visitor.send_past_the_network), Granted).applications
            visitor.pause(AGAIN_S)
    except Leaves as leaves:
        return leaves.outcome
    return Outcome.GRANTED if granted else Outcome.FAILED


def _earliest_day(phone: Phone) -> str:
    """Raises Leaves."""
    visitor = phone.visitor
    call = MPaspor(person(visitor.plan.seed, visitor.index), visitor.office).availability(visitor.office)
    days = [slot.date for slot in phone.needed(phone.insist(call, visitor.send_past_the_network), Availability).slots]
    if not days:
        raise Leaves(Outcome.FAILED)
    return min(days)


def parts(days: int, places: int, opens_at_s: float) -> tuple[tuple[float, int, int], ...]:
    """The releases: when each opens, in seconds from the announcement, its days and its places, none without any.

    >>> parts(days=6, places=400, opens_at_s=45.0)
    ((-45.0, 1, 200), (0.0, 3, 120), (8.0, 2, 80))
    """
    called_off = round(places * CALLED_OFF_SHARE)
    at_once = round((places - called_off) * AT_ONCE_SHARE)
    days_at_once = round((days - 1) * AT_ONCE_SHARE)
    wanted = (
        (-opens_at_s, 1, called_off),
        (0.0, days_at_once, at_once),
        (ADDED_AFTER_S, days - 1 - days_at_once, places - called_off - at_once),
    )
    return tuple((after_s, max(1, some_days), max(1, some_places)) for after_s, some_days, some_places in wanted)
