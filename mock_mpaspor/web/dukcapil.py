"""Dukcapil as the service sees it: one timed question, asked by a bounded number of threads at once.

The bulkhead does not queue: a thread that waited for a place would itself be a thread that Dukcapil takes.
"""

import threading
import time
from typing import Literal, Protocol

import msgspec
from urllib3.exceptions import HTTPError

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.punctual import punctual_pools


class Dukcapil(Protocol):
    """The civil registry."""

    def confirm(self, identity: Identity, trace_id: str | None) -> None:
        """Raise Refusal(IDENTITY_INVALID) unless the registry knows this person so.

        Raises Refusal(DUKCAPIL_UNAVAILABLE) where it gives no answer.
        """


class _Verdict(msgspec.Struct, frozen=True):
    match: bool
    reason: Literal["not_found", "mismatch", "blocked"] | None = None


class HttpDukcapil:
    """Dukcapil over HTTP."""

    def __init__(self, url: str, timeout_s: float, places: int, metrics: Metrics) -> None:
        self._url = url.rstrip("/") + "/verify"
        self._places = threading.BoundedSemaphore(places)
        self._metrics = metrics
        self._pool = punctual_pools(timeout_s, places)

    def confirm(self, identity: Identity, trace_id: str | None) -> None:
        if not self._places.acquire(blocking=False):
            self._metrics.calls.labels("dukcapil", "turned_away").inc()
            raise Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE)
        began_s = time.perf_counter()
        outcome = "failed"
        try:
            verdict = self._ask(identity, trace_id)
            outcome = verdict.reason or "match"
        finally:
            self._places.release()
            self._metrics.calls.labels("dukcapil", outcome).inc()
            self._metrics.call_seconds.labels("dukcapil").observe(time.perf_counter() - began_s)
        if not verdict.match:
            raise Refusal(ErrorCode.IDENTITY_INVALID)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _ask(self, identity: Identity, trace_id: str | None) -> _Verdict:
        headers = {"Content-Type": "application/json"}
        if trace_id:
            headers["traceparent"] = f"00-{trace_id}-{trace_id[:16]}-01"
        body = msgspec.json.encode(identity)
        try:
            answer = self._pool.request("POST", self._url, body=body, headers=headers, redirect=False)
            if answer.status != 200:
                raise Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE)
            return msgspec.json.decode(answer.data, type=_Verdict)
        except (HTTPError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE) from error
