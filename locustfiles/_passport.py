"""From the payment to the passport: somebody looks again and again how far the office has come."""

from locustfiles._mpaspor import MPaspor
from locustfiles._phone import Phone
from loket.records import Outcome

ENDINGS = {
    "COLLECTED": Outcome.RECEIVED,
    "SHIPPED": Outcome.RECEIVED,
    "REJECTED": Outcome.REJECTED,
    "FORFEITED": Outcome.FORFEITED,
    # Paid for, printed and never fetched.
    "CANCELLED": Outcome.FORFEITED,
}
# People look once more before the run ends, and leave in time to be counted.
LEAVES_BEFORE_END_S = 2.0


def follow(phone: Phone, mpaspor: MPaspor, application: str, otherwise: Outcome) -> Outcome:
    """How it ended; `otherwise`, where the run ends before the office has finished."""
    visitor = phone.visitor
    plan = visitor.plan
    phone.gives_up_s = plan.opens_at_s + plan.rush_s + plan.drain_s - LEAVES_BEFORE_END_S
    for answer in phone.poll(lambda: mpaspor.status(application)):
        ending = ENDINGS.get(answer.reply.state or "") if answer.reply else None
        if ending is not None:
            return ending
    return otherwise
