"""The visit that an application is booked for, as its arrival pass shows it."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS

_EXPECTED = frozenset({State.PAID, State.QUEUED})
_VISIT = (
    select(APPLICATIONS.c.state, APPLICATIONS.c.slot, APPLICATIONS.c.office, SLOTS.c.date, SLOTS.c.session)
    .outerjoin(SLOTS, SLOTS.c.id == APPLICATIONS.c.slot)
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.account_id == bindparam("account_id"))
)


@dataclass(frozen=True)
class Visit:
    """Where and when an applicant is expected; `date` is ISO 8601."""

    slot: str
    office: str
    date: str
    session: str


def find_visit(database: Database, application_id: str, account_id: str) -> Visit:
    """The visit. Raises Refusal(UNKNOWN_APPLICATION), Refusal(WRONG_STATE) where nobody is expected."""
    with database.read() as connection:
        row = connection.execute(_VISIT, {"application_id": application_id, "account_id": account_id}).first()
    if row is None:
        raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
    if row.state not in _EXPECTED:
        raise Refusal(ErrorCode.WRONG_STATE)
    return Visit(row.slot, row.office, row.date, row.session)
