"""What SIMKIM decided, taken over line by line: the application's move, its event and the cursor in one transaction.

So each line counts exactly once, however often it is read. A line that makes no legal move is logged and passed over:
one odd line must not keep the office's other decisions from the people they concern.
"""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import COLLECTION_NS, COMPLETION_NS
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.states import State, origins
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.referrals import Referrals
from mock_mpaspor.store.schema import APPLICATIONS, CURSORS
from mock_mpaspor.store.trail import append

LOG = logging.getLogger(__name__)

FEED = "simkim"
BAP_APPROVED, BAP_REJECTED = "bap_approved", "bap_rejected"
FORCE_MAJEURE = "force_majeure"


@dataclass(frozen=True)
class Line:
    """One line of SIMKIM's feed; `unix_ns` is the wall clock's."""

    seq: int
    unix_ns: int
    case: str
    type: str
    reason: str | None = None


@dataclass(frozen=True)
class _Move:
    """Where a line moves its application, which event tells it, and how long the new state lasts by itself."""

    to: State
    event: EventType
    lasts_ns: int | None = None


_MOVES: dict[str, _Move] = {
    "checked_in": _Move(State.CHECKED_IN, EventType.CHECKED_IN),
    "incomplete": _Move(State.INCOMPLETE, EventType.FILE_INCOMPLETE, COMPLETION_NS),
    "interviewed": _Move(State.INTERVIEWED, EventType.INTERVIEWED),
    "rejected": _Move(State.REJECTED, EventType.REJECTED),
    "adjudication": _Move(State.ADJUDICATION, EventType.ADJUDICATION),
    "printing": _Move(State.PRINTING, EventType.PRINTING),
    "ready": _Move(State.READY, EventType.READY, COLLECTION_NS),
    "collected": _Move(State.COLLECTED, EventType.COLLECTED),
    "shipped": _Move(State.SHIPPED, EventType.SHIPPED),
}
# With these the visit is history, and its applicant may apply anew.
_OVER = frozenset({State.REJECTED, State.COLLECTED, State.SHIPPED})

_HERE = CURSORS.c.feed == FEED
_CURSOR = select(CURSORS.c.seq, CURSORS.c.read_ns).where(_HERE)
_ADVANCE = CURSORS.update().where(_HERE, CURSORS.c.seq < bindparam("to_seq")).values(seq=bindparam("to_seq"))
_READ = CURSORS.update().where(_HERE, CURSORS.c.read_ns < bindparam("at_ns")).values(read_ns=bindparam("at_ns"))
_APPLY = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state.in_(bindparam("from", expanding=True))
    )
    .values(
        state=bindparam("to_state"),
        ends_ns=bindparam("ends"),
        slot=case((bindparam("over"), None), else_=APPLICATIONS.c.slot),
    )
)


class Progress:
    """Takes SIMKIM's lines over, and knows how far the feed was read."""

    def __init__(self, database: Database, clock: Clock, referrals: Referrals) -> None:
        self._database = database
        self._clock = clock
        self._referrals = referrals

    def position(self) -> int:
        """The number of the last line taken over; makes the cursor where there is none."""
        with self._database.read() as connection:
            row = connection.execute(_CURSOR).first()
        if row is not None:
            return int(row.seq)
        with self._database.write() as connection:
            connection.execute(CURSORS.insert(), {"feed": FEED, "seq": 0, "read_ns": 0})
        return 0

    def read_until(self) -> int | None:
        """The instant (wall clock, unix ns) up to which the feed is known whole; None where it never was."""
        with self._database.read() as connection:
            row = connection.execute(_CURSOR).first()
        return row.read_ns if row is not None and row.read_ns else None

    def note_read(self, began_ns: int) -> None:
        """The feed had nothing more to say when it was asked at `began_ns` (wall clock)."""
        with self._database.write() as connection:
            connection.execute(_READ, {"at_ns": began_ns})

    def take_over(self, line: Line) -> bool:
        """Apply a line that was not applied yet; whether it moved its application."""
        with self._database.write() as connection:
            if not connection.execute(_ADVANCE, {"to_seq": line.seq}).rowcount:
                return False
            moved = self._apply(connection, line)
        if not moved:
            LOG.warning("line %d of SIMKIM's feed, %s of %s, moves nothing", line.seq, line.type, line.case)
        return moved

    def _apply(self, connection: Connection, line: Line) -> bool:
        if line.type == BAP_APPROVED:
            return self._referrals.approve(connection, line.case, line.reason == FORCE_MAJEURE)
        if line.type == BAP_REJECTED:
            return self._referrals.reject(connection, line.case)
        move = _MOVES.get(line.type)
        if move is None:
            return False
        values = {
            "application_id": line.case,
            "from": origins(move.to),
            "to_state": move.to,
            "ends": None if move.lasts_ns is None else self._clock.at(line.unix_ns) + move.lasts_ns,
            "over": move.to in _OVER,
        }
        if not connection.execute(_APPLY, values).rowcount:
            return False
        append(connection, Event(type=move.event, application_id=line.case))
        return True
