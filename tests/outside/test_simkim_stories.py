"""SIMKIM under whatever clerks try: what it tells is always a possible story."""

import itertools
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_mpaspor.outside.simkim.cases import MOVES, CaseState
from tests.outside.simkim_desk import DAY_S, PASS, PATH

WORDS = [*[word for word, _ in PATH], "completion", "shipment", "withdrawal"]
RESULTS = ("approved", "rejected", "incomplete")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(RESULTS), st.integers(0, 8)), max_size=20))
def test_whatever_clerks_try_the_story_told_is_a_possible_one(desk, acts):
    """In any order of steps, waits and repetitions the progress of a case is a path of the table of moves."""
    case = f"case-{next(NUMBERS)}"
    desk.put(case, date=desk.today())
    for word, result, days in acts:
        body = {"interview": {"result": result}, "check-in": PASS}.get(word, {})
        answer = desk.withdraw(case) if word == "withdrawal" else desk.step(case, word, body)
        assert answer.status_code in (200, 409), answer.data
        desk.clock.advance(days * DAY_S / 4)
        desk.staff("POST", "/blanks", {"office": "batam", "passport_type": "regular", "number": 1})
    told = [line["type"] for line in desk.progress(limit=10_000) if line["case"] == case]
    assert told in possible_stories(), told


NUMBERS = itertools.count()


def possible_stories() -> list[list[str]]:
    """Every list of progress that the table of moves can tell from an awaited case on."""
    stories, ends = [], [(CaseState.AWAITED, [])]
    while ends:
        state, story = ends.pop()
        stories.append(story)
        ends += [(move.ends, [*story, *move.tells]) for move in MOVES.values() if move.begins is state]
    return [json.loads(json.dumps(story)) for story in stories]
