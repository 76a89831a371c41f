"""The service in a test: a real SQLite file, a clock that is set by hand, and a SIMPONI and a Dukcapil that obey."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.crew import Jobs
from mock_mpaspor.jobs.simponi import BillOrder, BillView, SimponiError
from mock_mpaspor.settings import Settings, read_settings
from mock_mpaspor.web.dukcapil import Identity
from mock_mpaspor.web.parts import EXTENSION

NS = 1_000_000_000
MONDAY_09_WIB = int(datetime(2025, 2, 3, 2, 0, tzinfo=UTC).timestamp()) * NS
OFFICE = "belakang_padang"
JPEG = b"\xff\xd8\xff\xe0 a small picture \xff\xd9"
PASSWORD = "Rahasia123"


class HandClock:
    """Time that moves only when told; reads as wall clock (ns) and as monotonic clock (s)."""

    def __init__(self) -> None:
        self.now_ns = MONDAY_09_WIB

    def unix_ns(self) -> int:
        return self.now_ns

    def monotonic_s(self) -> float:
        return self.now_ns / NS

    def pass_s(self, seconds: float) -> None:
        self.now_ns += int(seconds * NS)


@dataclass
class FakeSimponi:
    """Bills by reference. `failure` makes every call fail; `lose_answers` makes it act and not answer."""

    failure: AttemptFailure | None = None
    lose_answers: bool = False
    bills: dict[str, BillView] = field(default_factory=dict)
    refunded: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    called: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, order: BillOrder, trace_id: str | None) -> str:
        with self._lock:
            self._answer_or_fail()
            code = f"8{20250203_000000 + len(self.bills):014}"
            bill = self.bills.setdefault(order.reference, BillView(code, order.amount_idr, "open"))
        if self.lose_answers:
            raise SimponiError(AttemptFailure.TIMEOUT)
        return bill.billing_code

    def refund(self, billing_code: str, ntpn: str, trace_id: str | None) -> None:
        with self._lock:
            self._answer_or_fail()
            self.refunded.append((billing_code, ntpn))

    def find(self, reference: str) -> list[BillView]:
        with self._lock:
            self._answer_or_fail()
            return [self.bills[reference]] if reference in self.bills else []

    def pay(self, reference: str, ntpn: str) -> str:
        """Someone pays the bill; the code that was paid. The service is not told."""
        bill = self.bills[reference]
        self.bills[reference] = BillView(bill.billing_code, bill.amount_idr, "paid", ntpn)
        return bill.billing_code

    def _answer_or_fail(self) -> None:
        self.calls += 1
        self.called.set()
        if self.failure:
            raise SimponiError(self.failure)


@dataclass
class FakeDukcapil:
    """Knows everybody, unless told what to refuse with."""

    refusal: ErrorCode | None = None
    asked: list[Identity] = field(default_factory=list)

    def confirm(self, identity: Identity, trace_id: str | None) -> None:
        self.asked.append(identity)
        if self.refusal:
            raise Refusal(self.refusal)


@dataclass
class Person:
    """Somebody with a session, speaking to the service over its HTTP interface."""

    service: "Service"
    number: int
    token: str

    def call(self, method: str, path: str, **arguments: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **dict(arguments.pop("headers", {}))}  # type: ignore[call-overload]
        return self.service.app.test_client().open(path, method=method, headers=headers, **arguments)

    def apply(self) -> str:
        """A fresh draft; its id."""
        wanted = {
            "kind": "NEW",
            "passport_type": "electronic",
            "validity_years": 10,
            "office": OFFICE,
            "purpose": "umrah",
        }
        return str(self.call("POST", "/v1/applications", json=wanted).json["application_id"])

    @property
    def identity(self) -> dict[str, str]:
        nik = f"997101420390{self.number:04}"
        return {"nik": nik, "name": f"Warga Contoh {self.number}", "birth_date": "1990-03-02", "sex": "female"}

    def identify(self, application: str, **changes: str) -> TestResponse:
        return self.call("PUT", f"/v1/applications/{application}/identity", json={**self.identity, **changes})

    def upload(self, application: str, content: bytes = JPEG, mimetype: str = "image/jpeg") -> TestResponse:
        path = f"/v1/applications/{application}/documents?kind=ktp"
        return self.call("POST", path, data=content, content_type=mimetype)

    def prepare(self) -> str:
        """An application ready to choose a place; its id."""
        application = self.apply()
        assert self.identify(application).status_code == 200
        assert self.upload(application).status_code == 201
        return application

    def hold(self, application: str, slot: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"hold-{application}"}
        return self.call("POST", f"/v1/applications/{application}/hold", json={"slot": slot}, headers=headers)

    def ask_code(self, application: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"code-{application}"}
        return self.call("POST", f"/v1/applications/{application}/billing", headers=headers)

    def see_code(self, application: str) -> TestResponse:
        return self.call("GET", f"/v1/applications/{application}/billing")

    def status(self, application: str) -> dict[str, object]:
        return dict(self.call("GET", f"/v1/applications/{application}").json)

    def book(self, slot: str) -> str:
        """Hold a place and ask for the code; the application's id."""
        application = self.prepare()
        assert self.hold(application, slot).status_code == 201
        assert self.ask_code(application).status_code == 202
        return application


