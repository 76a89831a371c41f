"""Bills to ask SIMPONI about: paid there, perhaps, and never told here.

Asked: a code from half its deadline on and when that is over, and an application whose code never came; less and less
often, until SIMPONI's own validity is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.clock import NS_PER_S, Clock
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.expiry import Overdue
from mock_mpaspor.store.schema import APPLICATIONS

# Waits are the wall clock's, validity is the service's.
FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 600.0
# A bill can be paid for as long as SIMPONI keeps it: 7 days, and a day for its own delays.
VALIDITY_S = 8 * 86_400.0

_DUE = (
    select(APPLICATIONS.c.id, APPLICATIONS.c.reconciled, APPLICATIONS.c.requested_ns)
    .where(APPLICATIONS.c.reconcile_ns <= bindparam("now"))
    .order_by(APPLICATIONS.c.reconcile_ns)
    .limit(bindparam("limit"))
)
_ASKED = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.reconcile_ns.is_not(None))
    .values(reconcile_ns=bindparam("next_ns"), reconciled=APPLICATIONS.c.reconciled + 1)
)


@dataclass(frozen=True)
class Question:
    """An application whose bill SIMPONI is to be asked about, and how often it was asked before."""

    application_id: str
    asked: int
    requested_ns: int


class Reconciliation:
    """Keeps the list of questions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def due(self, limit: int) -> list[Question]:
        """Up to `limit` questions whose time has come, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_DUE, {"now": self._clock(), "limit": limit}).all()
        return [Question(*row) for row in rows]

    def to_ask(self, overdue: Sequence[Overdue]) -> list[str]:
        """The bookings that are over about which SIMPONI is asked before they end."""
        return [booking.application_id for booking in overdue]

    def answered_unpaid(self, questions: list[Question]) -> None:
        """Ask again later, or never again where the bill cannot be paid any more."""
        if not questions:
            return
        with self._database.write() as connection:
            for question in questions:
                values = {"application_id": question.application_id, "next_ns": self._next_ns(question)}
                connection.execute(_ASKED, values)

    def _next_ns(self, question: Question) -> int | None:
        if self._clock() > question.requested_ns + VALIDITY_S * NS_PER_S:
            return None
        return self._clock.after(min(FIRST_WAIT_S * 2.0 ** min(question.asked, 20), LONGEST_WAIT_S))
