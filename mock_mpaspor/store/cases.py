"""Cases: an application as SIMKIM is told of it, read at the moment of sending. The NIK is unsealed in memory only."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.arrival_pass import ArrivalPasses
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, SLOTS

_CASE = (
    select(
        APPLICATIONS.c.state,
        APPLICATIONS.c.office,
        APPLICATIONS.c.passport_type,
        APPLICATIONS.c.validity_years,
        APPLICATIONS.c.delivery,
        APPLICATIONS.c.address,
        APPLICATIONS.c.channel,
        APPLICATIONS.c.queue_number,
        APPLICATIONS.c.express,
        APPLICATIONS.c.slot,
        SLOTS.c.date,
        SLOTS.c.session,
    )
    .outerjoin(SLOTS, SLOTS.c.id == APPLICATIONS.c.slot)
    .where(APPLICATIONS.c.id == bindparam("application_id"))
)
# The office has nothing to do with these yet, or never had.
_NOT_ITS_MATTER = frozenset(
    {State.SLOT_HELD, State.BILLING_REQUESTED, State.AWAITING_PAYMENT, State.FORFEITED, State.CANCELLED}
)


@dataclass(frozen=True)
class Appointment:
    """When the applicant comes, and what they will show."""

    date: str
    session: str
    pass_code: str


@dataclass(frozen=True)
class Case:
    """What the office must know. Without an appointment it is a referral to an interview (BAP)."""

    application_id: str
    office: str
    passport_type: str
    validity_years: int
    identity: Identity
    delivery: str
    address: str | None
    channel: str
    queue_number: int | None
    express: bool
    appointment: Appointment | None


class Cases:
    """Reads cases."""

    def __init__(self, database: Database, applicants: Applicants, passes: ArrivalPasses) -> None:
        self._database = database
        self._applicants = applicants
        self._passes = passes

    def find(self, application_id: str) -> Case | None:
        """The case as it stands now; None where there is nothing to tell (any more)."""
        with self._database.read() as connection:
            row = connection.execute(_CASE, {"application_id": application_id}).one()
        if row.state in _NOT_ITS_MATTER or (row.slot is None and row.state != State.REFERRED):
            return None
        appointment = None
        if row.slot is not None:
            appointment = Appointment(row.date, row.session, self._passes.code(application_id, row.slot))
        return Case(
            application_id=application_id,
            office=row.office,
            passport_type=row.passport_type,
            validity_years=row.validity_years,
            identity=self._applicants.of(application_id).identity,
            delivery=row.delivery,
            address=row.address,
            channel=row.channel,
            queue_number=row.queue_number,
            express=row.express,
            appointment=appointment,
        )
