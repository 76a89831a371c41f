"""A kind of book that has run out: who settles for the other, and what they must do for it."""

import json
from collections.abc import Callable

import pytest

from locustfiles._behaviour import Behaviour
from locustfiles._books import ELECTRONIC, REGULAR, BookJourney
from locustfiles._mpaspor import Wish
from locustfiles._steps import Availability, Slot
from loket.load.answers import Answer
from loket.load.call import Call
from loket.records import Outcome
from tests.load.scripted_visitor import Script, ScriptedVisitor, ok, refused, willing

PUNCTUAL = Behaviour(forgets_share=0.0, pays_late_share=0.0)


def lanes(regular: int, electronic: int) -> Callable[[Call, int], Answer]:
    """A service that has so many places for each book."""

    def script(call: Call, turn: int) -> Answer:
        if call.step.name == "availability":
            lane = call.target.rpartition("lane=")[2]
            free = {"regular": regular, "electronic": electronic}[lane]
            return ok(Availability(slots=(Slot(f"s-{lane}", free),)))
        return willing(call, turn)

    return script


def walk(script: Script, wish: Wish, settles: bool) -> tuple[Outcome, ScriptedVisitor]:
    """One person's whole path, and what they did on it."""
    visitor = ScriptedVisitor(script)
    return BookJourney(visitor, PUNCTUAL, wish, settles).walk(), visitor  # type: ignore[arg-type]


def drafted(visitor: ScriptedVisitor) -> list[str]:
    return [json.loads(call.body)["passport_type"] for call in visitor.calls if call.step.name == "draft"]


@pytest.mark.parametrize("wish", [REGULAR, ELECTRONIC])
def test_a_book_of_which_there_are_places_is_applied_for_once(wish: Wish) -> None:
    """They look in the lane of their book alone, and state that book."""
    outcome, visitor = walk(lanes(1, 1), wish, settles=True)
    assert outcome is Outcome.CONFIRMED
    assert drafted(visitor) == [wish.passport_type]
    seen = {call.target.rpartition("=")[2] for call in visitor.calls if call.step.name == "availability"}
    assert seen == {wish.passport_type}


def test_who_settles_begins_again_for_the_other_book() -> None:
    """Identity and documents are asked for anew, the account is not; the place is one of the other lane."""
    outcome, visitor = walk(lanes(0, 1), REGULAR, settles=True)
    assert outcome is Outcome.CONFIRMED
    assert drafted(visitor) == ["regular", "electronic"]
    names = [call.step.name for call in visitor.calls]
    assert (names.count("register"), names.count("verify_nik"), names.count("upload_document")) == (1, 2, 6)
    assert [call.slot for call in visitor.calls if call.step.name == "hold_slot"] == ["s-electronic"]
    assert visitor.events
    assert set(visitor.events) == {"sold_out"}


def test_who_does_not_settle_goes_home() -> None:
    """And so does whoever wanted the dearer book in the first place."""
    for wish, settles in ((REGULAR, False), (ELECTRONIC, True)):
        outcome, visitor = walk(lanes(0, 0), wish, settles)
        assert outcome is Outcome.SOLD_OUT
        assert drafted(visitor) == [wish.passport_type]


def test_nobody_settles_twice() -> None:
    """Where neither book is to be had the second answer is the last."""
    outcome, visitor = walk(lanes(0, 0), REGULAR, settles=True)
    assert outcome is Outcome.SOLD_OUT
    assert drafted(visitor) == ["regular", "electronic"]


def test_the_second_application_has_keys_of_its_own() -> None:
    """A key that came back with another application would get the first one's answer."""

    def script(call: Call, turn: int) -> Answer:
        if call.step.name == "hold_slot" and call.slot == "s-regular":
            return refused("sold_out")
        return lanes(1, 1)(call, turn)

    outcome, visitor = walk(script, REGULAR, settles=True)
    assert outcome is Outcome.CONFIRMED
    keys = [key for key, attempt in visitor.keys("hold_slot") if attempt == 1]
    assert len(keys) == len(set(keys)) > 1
