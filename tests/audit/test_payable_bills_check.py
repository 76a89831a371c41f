"""Invariant 10: a booking has at most one bill that is payable or paid."""

import pytest

from loket.verdict import CheckVerdict


@pytest.mark.parametrize("other", ["void", "refunded"])
def test_holds_when_the_second_bill_cannot_be_paid(story, other):
    """A void or refunded bill asks nobody for money."""
    result = story.bill("81", "a1", other).bill("82", "a1", "open").check(10)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 1)


@pytest.mark.parametrize(("first", "second"), [("open", "open"), ("paid", "open"), ("open", "paid"), ("paid", "paid")])
def test_fires_when_two_bills_ask_for_the_same_fee(story, first, second):
    """The witness is the two bills and the service's part in them."""
    story.asked("a1", key="k1").bill("81", "a1", first).bill("82", "a1", second).issued("a1", "82")
    result = story.check(10)
    assert result.violation_count == 1
    [violation] = result.violations
    assert violation.sentence == (f"Application a1 has 2 bills that are payable or paid: 81 ({first}), 82 ({second}).")
    assert [line.split("  ")[1].split(" (")[0] for line in violation.witness] == [
        "service #1: billing_requested",
        f"gateway: bill 81 for a1, 650000, in the end {first}",
        f"gateway: bill 82 for a1, 650000, in the end {second}",
        "service #2: bill_issued",
    ]


def test_needs_no_events_to_fire(story):
    """The gateway's bills are proof enough."""
    result = story.bill("81", "a1").bill("82", "a1").without("events.ndjson").check(10)
    assert len(result.violations[0].witness) == 2


def test_is_unknown_without_bills(story):
    """A vacuous run proves nothing."""
    result = story.check(10)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "the gateway has no bill")
