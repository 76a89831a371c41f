"""A day called off: who may move when, where to, and what they make sure of afterwards."""

import json
from collections.abc import Callable
from random import Random

import pytest

from locustfiles._behaviour import Behaviour
from locustfiles._moving import ANNOUNCEMENTS, MovingJourney, call_the_day_off, parts
from locustfiles._steps import Availability, Code, Granted, Slot
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.records import Outcome
from tests.load.scripted_visitor import PLAN, Script, ScriptedVisitor, lost, ok, refused, willing

PUNCTUAL = Behaviour(forgets_share=0.0, pays_late_share=0.0)
FRIDAY = Slot("friday", 5, "2025-08-29")
MONDAY = Slot("monday", 1, "2025-09-01")
NOT_YET = Slot("tuesday", 9, "2025-09-02", open=False)


class Office:
    """Holds one application, moves it where the script lets it, and shows it where it is."""

    def __init__(self, *moves: Answer, later: tuple[Slot, ...] = (MONDAY, NOT_YET)) -> None:
        self.slot = ""
        self.state = "PAID"
        self._moves = moves
        self._later = later

    def __call__(self, call: Call, turn: int) -> Answer:
        match call.step.name:
            case "availability":
                return ok(Availability(slots=(FRIDAY, *self._later)))
            case "hold_slot":
                self.slot = call.slot or ""
                return ok(Reply(application_id="a1", slot=self.slot))
            case "billing_code":
                return ok(Code(application_id="a1", billing_code="8" * 15, amount_idr=650_000))
            case "reschedule":
                answer = self._moves[min(turn, len(self._moves) - 1)]
                if answer.ok:
                    self.slot = call.slot or ""
                return answer
            case "status":
                return ok(Reply(application_id="a1", state=self.state, slot=self.slot))
            case _:
                return willing(call, turn)


def walk(script: Script) -> tuple[Outcome, ScriptedVisitor]:
    """One person's whole path, and what they did on it; they would rather have the earliest day."""
    visitor = ScriptedVisitor(script)
    return MovingJourney(visitor, PUNCTUAL).walk(), visitor  # type: ignore[arg-type]


def wanted(visitor: ScriptedVisitor, step: str) -> list[str | None]:
    return [call.slot for call in visitor.calls if call.step.name == step]


def test_somebody_books_pays_and_moves_once_the_day_is_called_off() -> None:
    """Booked and paid before the announcement, moved after it, and seen at the new place."""
    at: dict[str, float] = {}
    office = Office(ok())
    visitor = ScriptedVisitor(lambda call, turn: (at.setdefault(call.step.name, visitor.now_s), office(call, turn))[1])
    assert MovingJourney(visitor, PUNCTUAL).walk() is Outcome.MOVED  # type: ignore[arg-type]
    assert at["pay"] < PLAN.opens_at_s < at["reschedule"]
    assert (wanted(visitor, "hold_slot"), wanted(visitor, "reschedule")) == (["friday"], ["monday"])
    assert "reschedule" in visitor.steps


def test_a_release_that_has_not_opened_tempts_nobody() -> None:
    """Neither to book nor to move, whatever day somebody likes: there is one to be had."""
    chosen: list[str | None] = []
    for seed in range(20):
        visitor = ScriptedVisitor(Office(ok()))
        visitor.rng = Random(seed)
        MovingJourney(visitor, PUNCTUAL).walk()  # type: ignore[arg-type]
        chosen += wanted(visitor, "hold_slot") + wanted(visitor, "reschedule")
    assert set(chosen) == {"friday", "monday"}


@pytest.mark.parametrize("obstacle", ["slot_full", "too_late", "not_open", "sold_out"])
def test_what_stands_in_the_way_is_tried_again_under_another_key(obstacle: str) -> None:
    """Others were faster, or the office has not said it yet: the next try is an operation of its own."""
    outcome, visitor = walk(Office(refused(obstacle), ok()))
    assert outcome is Outcome.MOVED
    assert len({key for key, _ in visitor.keys("reschedule")}) == 2


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key() -> None:
    """Whoever changes the key moves twice, and has used up the move that was given once."""
    outcome, visitor = walk(Office(lost(), ok()))
    assert outcome is Outcome.MOVED
    (first, second) = visitor.keys("reschedule")
    assert (first[0], second[1]) == (second[0], 2)


