"""The funnel: how many people got past each step of the journey, and how their paths ended."""

from collections import Counter

from loket.audit.history import History
from loket.audit.progress import Reached
from loket.records import Outcome
from loket.verdict import FunnelStep

LABELS: dict[Reached, str] = {
    Reached.REGISTERED: "registered",
    Reached.LOGGED_IN: "logged in",
    Reached.DRAFTED: "drafted",
    Reached.NIK_VERIFIED: "NIK verified",
    Reached.DOCUMENT_UPLOADED: "document uploaded",
    Reached.TRIED_TO_HOLD: "tried to hold",
    Reached.HELD: "held",
    Reached.ASKED_FOR_CODE: "asked for the code",
    Reached.SAW_CODE: "saw the code",
    Reached.PAID: "paid",
}

# Whoever was followed to the end had seen the payment confirmed before.
PAST_CONFIRMATION = (Outcome.CONFIRMED, Outcome.MOVED, Outcome.RECEIVED, Outcome.REJECTED, Outcome.FORFEITED)


def funnel(history: History) -> tuple[FunnelStep, ...]:
    """People past each step as they themselves saw it, in the order of the journey; `received` if anybody has.

    Raises Unreadable.
    """
    arrived = sum(1 for visit in history.visits() if visit.type == "arrive")
    progress, ended = history.journal.progress, outcomes(history)
    return (
        FunnelStep(step="arrived", people=arrived),
        *(FunnelStep(step=label, people=progress.count(step)) for step, label in LABELS.items()),
        FunnelStep(step="confirmed", people=sum(ended.get(outcome, 0) for outcome in PAST_CONFIRMATION)),
        *(FunnelStep(step="received", people=people) for people in [ended.get(Outcome.RECEIVED, 0)] if people),
    )


def outcomes(history: History) -> dict[str, int]:
    """People by how their path ended; who never left is in none of them. Raises Unreadable."""
    counts = Counter(visit.outcome for visit in history.visits() if visit.type == "leave" and visit.outcome)
    return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}
