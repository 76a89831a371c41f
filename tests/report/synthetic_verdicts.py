"""Verdicts on the synthetic rush: one that held, one that found the service wrong."""

import msgspec

from loket.records import Ledger
from loket.verdict import (
    CheckResult,
    CheckVerdict,
    FunnelStep,
    GateResult,
    GateVerdict,
    MissingCode,
    Verdict,
    Violation,
    Word,
)
from tests.report.synthetic_rush import FAULT


def held_verdict() -> Verdict:
    """Every gate passed, every invariant held."""
    return Verdict(
        verdict=Word.HELD,
        exit_code=0,
        title="The quota opens while SIMPONI answers slowly",
        scenario="quota_rush",
        seed=20230130,
        started_at="2026-11-30T00:53:20+00:00",
        duration_s=96.4,
        sentences=("2,000 people came for 200 places.", "Nobody is without a payment code."),
        gates=(
            GateResult(gate="hold_slot.p95[rush] < 800ms", verdict=GateVerdict.PASSED, figure="612 ms", samples=1140),
            GateResult(gate="billing_code.missing == 0", verdict=GateVerdict.PASSED, figure="0", samples=200),
            GateResult(gate="recovery(simponi_slow) < 30s", verdict=GateVerdict.PASSED, figure="4 s", samples=380),
        ),
        checks=(
            CheckResult(
                number=1,
                name="no_overbooking",
                promise="No slot is given to more people than it has places.",
                verdict=CheckVerdict.HOLDS,
                examined=214,
            ),
            CheckResult(
                number=13,
                name="money_honoured",
                promise="Every payment leads to a passport appointment or a refund.",
                verdict=CheckVerdict.HOLDS,
                examined=187,
            ),
            CheckResult(
                number=20,
                name="queue_order",
                promise="Queue numbers are served in their order.",
                verdict=CheckVerdict.NOT_CHECKED,
                examined=0,
                note="The scenario has no queue.",
            ),
        ),
        faults=(FAULT,),
        funnel=tuple(
            FunnelStep(step=step, people=people)
            for step, people in zip(
                ("arrived", "register", "login", "verify_nik", "upload_document", "hold_slot", "billing_code", "pay"),
                (2000, 1996, 1996, 1961, 1958, 200, 198, 187),
                strict=True,
            )
        ),
        outcomes={
            "confirmed": 187,
            "sold_out": 1746,
            "no_code": 2,
            "forgot": 11,
            "refused": 35,
            "gave_up": 15,
            "failed": 4,
        },
        ledgers={
            "arrivals": msgspec.structs.asdict(Ledger(scheduled=2000, sent=2000, ok=1996, failed=4)),
            "requests": msgspec.structs.asdict(
                Ledger(scheduled=15_200, sent=15_130, dropped=50, cancelled=20, ok=14_000, failed=1_100, unknown=30)
            ),
        },
        versions={"loket": "0.1.0", "python": "3.11.2", "locust": "2.47.0", "bokeh": "3.9.2"},
        overhead_s={"stack started": 2.1, "audit": 0.8},
    )


def wrong_verdict() -> Verdict:
    """Two codes missing, a slot overbooked, a gate failed, a defect planted."""
    held = held_verdict()
    failed = (
        GateResult(
            gate="hold_slot.p95[rush] < 800ms",
            verdict=GateVerdict.FAILED,
            figure="1243 ms",
            samples=1140,
        ),
        GateResult(gate="billing_code.missing == 0", verdict=GateVerdict.FAILED, figure="2", samples=200),
        GateResult(
            gate="billing_code.wait.p99[fault] < 30s",
            verdict=GateVerdict.FAILED,
            figure="never",
            samples=143,
            note="2 of 143 people never saw a code; only 143 samples, 299 bound a p99",
        ),
        held.gates[2],
    )
    violated = CheckResult(
        number=11,
        name="code_liveness",
        promise="Who holds a place and asks for a payment code gets one, or the place goes back.",
        verdict=CheckVerdict.VIOLATED,
        examined=200,
        violations=(
            Violation(
                sentence="Application a0198 holds a place and never got its payment code.",
                witness=(
                    " 23.104 s  service  held               a0198  s1",
                    " 24.233 s  service  billing_requested  a0198",
                    " 27.233 s  service  bill_attempt_failed  attempt 1: timeout",
                    " 91.020 s  audit    no code, place still held",
                ),
            ),
        ),
        violation_count=2,
    )
    return msgspec.structs.replace(
        held,
        verdict=Word.WRONG,
        exit_code=3,
        sentences=(
            "2 people held a place, asked for the payment code and never got one.",
            "Holding a place took 1,243 ms at the 95th percentile; the gate asks for less than 800 ms.",
        ),
        gates=failed,
        checks=(held.checks[0], violated, *held.checks[1:]),
        missing_codes=(
            MissingCode(
                application_id="a0198",
                applicant="p0198",
                asked_s=24.233,
                last_step="bill_attempt_failed",
                fate="never_issued",
                waited_s=51.2,
                failed_attempts=1,
                last_error="timeout",
                faults_active=("simponi_slow",),
            ),
            MissingCode(
                application_id="a0199",
                applicant="p0199",
                asked_s=25.9,
                last_step="billing_requested",
                fate="never_issued",
                faults_active=("simponi_slow",),
            ),
        ),
        defects=("M15",),
    )
