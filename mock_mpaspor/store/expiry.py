"""What ends by itself: a hold whose owner asked for no code, and a code that nobody paid. The place goes back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.states import State
from mock_mpaspor.store import places
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, ApplicationRow
from mock_mpaspor.store.trail import append

# One application a transaction keeps each one short; this many are looked up at once.
BATCH = 200

_ENDED = (
    select(APPLICATIONS.c.id, APPLICATIONS.c.ends_ns)
    .where(APPLICATIONS.c.state == bindparam("in_state"), APPLICATIONS.c.ends_ns <= bindparam("now"))
    .order_by(APPLICATIONS.c.ends_ns)
    .limit(BATCH)
)
_STILL = (
    select(APPLICATIONS.c.slot, APPLICATIONS.c.billing_code)
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state == bindparam("in_state"),
        APPLICATIONS.c.ends_ns <= bindparam("now"),
    )
    .with_for_update()
)
_END = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .values(state=bindparam("to_state"), slot=None, ends_ns=None)
)


@dataclass(frozen=True)
class Overdue:
    """A booking whose time is over, and since when."""

    application_id: str
    ended_ns: int


def every_one(overdue: Sequence[Overdue]) -> list[str]:
    """All of them may end."""
    return [booking.application_id for booking in overdue]


def expire(connection: Connection, row: ApplicationRow) -> None:
    """End an unpaid booking, whose locked row this is, within the transaction of whoever found it over."""
    _write_expired(connection, row.id, row.billing_code)
    places.give_back(connection, row.id, row.slot, Reason.EXPIRED)


class Expiry:
    """Ends what is over."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def lapse_holds(self) -> int:
        """Holds without a billing request: the application may choose again. How many ended."""
        ending = every_one(self._overdue(State.SLOT_HELD))
        return self._end_all(ending, State.SLOT_HELD, State.DOCS_UPLOADED, Reason.HOLD_LAPSED)

    def expire_unpaid(self, unpaid: Callable[[Sequence[Overdue]], Collection[str]] = every_one) -> int:
        """Codes that nobody paid before the deadline; `unpaid` tells which of them may end. How many ended."""
        ending = unpaid(self._overdue(State.AWAITING_PAYMENT))
        return self._end_all(ending, State.AWAITING_PAYMENT, State.EXPIRED, Reason.EXPIRED)

    def _overdue(self, state: State) -> list[Overdue]:
        with self._database.read() as connection:
            rows = connection.execute(_ENDED, {"in_state": state, "now": self._clock()}).all()
        return [Overdue(*row) for row in rows]

    def _end_all(self, applications: Collection[str], current: State, following: State, reason: Reason) -> int:
        return sum(self._end(application_id, current, following, reason) for application_id in applications)

    def _end(self, application_id: str, current: State, following: State, reason: Reason) -> bool:
        with self._database.write() as connection:
            now = self._clock()
            row = self._lock_if_over(connection, application_id, current, now)
            if row is None:
                return False
            if following is State.EXPIRED:
                _write_expired(connection, application_id, row.billing_code)
            else:
                connection.execute(_END, {"application_id": application_id, "to_state": following})
            self._give_back(connection, application_id, row.slot, reason)
            return True

    def _lock_if_over(
        self, connection: Connection, application_id: str, current: State, now: int
    ) -> ApplicationRow | None:
        """The application, locked, if it is still in the state that has ended."""
        values = {"application_id": application_id, "in_state": current, "now": now}
        return connection.execute(_STILL, values).first()

    def _give_back(self, connection: Connection, application_id: str, slot: str, reason: Reason) -> None:
        places.give_back(connection, application_id, slot, reason)


def _write_expired(connection: Connection, application_id: str, billing_code: str) -> None:
    connection.execute(_END, {"application_id": application_id, "to_state": State.EXPIRED})
    append(connection, Event(type=EventType.EXPIRED, application_id=application_id, billing_code=billing_code))
