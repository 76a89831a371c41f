"""Somebody with a session, and what they can do at the service: the domain's verbs over its HTTP interface."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image
from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from tests.service.house import Service

OFFICE = "belakang_padang"
PASSWORD = "Rahasia123"


def picture(width: int = 16, height: int = 16) -> bytes:
    """A JPEG of that many pixels, as a scanner would make it."""
    scan = BytesIO()
    Image.radial_gradient("L").resize((width, height)).save(scan, "JPEG")
    return scan.getvalue()


def in_scans(width: int, height: int) -> bytes:
    """A JPEG in several scans, as a page would want it: coarse at first."""
    scan = BytesIO()
    Image.radial_gradient("L").resize((width, height)).save(scan, "JPEG", progressive=True)
    return scan.getvalue()


JPEG = picture()


@dataclass
class Person:
    """Somebody with a session, speaking to the service over its HTTP interface."""

    service: "Service"
    number: int
    token: str

    def call(self, method: str, path: str, **arguments: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **dict(arguments.pop("headers", {}))}  # type: ignore[call-overload]
        return self.service.app.test_client().open(path, method=method, headers=headers, **arguments)

    def apply(self, **changes: object) -> str:
        """A fresh draft; its id."""
        wanted = {
            "kind": "NEW",
            "passport_type": "electronic",
            "validity_years": 10,
            "office": OFFICE,
            "purpose": "umrah",
        }
        return str(self.call("POST", "/v1/applications", json={**wanted, **changes}).json["application_id"])

    @property
    def identity(self) -> dict[str, str]:
        nik = f"997101420390{self.number:04}"
        return {"nik": nik, "name": f"Warga Contoh {self.number}", "birth_date": "1990-03-02", "sex": "female"}

    def identify(self, application: str, **changes: str) -> TestResponse:
        return self.call("PUT", f"/v1/applications/{application}/identity", json={**self.identity, **changes})

    def upload(
        self, application: str, content: bytes = JPEG, mimetype: str = "image/jpeg", kind: str = "ktp"
    ) -> TestResponse:
        path = f"/v1/applications/{application}/documents?kind={kind}"
        return self.call("POST", path, data=content, content_type=mimetype)

    def missing(self, application: str) -> list[str]:
        """The kinds of document that the application still lacks."""
        return list(self.call("GET", f"/v1/applications/{application}/documents").json["missing"])

    def complete(self, application: str) -> None:
        """Upload whatever is missing."""
        for kind in self.missing(application):
            assert self.upload(application, kind=kind).status_code == 201

    def refer(self, application: str) -> TestResponse:
        return self.call("POST", f"/v1/applications/{application}/referral")

    def prepare(self, **changes: object) -> str:
        """An application with all its documents, ready to choose a place unless it needs the interview; its id."""
        application = self.apply(**changes)
        assert self.identify(application).status_code == 200
        self.complete(application)
        return application

    def join_queue(self, office: str = OFFICE) -> TestResponse:
        """Join the waiting room of an office's opening."""
        return self.call("POST", f"/v1/offices/{office}/queue")

    def see_queue(self, ticket: str) -> dict[str, object]:
        return dict(self.call("GET", f"/v1/queue/{ticket}").json)

    def hold(self, application: str, slot: str, key: str | None = None, ticket: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"hold-{application}"}
        if ticket:
            headers["X-Queue-Ticket"] = ticket
        return self.call("POST", f"/v1/applications/{application}/hold", json={"slot": slot}, headers=headers)

    def queue_up(self, slot: str, key: str | None = None, **changes: str) -> TestResponse:
        """Take a number of the counter queue."""
        wanted = {"slot": slot, **self.identity, **changes}
        headers = {"Idempotency-Key": key or f"apapo-{wanted['nik']}-{slot}"}
        return self.call("POST", "/v1/apapo/tickets", json=wanted, headers=headers)

    def ask_code(self, application: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"code-{application}"}
        return self.call("POST", f"/v1/applications/{application}/billing", headers=headers)

    def see_code(self, application: str) -> TestResponse:
        return self.call("GET", f"/v1/applications/{application}/billing")

    def status(self, application: str) -> dict[str, object]:
        return dict(self.call("GET", f"/v1/applications/{application}").json)

    def book(self, slot: str, **changes: object) -> str:
        """Hold a place and ask for the code; the application's id."""
        application = self.prepare(**changes)
        assert self.hold(application, slot).status_code == 201
        assert self.ask_code(application).status_code == 202
        return application

    def pay_for(self, slot: str, **changes: object) -> str:
        """Book a place and pay for it; the application's id."""
        application = self.book(slot, **changes)
        self.service.relay()
        bill = self.service.simponi.bills[application]
        told = self.service.call_back(bill.billing_code, f"{self.number:016}", bill.amount_idr)
        assert told.json == {"result": "paid"}
        return application

    def reschedule(
        self, application: str, slot: str, key: str | None = None, ticket: str | None = None
    ) -> TestResponse:
        headers = {"Idempotency-Key": key or f"move-{application}-{slot}"} | (
            {"X-Queue-Ticket": ticket} if ticket else {}
        )
        return self.call("POST", f"/v1/applications/{application}/reschedule", json={"slot": slot}, headers=headers)

    def cancel(self, application: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"cancel-{application}"}
        return self.call("POST", f"/v1/applications/{application}/cancel", headers=headers)

    def choose_delivery(self, application: str, method: str, address: str | None = None) -> TestResponse:
        chosen = {"method": method} | ({"address": address} if address else {})
        return self.call("PUT", f"/v1/applications/{application}/delivery", json=chosen)

    def arrival_pass(self, application: str, form: str = "") -> TestResponse:
        return self.call("GET", f"/v1/applications/{application}/arrival-pass{form}")

    def renew_session(self) -> None:
        """Log in again: time has passed."""
        self.token = self.service.log_in(f"warga{self.number}@contoh.example").json["token"]
