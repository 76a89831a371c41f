"""SIMPONI as the service sees it: three calls, each timed, none repeated here, every failure named.

A bill is asked for by the application's id (`reference`); asking twice gives the same code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, TypeVar

import msgspec
from urllib3.exceptions import HTTPError

from mock_mpaspor.decoders import decoder
from mock_mpaspor.domain.billing import is_billing_code
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.calls import CallError, failure_of, headers, measured, require_success
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
    paid_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class _Found(msgspec.Struct, frozen=True):
    bills: list[BillView]


class _Accepted(msgspec.Struct, frozen=True):
    """Any object will do: the status said it all."""


# What the gateway's calls raise.
SimponiError = CallError


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
        with measured(self._metrics, "simponi"):
            return self._exchange(method, path, kind, body, headers(trace_id))

    def _exchange(self, method: str, path: str, kind: type[T], body: bytes | None, headers: dict[str, str]) -> T:
        try:
            answer = self._pool.request(method, self._url + path, body=body, headers=headers, redirect=False)
        except HTTPError as error:
            raise SimponiError(failure_of(error)) from error
        require_success(answer)
        try:
            return decoder(kind).decode(answer.data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            # A body that was cut or mangled on the way; the next attempt may bring it whole.
            raise SimponiError(AttemptFailure.RESET) from error


def _json(body: object) -> bytes:
    return msgspec.json.encode(body)
