"""SIMPONI as the service sees it: three calls, each timed, none repeated here, every failure named.

A bill is asked for by the application's id (`reference`); asking twice gives the same code.
"""

import time
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from mock_mpaspor.domain.billing import is_billing_code
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.punctual import punctual_pools

T = TypeVar("T")


class _Issued(msgspec.Struct, frozen=True):
    billing_code: str
    amount_idr: int


class BillView(msgspec.Struct, frozen=True):
    """A bill as SIMPONI shows it."""

    billing_code: str
    amount_idr: int
    state: str
    ntpn: str | None = None


class _Found(msgspec.Struct, frozen=True):
    bills: list[BillView]


class _Accepted(msgspec.Struct, frozen=True):
    """Any object will do: the status said it all."""


class SimponiError(Exception):
    """A call that gave no usable answer; `failure` says how it failed."""

    def __init__(self, failure: AttemptFailure) -> None:
        self.failure = failure
        super().__init__(failure)


@dataclass(frozen=True)
class BillOrder:
    """What a bill is asked for."""

    reference: str
    amount_idr: int
    payer: str


class Simponi(Protocol):
    """The gateway; every method raises SimponiError."""

    def issue(self, order: BillOrder, trace_id: str | None) -> str:
        """The billing code for this reference."""

    def refund(self, billing_code: str, ntpn: str, trace_id: str | None) -> None:
        """Send the money of a payment back."""

    def find(self, reference: str) -> list[BillView]:
        """The bills made for a reference."""


class HttpSimponi:
    """Simponi over HTTP with a bounded pool of connections."""

    def __init__(self, url: str, timeout_s: float, connections: int, metrics: Metrics) -> None:
        self._url = url.rstrip("/")
        self._metrics = metrics
        self._pool = punctual_pools(timeout_s, connections)

    def issue(self, order: BillOrder, trace_id: str | None) -> str:
        issued = self._call("POST", "/bills", _Issued, _json(order), trace_id)
        if not is_billing_code(issued.billing_code) or issued.amount_idr != order.amount_idr:
            raise SimponiError(AttemptFailure.REJECTED)
        return issued.billing_code

    def refund(self, billing_code: str, ntpn: str, trace_id: str | None) -> None:
        self._call("POST", f"/bills/{billing_code}/refund", _Accepted, _json({"ntpn": ntpn}), trace_id)

    def find(self, reference: str) -> list[BillView]:
        return self._call("GET", f"/bills?reference={reference}", _Found, None, None).bills

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _call(self, method: str, path: str, kind: type[T], body: bytes | None, trace_id: str | None) -> T:
        began_s = time.perf_counter()
        outcome = "ok"
        try:
            return self._exchange(method, path, kind, body, _headers(trace_id))
        except SimponiError as error:
            outcome = error.failure
            raise
        finally:
            self._metrics.calls.labels("simponi", outcome).inc()
            self._metrics.call_seconds.labels("simponi").observe(time.perf_counter() - began_s)

    def _exchange(self, method: str, path: str, kind: type[T], body: bytes | None, headers: dict[str, str]) -> T:
        try:
            answer = self._pool.request(method, self._url + path, body=body, headers=headers, redirect=False)
        except HTTPError as error:
            raise SimponiError(_named(error)) from error
        if answer.status >= 500 or answer.status in (408, 429):
            raise SimponiError(AttemptFailure.HTTP_5XX)
        if answer.status >= 300:
            raise SimponiError(AttemptFailure.REJECTED)
        try:
            return msgspec.json.decode(answer.data, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            # A body that was cut or mangled on the way; the next attempt may bring it whole.
            raise SimponiError(AttemptFailure.RESET) from error


def _named(error: HTTPError) -> AttemptFailure:
    if isinstance(error, NewConnectionError):
        return AttemptFailure.REFUSED
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError):
        return AttemptFailure.TIMEOUT
    return AttemptFailure.RESET


def _json(body: object) -> bytes:
    return msgspec.json.encode(body)


def _headers(trace_id: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if trace_id:
        # The first half of a trace id serves as the id of this span: unique enough, and no randomness needed.
        headers["traceparent"] = f"00-{trace_id}-{trace_id[:16]}-01"
    return headers
