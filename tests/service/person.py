"""Somebody with a session, and what they can do at the service: the domain's verbs over its HTTP interface."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from tests.service.house import Service

OFFICE = "belakang_padang"
JPEG = b"\xff\xd8\xff\xe0 a small picture \xff\xd9"
PASSWORD = "Rahasia123"


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
