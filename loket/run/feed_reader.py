"""Reads the feeds of service, gateway and bank: the collector keeps what they tell, quiescence asks them for money."""

import msgspec

from loket.stack.probe import Probe, Unanswered
from loket.stack.settings import Feed

PAGE = 5000
FEED_TIMEOUT_S = 10.0
# What reading and decoding may raise; msgspec tells of bytes that are no UTF-8 by Python's own error.
UNREAD = (Unanswered, msgspec.MsgspecError, UnicodeDecodeError)


class FeedReader:
    """Each answer is NDJSON, whole lines only. Raises Unanswered."""

    def __init__(self) -> None:
        self._probe = Probe()

    def events(self, service: Feed, after: int) -> bytes:
        """The next page of events after the one with this `seq`; empty where there is none."""
        return self._read(service, f"/audit/events?after={after}&limit={PAGE}")

    def bills(self, simponi: Feed) -> bytes:
        return self._read(simponi, "/feed/bills")

    def ledger(self, bank: Feed) -> bytes:
        return self._read(bank, "/feed/ledger")

    def _read(self, feed: Feed, path: str) -> bytes:
        return self._probe.get(f"{feed.url}{path}", feed.token, FEED_TIMEOUT_S)
