"""The service, its jobs and the systems around it, with the verbs of whoever runs it."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from mock_mpaspor.jobs.crew import Jobs
from mock_mpaspor.settings import Settings
from mock_mpaspor.web.parts import EXTENSION
from tests.service.cast import NS, FakeDukcapil, FakeSimkim, FakeSimponi, HandClock
from tests.service.person import OFFICE, PASSWORD, Person


@dataclass
class Service:
    """The service, its jobs and the systems around it."""

    app: Flask
    jobs: Jobs
    clock: HandClock
    simponi: FakeSimponi
    dukcapil: FakeDukcapil
    simkim: FakeSimkim
    settings: Settings
    # How long a request waits for a thread: the last number.
    queue_s: list[float]
    people: int = 0

    def person(self) -> Person:
        """Somebody new, whose address is confirmed, logged in."""
        email = self.register()
        assert self.confirm(email).status_code == 200
        return Person(self, self.people, self.log_in(email).json["token"])

    def register(self) -> str:
        """Somebody new, whose address is yet to be confirmed; the address."""
        self.people += 1
        email = f"warga{self.people}@contoh.example"
        answer = self.open_account(email)
        assert answer.status_code == 201, answer.text
        return email

    def open_account(self, email: str, password: str = PASSWORD) -> TestResponse:
        account = {
            "name": "Warga Contoh",
            "email": email,
            "phone": "+620000000000",
            "birth_date": "1990-03-02",
            "sex": "female",
            "password": password,
        }
        return self.app.test_client().post("/v1/accounts", json=account)

    def log_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.app.test_client().post("/v1/sessions", json={"email": email, "password": password})

    def resend_code(self, email: str) -> TestResponse:
        return self.app.test_client().post("/v1/accounts/otp", json={"email": email})

    def mails(self, to: str) -> list[dict[str, str]]:
        """What was sent to an address, the newest first."""
        return list(self.admin("GET", "/admin/mails", query_string={"to": to}).json["mails"])

    def mailed_code(self, to: str) -> str:
        """The code in the newest mail to an address."""
        found = re.search(r"\b\d{6}\b", self.mails(to)[0]["body"])
        assert found
        return found[0]

    def confirm(self, email: str, otp: str | None = None) -> TestResponse:
        """Confirm an address, by the code in the newest mail where none is given."""
        stated = {"email": email, "otp": otp or self.mailed_code(email)}
        return self.app.test_client().post("/v1/accounts/verification", json=stated)

    def release(
        self,
        places: int,
        days: int = 1,
        opens_at: str = "2025-02-03T00:00:00+07:00",
        office: str = OFFICE,
        lane: str = "online",
    ) -> list[str]:
        """Release places; the slots made."""
        wanted = {"office": office, "opens_at": opens_at, "days": days, "places": places, "lane": lane}
        answer = self.admin("POST", "/admin/releases", json=wanted)
        assert answer.status_code == 201
        return [slot["slot"] for slot in answer.json["slots"]]

    def grant_moves(self, day: str, office: str = OFFICE, **rest: str) -> TestResponse:
        """The administrator lets everybody booked on that day move once more."""
        wanted = {"office": office, "date": day, "reason": "server_offline", **rest}
        return self.admin("POST", "/admin/special-reschedules", json=wanted)

    def interview(self, application: str, passed: bool, force_majeure: bool = False) -> bool:
        """The office's interview (BAP) ends so; whether the application was waiting for it."""
        parts = self.app.extensions[EXTENSION]
        with parts.database.write() as connection:
            if passed:
                return bool(parts.referrals.approve(connection, application, force_majeure))
            return bool(parts.referrals.reject(connection, application))

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

    def free(self, lane: str = "online") -> int:
        availability = self.app.test_client().get(f"/v1/offices/{OFFICE}/availability?lane={lane}")
        return int(availability.json["free"])

    def walk_in(self, number: int = 1, key: str | None = None, token: str = "off", **changes: object) -> TestResponse:
        """A clerk receives somebody born in 1950."""
        wanted = {
            "office": OFFICE,
            "nik": f"997101020350{number:04}",
            "name": f"Warga Tua {number}",
            "birth_date": "1950-03-02",
            "sex": "male",
            "ground": "over_60",
            "passport_type": "regular",
            "validity_years": 5,
        }
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or f"walk-in-{number}"}
        return self.app.test_client().post("/office/walk-ins", json={**wanted, **changes}, headers=headers)

    def relay(self) -> None:
        """Deliver what is due, to the end of every delivery started."""
        for relay in (self.jobs.relay, self.jobs.refunds):
            relay.step()
            relay.settle()

    def tell_office(self) -> None:
        """Deliver to SIMKIM what is due, to the end of every delivery started."""
        assert self.jobs.office is not None
        self.jobs.office.relay.step()
        self.jobs.office.relay.settle()

    def hear_office(self) -> None:
        """Read SIMKIM's feed to its end, then end what it shows to be over."""
        assert self.jobs.office is not None
        self.jobs.office.tracker.step()
        self.jobs.office.forfeits.sweep()

    def reconcile(self) -> int:
        return self.jobs.reconciler.step()

    def call_back(self, code: str, ntpn: str, amount_idr: int = 950_000, **forged: str) -> TestResponse:
        """SIMPONI tells of a payment: of one made just now, unless `paid_at` says otherwise."""
        notice = {
            "event_id": f"event-{ntpn}",
            "billing_code": code,
            "ntpn": ntpn,
            "ntb": "123456789012",
            "amount_idr": amount_idr,
            "paid_at": forged.get("paid_at", self.clock.instant()),
        }
        body = json.dumps(notice).encode()
        timestamp = forged.get("timestamp", str(self.clock.now_ns // NS))
        secret = forged.get("secret", "a secret with SIMPONI").encode()
        signature = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}
        client = self.app.test_client()
        return client.post("/v1/callbacks/simponi", data=body, headers=headers, content_type="application/json")
