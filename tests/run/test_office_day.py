"""A short month at an office, with the real service, the real network and the office's own clerks."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SHORT = """\
title: Forty people have errands at an office where a day lasts less than a second
scenario: office_day
seed: 20231106
office: batam
load: {people: 40, days: 30, places: 300, opens_at: 1s, rush: 3s, drain: 10s, patience: 8s}
service:
  clock_scale: 100000
  payment_deadline: 96h
  hold_ttl: 96h
  code_patience: 480h
  dukcapil: {median: 5ms}
"""
# From the referral to the passport in the hand.
PATHS = ("referred", "paid", "checked_in", "interviewed", "ready", "collected")


def test_a_month_of_errands_ends_as_promised(start: Callable[..., object], tiny: Callable[..., Path]) -> None:
    """No invariant is broken whatever the errand, and people of every way have been served."""
    run = start(tiny(SHORT))
    code = run.end()
    assert code != 3, run.out.read_text()
    events = [json.loads(line) for line in (run.root / "events.ndjson").read_text().splitlines()]
    seen = Counter(event["type"] for event in events)
    assert all(seen[path] for path in PATHS), seen
    assert any(event.get("reason") == "apapo" for event in events if event["type"] == "held")
    outcomes = run.verdict["outcomes"]
    assert "informed" in outcomes, outcomes
    assert not {"failed", "no_code"} & set(outcomes), outcomes