@pytest.mark.parametrize(
    ("office", "outcome"),
    [
        (Office(refused("sold_out")), Outcome.SOLD_OUT),
        (Office(ok(), later=()), Outcome.SOLD_OUT),
        (Office(refused("too_late")), Outcome.REFUSED),
        (Office(refused("wrong_state")), Outcome.REFUSED),
    ],
)
def test_who_finds_no_other_day_still_has_theirs(office: Office, outcome: Outcome) -> None:
    """They leave without having moved."""
    assert walk(office)[0] is outcome
    assert office.slot == "friday"


@pytest.mark.parametrize("moves", [ok(), refused("sold_out")])
@pytest.mark.parametrize("lose", ["place", "money"])
def test_a_place_or_a_payment_that_is_gone_afterwards_is_a_failure(moves: Answer, lose: str) -> None:
    """Whether they were moved or not: they look, and are not content with the answer to their request."""
    office = Office(moves)

    def script(call: Call, turn: int) -> Answer:
        if call.step.name == "reschedule" and lose == "money":
            office.state = "EXPIRED"
        answer = office(call, turn)
        if call.step.name == "reschedule" and lose == "place":
            office.slot = ""
        return answer

    assert walk(script)[0] is Outcome.FAILED


def test_who_has_not_paid_has_nothing_to_move() -> None:
    """The journey ends as any other would."""
    visitor = ScriptedVisitor(Office(ok()))
    outcome = MovingJourney(visitor, Behaviour(forgets_share=1.0)).walk()  # type: ignore[arg-type]
    assert outcome is Outcome.FORGOT
    assert visitor.keys("reschedule") == []


def administration(*grants: Answer, slots: tuple[Slot, ...] = (MONDAY, FRIDAY)) -> Callable[[Call, int], Answer]:
    """The office's own view: its days, and what it is told of a day called off."""

    def script(call: Call, turn: int) -> Answer:
        if call.step.name == "availability":
            return ok(Availability(slots=slots))
        return grants[min(turn, len(grants) - 1)]

    return script


def test_the_office_calls_its_earliest_day_off_at_the_opening_and_says_it_again() -> None:
    """Whoever's payment was still on its way is let move by a later word; said twice it is still one move."""
    visitor = ScriptedVisitor(administration(ok(Granted(applications=7)), ok(Granted(applications=0))))
    assert call_the_day_off(visitor, PUNCTUAL) is Outcome.GRANTED  # type: ignore[arg-type]
    said = [json.loads(call.body) for call in visitor.calls if call.step.name == "grant_moves"]
    assert said == [{"office": PLAN.office, "date": "2025-08-29", "reason": "force_majeure"}] * ANNOUNCEMENTS
    assert visitor.now_s >= PLAN.opens_at_s


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (administration(ok(Granted(applications=0))), Outcome.FAILED),
        (administration(ok(Granted(applications=7)), slots=()), Outcome.FAILED),
        (administration(lost()), Outcome.GAVE_UP),
    ],
)
def test_a_day_that_could_not_be_called_off_is_told(script: Script, outcome: Outcome) -> None:
    """Nobody had booked it, there was none, or the service did not answer."""
    assert call_the_day_off(ScriptedVisitor(script), PUNCTUAL) is outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "places"), [(1, 1), (2, 3), (6, 400), (22, 8000)])
def test_every_part_of_the_release_has_days_and_places(days: int, places: int) -> None:
    """However small the plan, the day to be called off comes first and somewhere to move to follows."""
    found = parts(days, places, opens_at_s=30.0)
    assert [after_s for after_s, _, _ in found] == sorted(after_s for after_s, _, _ in found)
    assert all(some_days >= 1 and some_places >= 1 for _, some_days, some_places in found)
    if days >= 3 and places >= 10:
        assert (sum(part[1] for part in found), sum(part[2] for part in found)) == (days, places)
