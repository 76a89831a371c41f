"""What ends by itself after the payment: a missed day, a file left incomplete, a passport nobody collected.

Nothing ends before SIMKIM's feed was read past the deadline, and nobody misses a day for which the office was told of
them too late: a back office that is away forfeits nobody.
Assumption: SIMKIM writes a step into its feed within the moment in which it judges its time.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, exists, or_, select

from mock_mpaspor.domain.applications import Delivery
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.outbox import Topic
from mock_mpaspor.store.progress import Progress
from mock_mpaspor.store.schema import APPLICATIONS, OUTBOX
from mock_mpaspor.store.trail import append

# One application a transaction keeps each one short; this many are looked up at once.
BATCH = 200


@dataclass(frozen=True)
class _End:
    """How a state ends by itself."""

    following: State
    event: EventType
    reason: Reason


_ENDS: dict[State, _End] = {
    State.PAID: _End(State.FORFEITED, EventType.FORFEITED, Reason.NO_SHOW),
    State.QUEUED: _End(State.FORFEITED, EventType.FORFEITED, Reason.NO_SHOW),
    State.INCOMPLETE: _End(State.FORFEITED, EventType.FORFEITED, Reason.INCOMPLETE),
    State.READY: _End(State.CANCELLED, EventType.CANCELLED, Reason.UNCOLLECTED),
}

# What the office should have known when the day was over, and did not: whoever came may have been sent away.
_NOT_KNOWN_THERE = exists().where(
    OUTBOX.c.application_id == APPLICATIONS.c.id,
    OUTBOX.c.topic == Topic.CASE,
    OUTBOX.c.created_ns <= APPLICATIONS.c.ends_ns,
    or_(OUTBOX.c.done_ns.is_(None), OUTBOX.c.done_ns > APPLICATIONS.c.ends_ns),
)
# A passport that is to be posted waits for the office, and not for its owner.
_TO_BE_POSTED = and_(APPLICATIONS.c.state == State.READY, APPLICATIONS.c.delivery == Delivery.POST)
_FAIR = and_(~_TO_BE_POSTED, or_(APPLICATIONS.c.state.not_in((State.PAID, State.QUEUED)), ~_NOT_KNOWN_THERE))
_OVER = (
    select(APPLICATIONS.c.id)
    .where(APPLICATIONS.c.state.in_(tuple(_ENDS)), APPLICATIONS.c.ends_ns <= bindparam("now"), _FAIR)
    .order_by(APPLICATIONS.c.ends_ns)
    .limit(BATCH)
)
_STILL = (
    select(APPLICATIONS.c.state)
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.ends_ns <= bindparam("now"))
    .with_for_update()
)
# The day of the place is over: it goes back to nobody, and its owner may apply anew.
_END = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .values(state=bindparam("to_state"), slot=None, ends_ns=None)
)


class Forfeits:
    """Ends what is over."""

    def __init__(self, database: Database, clock: Clock, progress: Progress, back_office: BackOffice) -> None:
        self._database = database
        self._clock = clock
        self._progress = progress
        self._back_office = back_office

    def sweep(self) -> int:
        """End what was over when SIMKIM's feed was last read to its end; how many ended."""
        read_ns = self._progress.read_until()
        if read_ns is None:
            return 0
        known = min(self._clock.at(read_ns), self._clock())
        with self._database.read() as connection:
            over = connection.execute(_OVER, {"now": known}).scalars().all()
        return sum(self._end(application_id, known) for application_id in over)

    def _end(self, application_id: str, known: int) -> bool:
        with self._database.write() as connection:
            current = connection.execute(_STILL, {"application_id": application_id, "now": known}).scalar()
            end = _ENDS.get(current) if current else None
            if end is None:
                return False
            connection.execute(_END, {"application_id": application_id, "to_state": end.following})
            append(connection, Event(type=end.event, application_id=application_id, reason=end.reason))
            self._back_office.withdraw(connection, application_id, None)
            return True
