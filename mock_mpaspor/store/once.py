"""One keyed request, one effect: the effect, its answer and the key in one transaction, on one locked application."""

from collections.abc import Callable

from sqlalchemy import Connection, String, bindparam, select
from sqlalchemy.exc import IntegrityError

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY, ApplicationRow

_OWNED = (
    select(APPLICATIONS)
    .where(
        APPLICATIONS.c.id == bindparam("application_id", type_=String),
        APPLICATIONS.c.account_id == bindparam("account_id", type_=String),
    )
    .with_for_update()
)
_KNOWN = select(IDEMPOTENCY.c.fingerprint, IDEMPOTENCY.c.answer).where(
    IDEMPOTENCY.c.account_id == bindparam("account_id", type_=String),
    IDEMPOTENCY.c.key == bindparam("key", type_=String),
)


def locked(connection: Connection, application_id: str, account_id: str) -> ApplicationRow:
    """The owner's application, locked until the commit. Raises Refusal(UNKNOWN_APPLICATION)."""
    row = connection.execute(_OWNED, {"application_id": application_id, "account_id": account_id}).first()
    if row is None:
        raise Refusal(ErrorCode.UNKNOWN_APPLICATION)
    return row


def once(
    database: Database, request: KeyedRequest, now_ns: int, act: Callable[[Connection, ApplicationRow], str]
) -> Answer:
    """What `act` answers (JSON) for the locked application, or the answer that the key got before.

    Raises what `act` raises, with nothing done; Refusal(UNKNOWN_APPLICATION) and Refusal(KEY_REUSED).
    """
    try:
        return _attempt(database, request, now_ns, act)
    except IntegrityError:
        # The same key came with another application at the same moment, and was faster; it is committed by now.
        return _attempt(database, request, now_ns, act)


def _attempt(
    database: Database, request: KeyedRequest, now_ns: int, act: Callable[[Connection, ApplicationRow], str]
) -> Answer:
    with database.write() as connection:
        row = locked(connection, request.application_id, request.account_id)
        known = connection.execute(_KNOWN, {"account_id": request.account_id, "key": request.key}).first()
        answered = replay(request, known.fingerprint, known.answer) if known else None
        return answered or keep(connection, request, act(connection, row), now_ns)
