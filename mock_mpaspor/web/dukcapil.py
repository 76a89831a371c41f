"""Dukcapil as the service sees it: one timed question, asked by a bounded number of threads, behind a breaker.

The bulkhead does not queue: a thread that waited for a place would itself be a thread that Dukcapil takes. Nothing is
asked twice, for the same reason: a person who is told at once to try again is a retry that holds no thread.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

import msgspec
from urllib3.exceptions import HTTPError

from mock_mpaspor.breaker import Breaker, Permit
from mock_mpaspor.decoders import decoder
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

    def __init__(self, url: str, timeout_s: float, places: int, metrics: Metrics, breaker: Breaker) -> None:
        self._url = url.rstrip("/") + "/verify"
        self._places = threading.BoundedSemaphore(places)
        self._metrics = metrics
        self._breaker = breaker
        self._pool = punctual_pools(timeout_s, places)

    def confirm(self, identity: Identity, trace_id: str | None) -> None:
        with self._place():
            # Asked for once the place is there: a probe that found none would be lost.
            if self._breaker.permit() is Permit.NONE:
                raise self._refused("breaker_open")
            verdict = self._timed(identity, trace_id)
        if not verdict.match:
            raise Refusal(ErrorCode.IDENTITY_INVALID)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise self._refused("turned_away")
        try:
            yield
        finally:
            self._places.release()

    def _refused(self, outcome: str) -> Refusal:
        """Nothing was asked, and why."""
        self._metrics.calls.labels("dukcapil", outcome).inc()
        return Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE)

    def _timed(self, identity: Identity, trace_id: str | None) -> _Verdict:
        began_s = time.perf_counter()
        outcome = "failed"
        try:
            verdict = self._ask(identity, trace_id)
            outcome = verdict.reason or "match"
            self._breaker.succeeded()
            return verdict
        except Refusal:
            self._breaker.failed()
            raise
        finally:
            self._metrics.calls.labels("dukcapil", outcome).inc()
            self._metrics.call_seconds.labels("dukcapil").observe(time.perf_counter() - began_s)

    def _ask(self, identity: Identity, trace_id: str | None) -> _Verdict:
        headers = {"Content-Type": "application/json"}
        if trace_id:
            headers["traceparent"] = f"00-{trace_id}-{trace_id[:16]}-01"
        body = msgspec.json.encode(identity)
        try:
            answer = self._pool.request("POST", self._url, body=body, headers=headers, redirect=False)
            if answer.status != 200:
                raise Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE)
            return decoder(_Verdict).decode(answer.data)
        except (HTTPError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(ErrorCode.DUKCAPIL_UNAVAILABLE) from error
