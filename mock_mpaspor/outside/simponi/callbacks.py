"""Tells M-Paspor of payments: signed, at least once, until it answers 2xx."""

import hashlib
import hmac

from prometheus_client import Counter

from mock_mpaspor.outside.clock import NS, Clock
from mock_mpaspor.outside.front import tracing
from mock_mpaspor.outside.peer import NoAnswer, Peer
from mock_mpaspor.outside.simponi.notices import Notice, NoticeBook


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of `timestamp + "." + body` under the secret."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Messenger:
    """Delivers one notice at a time. `attempts` counts by result: accepted, refused (an answer not 2xx), unanswered."""

    def __init__(self, notices: NoticeBook, owner: Peer, secret: str, clock: Clock, attempts: Counter) -> None:
        self._notices = notices
        self._owner = owner
        self._secret = secret
        self._clock = clock
        self._attempts = attempts

    def deliver(self, notice: Notice) -> bool:
        """Whether the notice was taken. Any other answer, `unknown_code` too, may change: the notice stays owed."""
        timestamp = str(self._clock.unix_ns() // NS)
        headers = {
            "X-Simponi-Timestamp": timestamp,
            "X-Simponi-Signature": sign(self._secret, timestamp, notice.body),
            **tracing(notice.traceparent),
        }
        reply = self._owner.post("", notice.body, headers)
        if isinstance(reply, NoAnswer):
            self._attempts.labels("unanswered").inc()
            return False
        self._attempts.labels("accepted" if reply.accepted else "refused").inc()
        if reply.accepted:
            self._notices.taken(notice)
        return reply.accepted
