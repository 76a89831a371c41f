"""Special reschedules: an office-day that went wrong gives whoever was booked on it one more move, also on the day, and
afterwards to those who had missed it by then: it was not they who stayed away.
"""

from sqlalchemy import Connection, String, bindparam, exists, or_, select

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.deadlines import GRANT_NS, day_over
from mock_mpaspor.domain.events import Event, EventType, Reason
from mock_mpaspor.domain.offices import Office
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, EVENTS, SLOTS
from mock_mpaspor.store.trail import append

_OF_THE_DAY = select(SLOTS.c.id).where(SLOTS.c.office == bindparam("the_office"), SLOTS.c.date == bindparam("the_date"))
_ONLY = bindparam("only", type_=String)
_NAMED = or_(_ONLY.is_(None), APPLICATIONS.c.id == _ONLY)
_EXPECTED = (
    select(APPLICATIONS.c.id, APPLICATIONS.c.free_moves)
    .where(APPLICATIONS.c.state.in_((State.PAID, State.QUEUED)), APPLICATIONS.c.slot.in_(_OF_THE_DAY), _NAMED)
    .order_by(APPLICATIONS.c.id)
    .with_for_update()
)
_LATER, _OTHER = EVENTS.alias("later"), APPLICATIONS.alias("other")
# A missed day leaves an application without its place: the trail knows which it was.
_MISSED = (
    select(APPLICATIONS.c.id, EVENTS.c.slot)
    .join(EVENTS, EVENTS.c.application_id == APPLICATIONS.c.id)
    .where(
        APPLICATIONS.c.state == State.FORFEITED,
        APPLICATIONS.c.queue_number.is_(None),
        EVENTS.c.type == EventType.HELD,
        EVENTS.c.slot.in_(_OF_THE_DAY),
        ~exists().where(
            _LATER.c.application_id == APPLICATIONS.c.id, _LATER.c.type == EventType.HELD, _LATER.c.seq > EVENTS.c.seq
        ),
        exists().where(
            _LATER.c.application_id == APPLICATIONS.c.id,
            _LATER.c.type == EventType.FORFEITED,
            _LATER.c.reason == Reason.NO_SHOW,
        ),
        # Whoever has booked anew meanwhile has what they need.
        ~exists().where(_OTHER.c.applicant == APPLICATIONS.c.applicant, _OTHER.c.slot.is_not(None)),
        _NAMED,
    )
    .order_by(APPLICATIONS.c.id)
    .with_for_update(of=APPLICATIONS)
)
_GRANT = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("of_application"))
    .values(free_moves=1, ends_ns=bindparam("ends"))
)
_REINSTATE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("of_application"))
    .values(state=State.PAID, slot=bindparam("the_slot"), free_moves=1, ends_ns=bindparam("ends"))
)


class SpecialReschedules:
    """Grants free moves."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def grant(self, office: Office, day: str, reason: str, only: str | None = None) -> int:
        """One free move, good for a month, to each paid or queued application of that day (ISO 8601), or to one of
        them alone, also where the day was missed; how many.

        Granted again it is still one: an administrator who got no answer may simply repeat it.
        """
        wanted = {"the_office": office.office, "the_date": day, "only": only}
        with self._database.write() as connection:
            # A day that is yet to come is not missed before it has come.
            ends = max(self._clock(), day_over(day, office.zone)) + GRANT_NS
            missed = connection.execute(_MISSED, wanted).all()
            expected = connection.execute(_EXPECTED, wanted).all()
            for row in expected:
                connection.execute(_GRANT, {"of_application": row.id, "ends": ends})
                if not row.free_moves:
                    _tell(connection, EventType.MOVE_GRANTED, row.id, reason)
            for row in missed:
                connection.execute(_REINSTATE, {"of_application": row.id, "the_slot": row.slot, "ends": ends})
                _tell(connection, EventType.REINSTATED, row.id, reason)
            return len(expected) + len(missed)


def _tell(connection: Connection, kind: EventType, application_id: str, reason: str) -> None:
    append(connection, Event(type=kind, application_id=application_id, reason=reason))
