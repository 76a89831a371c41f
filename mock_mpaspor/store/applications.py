"""Applications up to the choice of a place: draft, identity, documents; and how they are read back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.applications import DocumentKind, Kind, Purpose
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.fees import PassportType, fee_idr
from mock_mpaspor.domain.offices import OFFICES, Office
from mock_mpaspor.domain.states import State, origins
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, DOCUMENTS
from mock_mpaspor.store.trail import append

_INSERT = APPLICATIONS.insert()
_OWNED = select(
    APPLICATIONS.c.id,
    APPLICATIONS.c.office,
    APPLICATIONS.c.state,
    APPLICATIONS.c.slot,
    APPLICATIONS.c.amount_idr,
    APPLICATIONS.c.billing_code,
    APPLICATIONS.c.code_shown,
    APPLICATIONS.c.pay_before_ns,
).where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.account_id == bindparam("account_id"))
_IDENTIFY = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state.in_(origins(State.NIK_VERIFIED)),
    )
    .values(state=State.NIK_VERIFIED, applicant=bindparam("who"), payer=bindparam("name"))
)
_DOCUMENTED = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state.in_((State.NIK_VERIFIED, State.DOCS_UPLOADED)),
    )
    .values(state=State.DOCS_UPLOADED)
)
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


@dataclass(frozen=True)
class Application:
    """An application as its owner may see it."""

    application_id: str
    office: Office
    state: State
    slot: str | None
    amount_idr: int
    billing_code: str | None
    code_shown: bool
    pay_before_ns: int | None


class Applications:
    """Makes, reads and fills in applications. To a stranger every application is unknown."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def create(self, account_id: str, new: NewApplication, trace_id: str | None) -> str:
        """The id of the draft made. Raises ValueError for a validity that no regulation knows."""
        application_id, now = self._new_id(), self._clock()
        today = datetime.fromtimestamp(now / 1e9, new.office.zone.value).date()
        row = {
            "id": application_id,
            "account_id": account_id,
            "kind": new.kind,
            "passport_type": new.passport_type,
            "validity_years": new.validity_years,
            "purpose": new.purpose,
            "office": new.office.office,
            "state": State.DRAFT,
            # The fee is that of the day of the application: bills at the old fee outlive a change of tariff.
            "amount_idr": fee_idr(new.passport_type, new.validity_years, today),
            "created_ns": now,
        }
        created = Event(
            type=EventType.APPLICATION_CREATED,
            application_id=application_id,
            applicant=account_id,
            trace_id=trace_id,
        )
        with self._database.write() as connection:
            connection.execute(_INSERT, row)
            append(connection, created)
        return application_id

    def find(self, application_id: str, account_id: str) -> Application:
        """The application. Raises Refusal(UNKNOWN_APPLICATION) also where it belongs to someone else."""
        key = {"application_id": application_id, "account_id": account_id}
        with self._database.read() as connection:
            row = connection.execute(_OWNED, key).first()
        if row is None:
            raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
        return Application(row.id, OFFICES[row.office], State(row.state), *row[3:])

    def identify(self, application_id: str, applicant: str, name: str, trace_id: str | None) -> None:
        """Note that Dukcapil confirmed the identity. Raises Refusal(WRONG_STATE)."""
        verified = Event(
            type=EventType.IDENTITY_VERIFIED,
            application_id=application_id,
            applicant=applicant,
            trace_id=trace_id,
        )
        values = {"application_id": application_id, "who": applicant, "name": name}
        with self._database.write() as connection:
            if not connection.execute(_IDENTIFY, values).rowcount:
                raise Refusal(ErrorCode.WRONG_STATE)
            append(connection, verified)

    def store_document(self, application_id: str, kind: DocumentKind, content: bytes, trace_id: str | None) -> str:
        """The id of the document kept. Raises Refusal(WRONG_STATE).

        Assumption: one document is enough to choose a place; the counter asks for the rest. Of the image
        only its size and digest are kept: a load test has no use for a thousand pictures.
        """
        document_id, now = self._new_id(), self._clock()
        row = {
            "id": document_id,
            "application_id": application_id,
            "kind": kind,
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "created_ns": now,
        }
        stored = Event(type=EventType.DOCUMENT_STORED, application_id=application_id, trace_id=trace_id)
        with self._database.write() as connection:
            if not connection.execute(_DOCUMENTED, {"application_id": application_id}).rowcount:
                raise Refusal(ErrorCode.WRONG_STATE)
            connection.execute(DOCUMENTS.insert(), row)
            append(connection, stored)
        return document_id

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