@dataclass
class Service:
    """The service, its jobs and the systems around it."""

    app: Flask
    jobs: Jobs
    clock: HandClock
    simponi: FakeSimponi
    dukcapil: FakeDukcapil
    settings: Settings
    people: int = 0

    def person(self) -> Person:
        """Somebody new, logged in."""
        self.people += 1
        email = f"warga{self.people}@contoh.example"
        account = {
            "name": f"Warga Contoh {self.people}",
            "email": email,
            "phone": "+620000000000",
            "birth_date": "1990-03-02",
            "sex": "female",
            "password": PASSWORD,
        }
        client = self.app.test_client()
        assert client.post("/v1/accounts", json=account).status_code == 201
        session = client.post("/v1/sessions", json={"email": email, "password": PASSWORD})
        return Person(self, self.people, session.json["token"])

    def release(self, places: int, days: int = 1, opens_at: str = "2025-02-03T00:00:00+07:00") -> list[str]:
        """Release places; the slots made."""
        wanted = {"office": OFFICE, "opens_at": opens_at, "days": days, "places": places}
        answer = self.admin("POST", "/admin/releases", json=wanted)
        assert answer.status_code == 201
        return [slot["slot"] for slot in answer.json["slots"]]

    def admin(self, method: str, path: str, token: str = "adm", **arguments: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.app.test_client().open(path, method=method, headers=headers, **arguments)

    def events(self, *kinds: str) -> list[dict[str, object]]:
        """The audit feed, of these types only where some are named."""
        lines = self.admin("GET", "/audit/events?limit=10000", token="aud").data.splitlines()
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if not kinds or row["type"] in kinds]

    def pending(self) -> dict[str, int]:
        return dict(self.admin("GET", "/audit/pending", token="aud").json)

    def free(self) -> int:
        availability = self.app.test_client().get(f"/v1/offices/{OFFICE}/availability")
        return int(availability.json["free"])

    def relay(self) -> None:
        """Deliver what is due, to the end of every delivery started."""
        self.jobs.relay.step()
        self.jobs.relay.settle()

    def reconcile(self) -> int:
        return self.jobs.reconciler.step()

    def call_back(self, code: str, ntpn: str, amount_idr: int = 950_000, **forged: str) -> TestResponse:
        """SIMPONI tells of a payment."""
        notice = {
            "event_id": f"event-{ntpn}",
            "billing_code": code,
            "ntpn": ntpn,
            "ntb": "123456789012",
            "amount_idr": amount_idr,
            "paid_at": "2025-02-03T09:10:00+07:00",
        }
        body = json.dumps(notice).encode()
        timestamp = forged.get("timestamp", str(self.clock.now_ns // NS))
        secret = forged.get("secret", "cb").encode()
        signature = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}
        client = self.app.test_client()
        return client.post("/v1/callbacks/simponi", data=body, headers=headers, content_type="application/json")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A complete environment, pointing at a file of this test's own."""
    return {
        "MPASPOR_DATABASE_URL": f"sqlite:///{tmp_path / 'mpaspor.db'}",
        "MPASPOR_INSTANCE": "test",
        "MPASPOR_ADMIN_TOKEN": "adm",
        "MPASPOR_AUDIT_TOKEN": "aud",
        "MPASPOR_SECRET": "a secret",
        "MPASPOR_CALLBACK_SECRET": "cb",
        "MPASPOR_DUKCAPIL_URL": "http://127.0.0.1:1",
        "MPASPOR_SIMPONI_URL": "http://127.0.0.1:1",
        "MPASPOR_PASSWORD_COST": "2",
        "MPASPOR_THREADS": "24",
        "MPASPOR_PAYMENT_DEADLINE_S": "7200",
        "MPASPOR_CODE_PATIENCE_S": "900",
    }


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Callable[..., Service]]:
    """Starts services with the settings given on top of the complete environment, and closes them."""
    started: list[Service] = []

    def begin(**changes: str) -> Service:
        clock, simponi, dukcapil = HandClock(), FakeSimponi(), FakeDukcapil()
        settings = read_settings({**environ, **changes})
        app = create_app(settings, clock.unix_ns, dukcapil, simponi)
        jobs = create_jobs(settings, clock.unix_ns, clock.monotonic_s, Random(1), simponi)
        started.append(Service(app, jobs, clock, simponi, dukcapil, settings))
        return started[-1]

    yield begin
    for service in started:
        service.jobs.close()
        service.app.extensions[EXTENSION].database.close()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """The correct service."""
    return start()
