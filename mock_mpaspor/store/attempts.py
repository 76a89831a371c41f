"""Attempts at a door, counted by one atomic statement, so that many at once are as many as one after another.

Who tried is kept as a keyed hash: the table is no list of addresses, and an address without an account counts alike.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, text

from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.limits import Limit
from mock_mpaspor.store.schema import ATTEMPTS

_COUNT = text(
    "INSERT INTO attempts (subject, began_ns, number) VALUES (:subject, :now, 1)"
    " ON CONFLICT (subject) DO UPDATE SET"
    " number = CASE WHEN attempts.began_ns <= :edge THEN 1 ELSE attempts.number + 1 END,"
    " began_ns = CASE WHEN attempts.began_ns <= :edge THEN excluded.began_ns ELSE attempts.began_ns END"
    " RETURNING number, began_ns"
)
_STANDING = select(ATTEMPTS.c.number, ATTEMPTS.c.began_ns).where(ATTEMPTS.c.subject == bindparam("the_subject"))
_CLEAR = ATTEMPTS.delete().where(ATTEMPTS.c.subject == bindparam("the_subject"))


@dataclass(frozen=True)
class Standing:
    """How often somebody has tried within the window, and in how many seconds it ends."""

    number: int
    ends_in_s: float


class Attempts:
    """Counts attempts. `wall` is the wall clock (unix ns); `secret` keys the hashes."""

    def __init__(self, wall: Callable[[], int], secret: bytes) -> None:
        self._wall = wall
        self._secret = secret

    def count(self, connection: Connection, limit: Limit, who: str) -> Standing:
        """One attempt more; where that leaves them."""
        now, window_ns = self._wall(), int(limit.window_s * NS_PER_S)
        values = {"subject": self._subject(limit, who), "now": now, "edge": now - window_ns}
        number, began_ns = connection.execute(_COUNT, values).one()
        return Standing(number, (began_ns + window_ns - now) / NS_PER_S)

    def standing(self, connection: Connection, limit: Limit, who: str) -> Standing:
        """Where the attempts so far leave them."""
        row = connection.execute(_STANDING, {"the_subject": self._subject(limit, who)}).first()
        ends_in_s = 0.0 if row is None else (row.began_ns - self._wall()) / NS_PER_S + limit.window_s
        return Standing(row.number, ends_in_s) if row and ends_in_s > 0 else Standing(0, 0.0)

    def clear(self, connection: Connection, limit: Limit, who: str) -> None:
        """Forget the attempts."""
        connection.execute(_CLEAR, {"the_subject": self._subject(limit, who)})

    def _subject(self, limit: Limit, who: str) -> str:
        digest = hmac.new(self._secret, f"{limit.door}:{who}".encode(), hashlib.sha256).hexdigest()
        return f"{limit.door}:{digest[:32]}"


def require_room(limit: Limit, standing: Standing) -> None:
    """Raise Refusal(TOO_MANY_ATTEMPTS) where the attempts so far leave no further one."""
    if standing.number >= limit.number:
        raise Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after_s=standing.ends_in_s)


def require_within(limit: Limit, standing: Standing) -> None:
    """Raise Refusal(TOO_MANY_ATTEMPTS) where there were more than the limit allows."""
    if standing.number > limit.number:
        raise Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after_s=standing.ends_in_s)
