"""Stop conditions: which sentences are ones, and when they are met."""

import pytest

from loket.gate.stop import parse_stop
from loket.gate.tokens import GateError
from loket.gate.vocabulary import Vocabulary

KNOWN = Vocabulary(faults=("slow",), ends_s=60)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("all.errors > 60% for 5s", 5), ("hold_slot.p95 >= 2s  for  1m", 60), ("all.count > 9 for 1s", 1)],
)
def test_a_condition_is_a_gate_and_how_long(text, seconds):
    """The gate is the gates' own, the span whole seconds."""
    condition = parse_stop(text, KNOWN)
    assert condition.seconds == seconds
    assert condition.text == text
    assert condition.gate.text == text.split(" for ")[0].strip()


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("all.errors > 60%", 16, "as in 'all.errors > 60% for 5s'"),
        ("all.errors > 60% for", 20, "as in"),
        ("all.erors > 60% for 5s", 4, "did you mean"),
        ("all.errors[rush] > 60% for 5s", 0, "of the present"),
        ("billing_code.missing > 3 for 5s", 0, "of the present"),
        ("recovery(slow) > 3s for 5s", 0, "of the present"),
        ("all.errors > 60% for 500ms", 21, "whole seconds"),
        ("all.errors > 60% for 5", 21, "a duration with its unit"),
    ],
)
def test_anything_else_is_refused_at_its_place(text, offset, words):
    """The message says what was expected, and the offset where."""
    with pytest.raises(GateError) as refused:
        parse_stop(text, KNOWN)
    assert refused.value.offset == offset
    assert words in refused.value.message


def test_a_condition_has_to_hold_in_every_second_of_its_span(build):
    """Three seconds in a row; one that is healthy, or in which nothing was sent, begins it anew."""
    condition = parse_stop("all.errors > 50% for 3s", KNOWN)
    bad = [build.second(second, [5], errors=3) for second in (10, 11, 12, 14, 15, 17, 18, 19)]
    samples = build.samples(*bad, build.second(16, [5, 5, 5], errors=1))
    met = {before: condition.met(samples, before) for before in range(9, 22)}
    assert {before: figure for before, figure in met.items() if figure} == {13: "75%", 20: "75%"}


def test_a_request_without_an_answer_is_an_error(build):
    """Those sent and not come back count as they would in a gate."""
    condition = parse_stop("pay.errors >= 100% for 1s", KNOWN)
    silent = build.second(3, [], step="pay", unknown=2)
    assert condition.met(build.samples(silent), 4) == "100%"
