"""A run in which the service's clock runs faster: two hours to pay pass in seconds, and nobody is wronged by it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCALE = 1800
OPENS_S = 3
HURRIED = f"""\
title: Three dozen people have two hours to pay, which are four seconds
scenario: quota_rush
seed: 7
office: belakang_padang
load: {{people: 36, places: 30, opens_at: {OPENS_S}s, rush: 4s, drain: 10s, patience: 8s}}
service:
  clock_scale: {SCALE}
  payment_deadline: 2h
  hold_ttl: 2h
  code_patience: 3h
  quiesce: 20s
  dukcapil: {{median: 5ms}}
"""


def test_two_hours_pass_in_seconds(start: Callable[..., object], tiny: Callable[..., Path]) -> None:
    """Unpaid codes expire within the run, none before its two hours; the quota opens at its second of the run."""
    run = start(tiny(HURRIED))
    code = run.end()
    assert code != 3, run.out.read_text()
    events = [json.loads(line) for line in (run.root / "events.ndjson").read_text().splitlines()]
    origin_ns = json.loads((run.root / "origin.json").read_text())["unix_ns"]
    issued = {event["application_id"]: event["unix_ns"] for event in events if event["type"] == "bill_issued"}
    expired = {event["application_id"]: event["unix_ns"] for event in events if event["type"] == "expired"}
    assert expired, run.out.read_text()
    least_ns = 7200 / SCALE * 1e9
    # The deadline counts from just before the commit that the event is stamped at.
    assert all(ended_ns - issued[application] > least_ns * 0.9 for application, ended_ns in expired.items())
    held = [event["unix_ns"] for event in events if event["type"] == "held"]
    assert min(held) >= origin_ns + OPENS_S * 1e9
    plan = json.loads((run.root / "plan.json").read_text())["experiment"]["service"]
    assert (plan["payment_deadline_s"], plan["clock_scale"]) == (4.0, SCALE)
