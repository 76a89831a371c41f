"""Special reschedules: an office-day that went wrong gives everybody booked on it one more move, also on the day."""

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.offices import Office
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS

_OF_THE_DAY = select(SLOTS.c.id).where(SLOTS.c.office == bindparam("the_office"), SLOTS.c.date == bindparam("the_date"))
# Without an end of its own: whoever was sent away does not miss the day, however late they move it.
_GRANT = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.state.in_((State.PAID, State.QUEUED)), APPLICATIONS.c.slot.in_(_OF_THE_DAY))
    .values(free_moves=1, ends_ns=None)
)


class SpecialReschedules:
    """Grants free moves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, office: Office, day: str) -> int:
        """One free move to each paid or queued application of that day (ISO 8601); how many.

        Granted again it is still one: an administrator who got no answer may simply repeat it.
        """
        with self._database.write() as connection:
            return connection.execute(_GRANT, {"the_office": office.office, "the_date": day}).rowcount
