"""Idempotency keys, kept with the answers they got, in the transaction of the effect itself.

A key belongs to one account. The same key with the same request gets the stored answer; with another request it
is refused. Refusals are not stored: they left no effect, and a later attempt may do better.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.store.schema import IDEMPOTENCY

_KEEP = IDEMPOTENCY.insert()


@dataclass(frozen=True)
class KeyedRequest:
    """One logical request: who, under which key, for which application, and what exactly (`fingerprint`)."""

    account_id: str
    key: str
    application_id: str
    fingerprint: str
    trace_id: str | None


@dataclass(frozen=True)
class Answer:
    """The JSON body of a success; `replayed` where it was given before."""

    body: str
    replayed: bool


def replay(request: KeyedRequest, fingerprint: str | None, answer: str | None) -> Answer | None:
    """The stored answer, or None for a new key. Raises Refusal(KEY_REUSED) where the requests differ."""
    if fingerprint is None or answer is None:
        return None
    if fingerprint != request.fingerprint:
        raise Refusal(ErrorCode.KEY_REUSED)
    return Answer(answer, replayed=True)


def keep(connection: Connection, request: KeyedRequest, body: str, now_ns: int) -> Answer:
    """Store the answer under the key. Raises IntegrityError where another attempt was faster."""
    row = {
        "account_id": request.account_id,
        "key": request.key,
        "fingerprint": request.fingerprint,
        "answer": body,
        "created_ns": now_ns,
    }
    connection.execute(_KEEP, row)
    return Answer(body, replayed=False)
