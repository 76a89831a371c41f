"""The documents of an application: one of each kind, and the moment when none is missing any more.

Of a picture only its size and digest are kept: nothing is written to a file, so that no upload can escape, and a
load test has no use for a thousand pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import bindparam, select

from mock_mpaspor.domain.applications import Kind, Replaced
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.documents import DocumentKind, Requirements, requirements
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import Event, EventType
from mock_mpaspor.domain.states import State
from mock_mpaspor.store.applications import Application
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, DOCUMENTS, ApplicationRow
from mock_mpaspor.store.trail import append

# The lock makes uploads of one application follow each other: of two that were missing, one must see the other.
_LOCKED = (
    select(
        APPLICATIONS.c.state,
        APPLICATIONS.c.kind,
        APPLICATIONS.c.replaced,
        APPLICATIONS.c.minor,
        APPLICATIONS.c.married,
    )
    .where(APPLICATIONS.c.id == bindparam("application_id"))
    .with_for_update()
)
_STATE = select(APPLICATIONS.c.state).where(APPLICATIONS.c.id == bindparam("application_id"))
_OF_APPLICATION = (
    select(DOCUMENTS.c.id, DOCUMENTS.c.kind, DOCUMENTS.c.bytes, DOCUMENTS.c.created_ns)
    .where(DOCUMENTS.c.application_id == bindparam("application_id"))
    .order_by(DOCUMENTS.c.created_ns, DOCUMENTS.c.id)
)
_KINDS = select(DOCUMENTS.c.kind).where(DOCUMENTS.c.application_id == bindparam("application_id"))
_REMOVE = DOCUMENTS.delete().where(
    DOCUMENTS.c.application_id == bindparam("of_application"), DOCUMENTS.c.kind == bindparam("of_kind")
)
_COMPLETE = (
    APPLICATIONS.update()
    .where(APPLICATIONS.c.id == bindparam("application_id"), APPLICATIONS.c.state == State.NIK_VERIFIED)
    .values(state=State.DOCS_UPLOADED)
)
_OPEN_STATES = frozenset({State.NIK_VERIFIED, State.DOCS_UPLOADED})


@dataclass(frozen=True)
class StoredDocument:
    """One document as its owner sees it."""

    document_id: str
    kind: DocumentKind
    size_bytes: int
    stored_ns: int


@dataclass(frozen=True)
class Receipt:
    """What became of an upload."""

    document_id: str
    state: State
    missing: tuple[DocumentKind, ...]


class Documents:
    """Takes documents and lists them."""

    def __init__(self, database: Database, clock: Clock, new_id: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id

    def require_due(self, application_id: str) -> None:
        """Raise Refusal(WRONG_STATE) where `store` would, as far as can be told before the document is there."""
        with self._database.read() as connection:
            _require_open(State(connection.execute(_STATE, {"application_id": application_id}).scalar_one()))

    def store(self, application_id: str, kind: DocumentKind, content: bytes, trace_id: str | None) -> Receipt:
        """Keep a document, in place of one of its kind; the application moves on once none is missing.

        Raises Refusal(WRONG_STATE) before the identity is known, and after a place was chosen.
        """
        row = self._row(application_id, kind, content)
        by_id = {"application_id": application_id}
        with self._database.write() as connection:
            application = connection.execute(_LOCKED, by_id).one()
            state = State(application.state)
            _require_open(state)
            stored = set(connection.execute(_KINDS, by_id).scalars())
            if kind in stored:
                connection.execute(_REMOVE, {"of_application": application_id, "of_kind": kind})
            connection.execute(DOCUMENTS.insert(), row)
            append(connection, Event(type=EventType.DOCUMENT_STORED, application_id=application_id, trace_id=trace_id))
            missing = _needed(application).missing([*stored, kind])
            if state is State.NIK_VERIFIED and not missing:
                connection.execute(_COMPLETE, by_id)
                complete = Event(type=EventType.DOCUMENTS_COMPLETE, application_id=application_id, trace_id=trace_id)
                append(connection, complete)
                state = State.DOCS_UPLOADED
        return Receipt(str(row["id"]), state, missing)

    def of(self, application: Application) -> tuple[list[StoredDocument], tuple[DocumentKind, ...]]:
        """The documents of an application in the order of their arrival, and what is missing.

        Before the identity is known an applicant counts as of age.
        """
        with self._database.read() as connection:
            rows = connection.execute(_OF_APPLICATION, {"application_id": application.application_id}).all()
        stored = [StoredDocument(row.id, DocumentKind(row.kind), row.bytes, row.created_ns) for row in rows]
        needed = requirements(application.kind, application.replaced, application.minor, application.married)
        return stored, needed.missing([document.kind for document in stored])

    def _row(self, application_id: str, kind: DocumentKind, content: bytes) -> dict[str, object]:
        return {
            "id": self._new_id(),
            "application_id": application_id,
            "kind": kind,
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "created_ns": self._clock(),
        }


def _require_open(state: State) -> None:
    if state not in _OPEN_STATES:
        raise Refusal(ErrorCode.WRONG_STATE)


def _needed(row: ApplicationRow) -> Requirements:
    reason = None if row.replaced is None else Replaced(row.replaced)
    return requirements(Kind(row.kind), reason, bool(row.minor), row.married)
