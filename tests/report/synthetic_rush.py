"""A synthetic rush as rows on disk: 2,000 people, 200 places, SIMPONI slow for twenty seconds."""

import random
from collections.abc import Iterable
from pathlib import Path

import msgspec

from loket.load.histogram import Histogram
from loket.records import Event, FaultEntry, Origin, Row, Second, Shift, encode
from loket.run_directory import RunDirectory
from loket.verdict import FaultSpan

ORIGIN = Origin(mono_ns=5_000_000_000_000, unix_ns=1_796_000_000_000_000_000)
OPENS_S, END_S = 20, 75
PEOPLE, PLACES = 2000, 200
FAULT = FaultSpan(
    fault="simponi_slow",
    link="simponi",
    what="latency 3,000 ms ± 800 ms",
    requested_s=22.0,
    confirmed_s=22.013,
    healed_s=42.021,
)
# Each step with its median in milliseconds and the people that take it per person who arrives.
STEPS = (
    ("register", 18, 1.0),
    ("login", 9, 1.0),
    ("draft", 7, 1.0),
    ("verify_nik", 310, 1.0),
    ("upload_document", 42, 1.0),
    ("availability", 4, 2.0),
    ("hold_slot", 30, 1.6),
    ("request_billing", 12, 0.1),
    ("billing_code", 6, 1.4),
    ("pay", 45, 0.09),
    ("status", 5, 0.12),
)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows as NDJSON."""
    path.write_bytes(b"".join(encode(row) for row in rows))


def _slowness(step: str, second: int) -> float:
    """How much longer than its median a step takes in this second."""
    at_opening = 1 + 22 * max(0.0, 1 - abs(second - OPENS_S - 2) / 6)
    behind_simponi = 14 if FAULT.requested_s <= second < 44 and step in ("billing_code", "pay") else 1
    return at_opening * behind_simponi


def load_seconds(seed: int = 7) -> list[Second]:
    """A minute and a quarter of load: people wait for the opening, rush in, and fade away."""
    rng = random.Random(seed)
    rows = []
    for second in range(-3, END_S):
        rate = 6 if second < OPENS_S else 60 * 0.93 ** (second - OPENS_S)
        for step, median_ms, each in STEPS:
            if second < OPENS_S and step in ("hold_slot", "request_billing", "billing_code", "pay", "status"):
                continue
            sent = round(rate * each * rng.uniform(0.85, 1.15))
            if not sent:
                continue
            times_us = [
                int(1000 * median_ms * _slowness(step, second) * rng.lognormvariate(0, 0.45)) for _ in range(sent)
            ]
            unknown = sent // 25 if step == "hold_slot" and second in (21, 22, 23) else 0
            errors = sent // 12 if step == "billing_code" and 24 <= second < 40 else 0
            refused = (sent - unknown) * 6 // 10 if step == "hold_slot" and second > 24 else 0
            rows.append(
                Second(
                    worker="w1",
                    second=second,
                    step=step,
                    sent=sent,
                    ok=sent - unknown - errors - refused,
                    refused=refused,
                    errors=errors,
                    unknown=unknown,
                    response=Histogram.of(times_us).encode(),
                )
            )
    return rows


def booking_events(missing: int, seed: int = 7) -> list[Event]:
    """Places taken within seconds of the opening; codes late while SIMPONI is slow; `missing` never shown."""
    rng = random.Random(seed)
    moments: list[tuple[float, dict[str, object]]] = [(0.5, {"type": "slot_opened", "slot": "s1", "capacity": PLACES})]
    for number in range(PLACES):
        who = {"application_id": f"a{number:04}", "applicant": f"p{number:04}"}
        held = OPENS_S + rng.expovariate(1 / 3.0)
        asked = held + rng.uniform(0.4, 1.5)
        slow = FAULT.requested_s <= asked < 42
        shown = asked + (rng.uniform(4, 18) if slow else rng.uniform(0.1, 0.6))
        moments.append((held, {"type": "held", "slot": "s1", **who}))
        moments.append((asked, {"type": "billing_requested", **who}))
        if slow:
            moments.append((asked + 3, {"type": "bill_attempt_failed", "reason": "timeout", "attempt": 1, **who}))
        if number >= PLACES - missing:
            continue
        moments.append((shown - 0.1, {"type": "bill_issued", "billing_code": f"8{number:014}", **who}))
        moments.append((shown, {"type": "code_shown", **who}))
        if number % 17:
            moments.append((shown + rng.uniform(2, 14), {"type": "paid", "slot": "s1", **who}))
        else:
            moments.append((shown + 32, {"type": "released", "slot": "s1", "reason": "expired", **who}))
    moments.sort(key=lambda each: each[0])
    return [
        msgspec.convert({"seq": seq, "unix_ns": ORIGIN.unix_ns + int(second * 1e9), **fields}, Event)
        for seq, (second, fields) in enumerate(moments, start=1)
    ]


def shift_rows(ends: bool = True) -> list[Shift]:
    """The worker's record: late for a moment at the opening."""
    rng = random.Random(3)
    rows = [Shift(mono_ns=ORIGIN.mono_ns - 10**9, worker="w1", type="begin", pid=4711)]
    for tick in range(4 * END_S):
        busy = 1.0 if OPENS_S * 4 <= tick < (OPENS_S + 15) * 4 else 0.25
        rows.append(
            Shift(
                mono_ns=ORIGIN.mono_ns + tick * 250_000_000,
                worker="w1",
                type="tick",
                send_lateness_ms=busy * rng.uniform(0.3, 6),
                loop_lag_ms=busy * rng.uniform(0.2, 9),
                cpu_share=busy * rng.uniform(0.4, 0.62),
            )
        )
    if ends:
        rows.append(Shift(mono_ns=ORIGIN.mono_ns + END_S * 10**9, worker="w1", type="end"))
    return rows


def plan_document() -> dict[str, object]:
    """The part of a resolved plan that a report reads."""
    load = {
        "people": PEOPLE,
        "places": PLACES,
        "days": 1,
        "opens_at_s": 20.0,
        "rush_s": 40.0,
        "profile": "kepri_island",
    }
    return {
        "name": "quota_rush",
        "seed": 20230130,
        "experiment": {"title": "t", "office": "belakang_padang", "load": load},
    }


def write_evidence(root: Path, missing: int) -> RunDirectory:
    """Everything but the verdict."""
    run = RunDirectory(root)
    run.create()
    run.plan.write_bytes(msgspec.json.encode(plan_document()))
    run.origin_file.write_bytes(msgspec.json.encode(ORIGIN))
    write_rows(run.series / "load-w1.ndjson", load_seconds())
    write_rows(run.journal / "shift-w1.ndjson", shift_rows())
    write_rows(run.events_file, booking_events(missing))
    entries = (("requested", 22.0), ("confirmed", 22.013), ("heal_requested", 42.0), ("healed", 42.021))
    write_rows(
        run.faults_file,
        [
            FaultEntry(
                mono_ns=ORIGIN.mono_ns + int(second * 1e9),
                source="timeline",
                type=kind,
                link="simponi",
                fault="simponi_slow",
                detail=FAULT.what,
            )
            for kind, second in entries
        ],
    )
    return run
