"""What stands in the database right now, counted: for the metrics, and for whoever waits for the end of a run."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, OUTBOX, SLOTS

_QUOTA = select(SLOTS.c.office, func.sum(SLOTS.c.capacity), func.sum(SLOTS.c.free)).group_by(SLOTS.c.office)
_PLACED = (
    select(APPLICATIONS.c.office, APPLICATIONS.c.state, func.count())
    .where(APPLICATIONS.c.slot.is_not(None))
    .group_by(APPLICATIONS.c.office, APPLICATIONS.c.state)
)
_STATES = select(APPLICATIONS.c.state, func.count()).group_by(APPLICATIONS.c.state)
_OUTBOX = (
    select(OUTBOX.c.topic, func.count(), func.min(OUTBOX.c.created_ns))
    .where(OUTBOX.c.done_ns.is_(None))
    .group_by(OUTBOX.c.topic)
)


@dataclass(frozen=True)
class Quota:
    """The places of one office; held and paid are counted from the applications, not from what is free."""

    office: str
    capacity: int
    free: int
    held: int
    paid: int


@dataclass(frozen=True)
class Backlog:
    """Messages of one topic that still wait, and the age of the oldest in seconds of the wall clock."""

    topic: str
    depth: int
    oldest_s: float


@dataclass(frozen=True)
class Pending:
    """What has not come to its end: zero in every field means that the service is at rest."""

    awaiting_code: int
    awaiting_payment: int
    held_without_request: int
    refund_due: int
    outbox: int


class Figures:
    """Counts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def quotas(self) -> list[Quota]:
        """Every office with places, by name."""
        with self._database.read() as connection:
            offices = connection.execute(_QUOTA).all()
            placed = _placed(connection)
        return [
            Quota(office, int(capacity), int(free), placed[office, False], placed[office, True])
            for office, capacity, free in sorted(tuple(row) for row in offices)
        ]

    def backlogs(self) -> list[Backlog]:
        """The topics that have messages waiting."""
        now = self._clock()
        with self._database.read() as connection:
            rows = connection.execute(_OUTBOX).all()
        return [Backlog(topic, depth, max(0.0, self._clock.wall_s(now - oldest))) for topic, depth, oldest in rows]

    def pending(self) -> Pending:
        """Counted one after the other; exact once nothing moves."""
        with self._database.read() as connection:
            states = {row[0]: int(row[1]) for row in connection.execute(_STATES).all()}
        waiting = {backlog.topic: backlog.depth for backlog in self.backlogs()}
        return Pending(
            awaiting_code=states.get(State.BILLING_REQUESTED, 0),
            awaiting_payment=states.get(State.AWAITING_PAYMENT, 0),
            held_without_request=states.get(State.SLOT_HELD, 0),
            refund_due=waiting.get("refund", 0),
            outbox=sum(waiting.values()),
        )


def _placed(connection: Connection) -> dict[tuple[str, bool], int]:
    """How many applications have a place, by office and whether they are paid."""
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    for office, state, count in connection.execute(_PLACED).all():
        counts[office, state == State.PAID] += count
    return counts
