"""What every call to another system has in common: how a failure is named, which headers go along, what is measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.metrics import Metrics


class CallError(Exception):
    """A call that gave no usable answer; `failure` says how it failed."""

    def __init__(self, failure: AttemptFailure) -> None:
        self.failure = failure
        super().__init__(failure)


def failure_of(error: HTTPError) -> AttemptFailure:
    """What went wrong before an answer was there."""
    if isinstance(error, NewConnectionError):
        return AttemptFailure.REFUSED
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError):
        return AttemptFailure.TIMEOUT
    return AttemptFailure.RESET


def require_success(answer: BaseHTTPResponse) -> None:
    """Raise CallError unless the other side took the request."""
    if answer.status >= 500 or answer.status in (408, 429):
        raise CallError(AttemptFailure.HTTP_5XX)
    if answer.status >= 300:
        raise CallError(AttemptFailure.REJECTED)


def headers(trace_id: str | None) -> dict[str, str]:
    """Of a JSON request that belongs to a trace."""
    named = {"Content-Type": "application/json"}
    if trace_id:
        # The first half of a trace id serves as the id of this span: unique enough, and no randomness needed.
        named["traceparent"] = f"00-{trace_id}-{trace_id[:16]}-01"
    return named


@contextmanager
def measured(metrics: Metrics, hop: str) -> Iterator[None]:
    """Count and time the call in the block."""
    began_s = time.perf_counter()
    outcome = "ok"
    try:
        yield
    except CallError as error:
        outcome = error.failure
        raise
    finally:
        metrics.calls.labels(hop, outcome).inc()
        metrics.call_seconds.labels(hop).observe(time.perf_counter() - began_s)
