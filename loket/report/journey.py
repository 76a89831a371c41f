"""The journey in figures: where people fell out, how their paths ended, and what each step did."""

from dataclasses import dataclass

from loket.records import Outcome
from loket.report.evidence import Evidence
from loket.report.quantities import share
from loket.report.series import Cell, Percentiles
from loket.verdict import Verdict

OUTCOME_WORDS = {
    Outcome.CONFIRMED: "paid, and saw it confirmed",
    Outcome.PAID: "paid, but never saw it confirmed",
    Outcome.REFUNDED: "paid too late, and was told that the money comes back",
    Outcome.SOLD_OUT: "told that every place was gone",
    Outcome.NO_CODE: "held a place, gave up waiting for the payment code",
    Outcome.FORGOT: "saw the code and did not pay (part of the scenario)",
    Outcome.GAVE_UP: "lost patience before holding a place",
    Outcome.REFUSED: "refused for another declared reason",
    Outcome.FAILED: "stopped by an error",
    Outcome.MOVED: "paid, and moved to another day after the office had called theirs off",
    Outcome.GRANTED: "the office's own: let everybody of a day move",
    Outcome.RECEIVED: "has the passport",
    Outcome.REJECTED: "paid, and was rejected at the interview",
    Outcome.FORFEITED: "missed the day or left the papers incomplete: forfeited",
    Outcome.WITHDREW: "cancelled before paying",
    Outcome.QUEUED: "has a number of the counter queue",
    Outcome.INFORMED: "came only to ask, and was answered",
    Outcome.CANCELLED: "still on the way when the run ended",
}
# How each ending is coloured: as it was promised, refused as declared, or a person hurt.
OUTCOME_TONES = {
    Outcome.CONFIRMED: "good",
    Outcome.SOLD_OUT: "declared",
    Outcome.FORGOT: "declared",
    Outcome.REFUNDED: "declared",
    Outcome.REFUSED: "declared",
    Outcome.CANCELLED: "open",
    Outcome.GAVE_UP: "hurt",
    Outcome.PAID: "hurt",
    Outcome.NO_CODE: "hurt",
    Outcome.FAILED: "hurt",
    Outcome.MOVED: "good",
    Outcome.GRANTED: "good",
    Outcome.RECEIVED: "good",
    Outcome.REJECTED: "declared",
    Outcome.FORFEITED: "declared",
    Outcome.WITHDREW: "declared",
    Outcome.QUEUED: "good",
    Outcome.INFORMED: "good",
}


@dataclass(frozen=True)
class FunnelRow:
    """One step: how many got past it, which share of all, and how many fell out on the way from the step before."""

    step: str
    people: int
    width: float
    share: str
    lost: int


@dataclass(frozen=True)
class OutcomeRow:
    """One way for a path to end; `width` is its share in percent."""

    outcome: str
    words: str
    tone: str
    people: int
    width: float
    share: str


@dataclass(frozen=True)
class StepRow:
    """One step's requests over the whole run; `answers` is None where no time was recorded."""

    step: str
    cell: Cell
    answers: Percentiles | None
    odd: bool


def funnel(verdict: Verdict | None) -> tuple[FunnelRow, ...]:
    """The steps in the verdict's order, against the people of the widest one."""
    steps = verdict.funnel if verdict else ()
    everyone = max((step.people for step in steps), default=0)
    before = [everyone, *(step.people for step in steps)]
    return tuple(
        FunnelRow(
            step=step.step,
            people=step.people,
            width=round(100 * step.people / everyone, 2) if everyone else 0.0,
            share=share(step.people, everyone),
            lost=max(previous - step.people, 0),
        )
        for previous, step in zip(before, steps, strict=False)
    )


def outcomes(verdict: Verdict | None) -> tuple[OutcomeRow, ...]:
    """The endings that happened, in the order of `Outcome`; an unknown ending keeps its own name."""
    counts = verdict.outcomes if verdict else {}
    everyone = sum(counts.values())
    known = [outcome.value for outcome in Outcome]
    ordered = sorted(counts, key=lambda name: known.index(name) if name in known else len(known))
    return tuple(
        OutcomeRow(
            outcome=name,
            words=OUTCOME_WORDS[Outcome(name)] if name in known else name,
            tone=OUTCOME_TONES[Outcome(name)] if name in known else "open",
            people=counts[name],
            width=round(100 * counts[name] / everyone, 2),
            share=share(counts[name], everyone),
        )
        for name in ordered
        if counts[name]
    )


def steps(evidence: Evidence) -> tuple[StepRow, ...]:
    """Each step's totals in the order of the journey; `odd` marks one with an outcome nobody declared."""
    rows = []
    for step in evidence.load.steps():
        cell = evidence.load.total([step])
        odd = bool(cell.errors or cell.unknown or cell.dropped)
        rows.append(StepRow(step, cell, evidence.load.percentiles(cell), odd))
    return tuple(rows)
