"""Referrals: applications that the office sees before they are booked, and what its interview (BAP) decided."""

from sqlalchemy import Connection, bindparam, select

from mock_mpaspor.domain.applications import Kind, Replaced
from mock_mpaspor.domain.eligibility import needs_interview
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.back_office import BackOffice
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS
from mock_mpaspor.store.trail import append

_LOCKED = (
    select(APPLICATIONS.c.state, APPLICATIONS.c.kind, APPLICATIONS.c.replaced, APPLICATIONS.c.interview_passed)
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .with_for_update()
)
_REFER = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state == State.DOCS_UPLOADED)
    .values(state=State.REFERRED)
)
_REFERRED = APPLICATIONS.update().where(
    APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state == State.REFERRED
)
_APPROVE = _REFERRED.values(
    state=State.DOCS_UPLOADED, interview_passed=True, force_majeure=bindparam("by_force_majeure")
)
_REJECT = _REFERRED.values(state=State.REJECTED)


class Referrals:
    """Sends applications to the interview, and notes its result."""

    def __init__(self, database: Database, back_office: BackOffice) -> None:
        self._database = database
        self._back_office = back_office

    def refer(self, application_id: str, trace_id: str | None) -> None:
        """Ask for the interview; asked again, nothing changes.

        Raises Refusal(WRONG_STATE) where documents are missing, or no interview is needed (any more).
        """
        with self._database.write() as connection:
            row = connection.execute(_LOCKED, {"application_id": application_id}).one()
            if row.state == State.REFERRED:
                return
            reason = None if row.replaced is None else Replaced(row.replaced)
            due = needs_interview(Kind(row.kind), reason) and not row.interview_passed
            if not due or not connection.execute(_REFER, {"application_id": application_id}).rowcount:
                raise Refusal(ErrorCode.WRONG_STATE)
            append(connection, Event(type=EventType.REFERRED, application_id=application_id, trace_id=trace_id))
            self._back_office.tell(connection, application_id, trace_id)

    def approve(
        self, connection: Connection, application_id: str, force_majeure: bool, trace_id: str | None = None
    ) -> bool:
        """The application may be booked; whether it was waiting for that. Force majeure waives the surcharge."""
        values = {"application_id": application_id, "by_force_majeure": force_majeure}
        moved = connection.execute(_APPROVE, values).rowcount == 1
        if moved:
            approved = Event(type=EventType.REFERRAL_APPROVED, application_id=application_id, trace_id=trace_id)
            append(connection, approved)
        return moved

    def reject(self, connection: Connection, application_id: str, trace_id: str | None = None) -> bool:
        """The application ends; whether it was waiting."""
        moved = connection.execute(_REJECT, {"application_id": application_id}).rowcount == 1
        if moved:
            append(connection, Event(type=EventType.REJECTED, application_id=application_id, trace_id=trace_id))
        return moved
