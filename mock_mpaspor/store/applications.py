"""Applications up to their documents: draft and identity; and how they are read back."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.applications import Delivery, Kind, Purpose, Replaced
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.fees import PassportType, fee_idr
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.domain.states import State, origins
from mock_mpaspor.store.applicants import Applicants
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.fees import COSTS, fee_of
from mock_mpaspor.store.schema import APPLICATIONS, DOCUMENTS, ApplicationRow
from mock_mpaspor.store.trail import append

_INSERT = APPLICATIONS.insert()
_OF_ACCOUNT = APPLICATIONS.c.account_id == bindparam("account_id")
_READ = select(
    *COSTS,
    APPLICATIONS.c.account_id,
    APPLICATIONS.c.payer,
    APPLICATIONS.c.kind,
    APPLICATIONS.c.purpose,
    APPLICATIONS.c.married,
    APPLICATIONS.c.minor,
    APPLICATIONS.c.state,
    APPLICATIONS.c.slot,
    APPLICATIONS.c.requested_ns,
    APPLICATIONS.c.billing_code,
    APPLICATIONS.c.code_shown,
    APPLICATIONS.c.pay_before_ns,
    APPLICATIONS.c.queue_number,
    APPLICATIONS.c.delivery,
    APPLICATIONS.c.created_ns,
)
_OWNED = _READ.where(APPLICATIONS.c.id == bindparam("application_id"), _OF_ACCOUNT)
_LIST = _READ.where(_OF_ACCOUNT).order_by(APPLICATIONS.c.created_ns.desc(), APPLICATIONS.c.id)
_IDENTIFIED_AS = (
    select(APPLICATIONS.c.applicant).where(APPLICATIONS.c.id == bindparam("application_id")).with_for_update()
)
_IDENTIFY = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state.in_(origins(State.NIK_VERIFIED)),
    )
    .values(
        state=State.NIK_VERIFIED,
        applicant=bindparam("who"),
        payer=bindparam("name"),
        minor=bindparam("is_minor"),
    )
)
_CHANGE = APPLICATIONS.update().where(
    APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state == State.DRAFT
)
_FORGET_DOCUMENTS = DOCUMENTS.delete().where(DOCUMENTS.c.application_id == bindparam("of_application"))
_SHOW = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.code_shown.is_(False))
    .values(code_shown=True)
)


@dataclass(frozen=True)
class NewApplication:
    """What a person asks for."""

    kind: Kind
    passport_type: PassportType
    validity_years: int
    office: Office
    purpose: Purpose
    express: bool = False
    replaced: Replaced | None = None
    married: bool = False


@dataclass(frozen=True)
class Application:
    """An application as its owner may see it; `amount_idr` is an estimate of today until the code is asked for."""

    application_id: str
    account_id: str
    applicant_name: str | None
    kind: Kind
    replaced: Replaced | None
    passport_type: PassportType
    validity_years: int
    purpose: Purpose
    express: bool
    married: bool
    minor: bool
    office: Office
    state: State
    slot: str | None
    amount_idr: int
    billing_code: str | None
    code_shown: bool
    pay_before_ns: int | None
    queue_number: int | None
    delivery: Delivery
    created_ns: int


@dataclass(frozen=True)
class Person:
    """Whom Dukcapil confirmed: the keyed hash of the NIK, the name, and whether that is a minor."""

    applicant: str
    name: str
    minor: bool


class Applications:
    """Makes, reads and fills in applications. To a stranger every application is unknown."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], str], applicants: Applicants) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._applicants = applicants

    def create(self, account_id: str, new: NewApplication, trace_id: str | None) -> str:
        """The id of the draft made. Raises Refusal(UNAUTHENTICATED) for an account that is not there (any more)."""
        application_id, now = self._new_id(), self._clock()
        created = Event(
            type=EventType.APPLICATION_CREATED,
            application_id=application_id,
            applicant=account_id,
            trace_id=trace_id,
        )
        try:
            with self._database.write() as connection:
                connection.execute(_INSERT, _draft(application_id, account_id, new, now))
                append(connection, created)
        except IntegrityError as error:
            raise Refusal(ErrorCode.UNAUTHENTICATED) from error
        return application_id

    def change(self, application: Application, new: NewApplication) -> None:
        """Let a draft be for something else. Raises Refusal(WRONG_STATE) once somebody was identified for it."""
        values = _wishes(new, self._clock())
        with self._database.write() as connection:
            if not connection.execute(_CHANGE, {"application_id": application.application_id, **values}).rowcount:
                raise Refusal(ErrorCode.WRONG_STATE)

    def find(self, application_id: str, account_id: str) -> Application:
        """The application. Raises Refusal(UNKNOWN_APPLICATION) also where it belongs to someone else."""
        key = {"application_id": application_id, "account_id": account_id}
        with self._database.read() as connection:
            row = connection.execute(_OWNED, key).first()
        if row is None:
            raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
        return _application(row, self._clock())

    def of_account(self, account_id: str) -> list[Application]:
        """All applications of an account, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(_LIST, {"account_id": account_id}).all()
        now = self._clock()
        return [_application(row, now) for row in rows]

    def identify(self, application: Application, identity: Identity, minor: bool, trace_id: str | None) -> None:
        """Note whom Dukcapil confirmed. Raises Refusal(WRONG_STATE) and Refusal(TOO_MANY_APPLICANTS)."""
        by_id = {"application_id": application.application_id}
        with self._database.write() as connection:
            who = self._applicants.link(connection, application.account_id, identity, application.application_id)
            before = connection.execute(_IDENTIFIED_AS, by_id).scalar()
            values = {**by_id, "who": who, "name": identity.name, "is_minor": minor}
            if not connection.execute(_IDENTIFY, values).rowcount:
                raise Refusal(ErrorCode.WRONG_STATE)
            if before not in (None, who):
                # What was uploaded are somebody else's documents, and nobody applies for them any more.
                connection.execute(_FORGET_DOCUMENTS, {"of_application": application.application_id})
                self._applicants.forget(connection, application.account_id, before, application.application_id)
            append(connection, _verified(application.application_id, who, trace_id))

    def note_code_shown(self, application: Application, trace_id: str | None) -> bool:
        """Write down that the applicant now sees the code; whether this was the first time."""
        shown = Event(
            type=EventType.CODE_SHOWN,
            application_id=application.application_id,
            billing_code=application.billing_code,
            trace_id=trace_id,
        )
        with self._database.write() as connection:
            first = connection.execute(_SHOW, {"application_id": application.application_id}).rowcount == 1
            if first:
                append(connection, shown)
        return first


def _verified(application_id: str, applicant: str, trace_id: str | None) -> Event:
    return Event(
        type=EventType.IDENTITY_VERIFIED, application_id=application_id, applicant=applicant, trace_id=trace_id
    )


def _draft(application_id: str, account_id: str, new: NewApplication, now: int) -> dict[str, object]:
    return {
        "id": application_id,
        "account_id": account_id,
        "state": State.DRAFT,
        "created_ns": now,
        **_wishes(new, now),
    }


def _wishes(new: NewApplication, now: int) -> dict[str, object]:
    today = new.office.zone.day(now)
    return {
        "kind": new.kind,
        "replaced": new.replaced,
        "express": new.express,
        "married": new.married,
        "passport_type": new.passport_type,
        "validity_years": new.validity_years,
        "purpose": new.purpose,
        "office": new.office.office,
        # An estimate: the fee is fixed when the code is asked for.
        "amount_idr": fee_idr(new.passport_type, new.validity_years, today, new.express, new.replaced),
    }


def _application(row: ApplicationRow, now_ns: int) -> Application:
    return Application(
        application_id=row.id,
        account_id=row.account_id,
        applicant_name=row.payer,
        kind=Kind(row.kind),
        replaced=None if row.replaced is None else Replaced(row.replaced),
        passport_type=PassportType(row.passport_type),
        validity_years=row.validity_years,
        purpose=Purpose(row.purpose),
        express=row.express,
        married=row.married,
        minor=bool(row.minor),
        office=OFFICES[row.office],
        state=State(row.state),
        slot=row.slot,
        amount_idr=fee_of(row, now_ns) if row.requested_ns is None else row.amount_idr,
        billing_code=row.billing_code,
        code_shown=row.code_shown,
        pay_before_ns=row.pay_before_ns,
        queue_number=row.queue_number,
        delivery=Delivery(row.delivery),
        created_ns=row.created_ns,
    )
