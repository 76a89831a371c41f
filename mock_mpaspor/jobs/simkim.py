"""SIMKIM as the service sees it: cases told, cases withdrawn, its feed read; each call timed, none repeated here.

A case is told under the application's id: told twice it is the same case.
"""

import datetime
from http import HTTPStatus
from typing import Protocol

import msgspec
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.calls import CallError, failure_of, headers, measured, require_success
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.punctual import punctual_pools
from mock_mpaspor.store.cases import Case
from mock_mpaspor.store.progress import Line


class _Told(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The body of `PUT /cases/{application_id}`."""

    kind: str
    office: str
    passport_type: str
    validity_years: int
    nik: str
    name: str
    birth_date: datetime.date
    sex: str
    delivery: str
    channel: str
    date: str | None = None
    session: str | None = None
    pass_code: str | None = None
    address: str | None = None
    queue_number: int | None = None
    express: bool = False
    version: int = 0


class Simkim(Protocol):
    """The back office; every method raises CallError."""

    def tell(self, case: Case, version: int, trace_id: str | None) -> bool:
        """Whether the case is now known as it stands; False where the visit has begun and nothing changes any more.

        Of two files of a case the one of the higher `version` counts, in whatever order they arrive.
        """

    def withdraw(self, application_id: str, trace_id: str | None) -> bool:
        """Whether nobody is expected any more; False where the visit has begun."""

    def progress(self, after: int, limit: int) -> list[Line]:
        """Up to `limit` lines of the feed above `after`, ascending."""


class HttpSimkim:
    """Simkim over HTTP with a bounded pool of connections."""

    def __init__(self, url: str, token: str, timeout_s: float, connections: int, metrics: Metrics) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._metrics = metrics
        self._pool = punctual_pools(timeout_s, connections)
        self._lines = msgspec.json.Decoder(Line)

    def tell(self, case: Case, version: int, trace_id: str | None) -> bool:
        path = f"/cases/{case.application_id}"
        return self._command("PUT", path, msgspec.json.encode(_told(case, version)), trace_id, (HTTPStatus.CONFLICT,))

    def withdraw(self, application_id: str, trace_id: str | None) -> bool:
        path = f"/cases/{application_id}/withdrawal"
        # A case that SIMKIM never heard of, because it was over before it could be told, needs no withdrawal.
        return self._command("POST", path, None, trace_id, (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND))

    def progress(self, after: int, limit: int) -> list[Line]:
        with measured(self._metrics, "simkim"):
            answer = self._exchange("GET", f"/feed/progress?after={after}&limit={limit}", None, None)
            require_success(answer)
            try:
                return self._lines.decode_lines(answer.data)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                # A page that was cut or mangled on the way; the next attempt may bring it whole.
                raise CallError(AttemptFailure.RESET) from error

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _command(
        self, method: str, path: str, body: bytes | None, trace_id: str | None, settled: tuple[HTTPStatus, ...]
    ) -> bool:
        """Whether it was done; False for an answer in `settled`, which no repetition will change."""
        with measured(self._metrics, "simkim"):
            answer = self._exchange(method, path, body, trace_id)
            if answer.status in settled:
                return False
            require_success(answer)
            return True

    def _exchange(self, method: str, path: str, body: bytes | None, trace_id: str | None) -> BaseHTTPResponse:
        opened = headers(trace_id) | {"Authorization": f"Bearer {self._token}"}
        try:
            return self._pool.request(method, self._url + path, body=body, headers=opened, redirect=False)
        except HTTPError as error:
            raise CallError(failure_of(error)) from error


def _told(case: Case, version: int) -> _Told:
    visit, identity = case.appointment, case.identity
    return _Told(
        kind="bap" if visit is None else "appointment",
        office=case.office,
        passport_type=case.passport_type,
        validity_years=case.validity_years,
        nik=identity.nik,
        name=identity.name,
        birth_date=identity.birth_date,
        sex=identity.sex,
        delivery=case.delivery,
        channel=case.channel,
        date=None if visit is None else visit.date,
        session=None if visit is None else visit.session,
        pass_code=None if visit is None else visit.pass_code,
        address=case.address,
        queue_number=case.queue_number,
        express=case.express,
        version=version,
    )
