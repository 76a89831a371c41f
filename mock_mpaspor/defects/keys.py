"""Keys not kept to: M2 ignores them, M11 asks nobody whose they are, M22 forgets them, M23 has no answer yet."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, select

from mock_mpaspor.domain.states import State
from mock_mpaspor.store.holds import Holds, OvertakenError, Snapshot
from mock_mpaspor.store.idempotency import Answer, KeyedRequest, keep, replay
from mock_mpaspor.store.schema import APPLICATIONS, IDEMPOTENCY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# How long M22 remembers, in seconds of the wall clock: less than people take to try again.
REMEMBERED_S = 1.0

_MOVE_AGAIN = (
    APPLICATIONS.update()
    .where(
        APPLICATIONS.c.id == bindparam("application_id"),
        APPLICATIONS.c.state.in_((State.DOCS_UPLOADED, State.SLOT_HELD)),
    )
    .values(state=State.SLOT_HELD, slot=bindparam("the_slot"), ends_ns=bindparam("held_until"))
)
_MINE = (IDEMPOTENCY.c.account_id == bindparam("who"), IDEMPOTENCY.c.key == bindparam("the_key"))
_KEPT_SINCE = select(IDEMPOTENCY.c.created_ns).where(*_MINE)
_FORGET = IDEMPOTENCY.delete().where(*_MINE)
_ANYBODYS = (
    select(IDEMPOTENCY.c.answer)
    .where(IDEMPOTENCY.c.key == bindparam("the_key"))
    .order_by(IDEMPOTENCY.c.created_ns)
    .limit(1)
)


class KeylessHolds(Holds):
    """M2: a request sent again is a request of its own, and takes another place."""

    def _look(self, request: KeyedRequest, slot: str) -> Snapshot:
        seen = super()._look(request, slot)
        if seen.state is not State.SLOT_HELD:
            return seen
        return replace(seen, state=State.DOCS_UPLOADED, booked=False)

    def _recall(self, request: KeyedRequest, seen: Snapshot) -> Answer | None:
        return None

    def _move(self, connection: Connection, application_id: str, slot: str, held_until: int) -> None:
        move = {"application_id": application_id, "the_slot": slot, "held_until": held_until}
        if not connection.execute(_MOVE_AGAIN, move).rowcount:
            raise OvertakenError

    def _remember(self, connection: Connection, request: KeyedRequest, body: str, now: int) -> Answer:
        return Answer(body, replayed=False)


class ForgetfulHolds(KeylessHolds):
    """M22: keys are kept for a second."""

    def _recall(self, request: KeyedRequest, seen: Snapshot) -> Answer | None:
        with self._database.read() as connection:
            kept_ns = connection.execute(_KEPT_SINCE, _key_of(request)).scalar()
        if kept_ns is None or self._clock.wall_s(self._clock() - kept_ns) > REMEMBERED_S:
            return None
        return replay(request, seen.fingerprint, seen.answer)

    def _remember(self, connection: Connection, request: KeyedRequest, body: str, now: int) -> Answer:
        connection.execute(_FORGET, _key_of(request))
        return keep(connection, request, body, now)


class SharedKeyHolds(Holds):
    """M11: whoever sends a key that was used before, by anybody and for anything, gets the first one's answer."""

    def _recall(self, request: KeyedRequest, seen: Snapshot) -> Answer | None:
        with self._database.read() as connection:
            answer = connection.execute(_ANYBODYS, {"the_key": request.key}).scalar()
        return None if answer is None else Answer(str(answer), replayed=True)


class EmptyToDuplicates:
    """M23: a duplicate of a request that is still under way is told 200 and nothing else."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = threading.Lock()
        self._under_way: set[tuple[str, str]] = set()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        key = (environ.get("HTTP_AUTHORIZATION", ""), environ.get("HTTP_IDEMPOTENCY_KEY", ""))
        with self._lock:
            duplicate = bool(key[1]) and key in self._under_way
            if not duplicate:
                self._under_way.add(key)
        if duplicate:
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "0")])
            return [b""]
        try:
            return self._app(environ, start_response)
        finally:
            with self._lock:
                self._under_way.discard(key)


def _key_of(request: KeyedRequest) -> dict[str, str]:
    return {"who": request.account_id, "the_key": request.key}
