"""SIMKIM as the service and a clerk use it, for the tests: their verbs and a case that is right."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.outside.conftest import Opened
from tests.outside.neighbour import FakeClock

DAY_S = 24 * 3600
NIK = "9901012001990001"
# The tests' clock starts at 01:00 UTC on 30 January 2023, a Monday.
CASE = {
    "kind": "appointment", "office": "batam", "date": "2023-01-30", "session": "morning", "passport_type": "regular",
    "validity_years": 10, "nik": NIK, "name": "Orang Contoh", "birth_date": "1999-01-20", "sex": "male",
    "pass_code": "pass-of-a", "delivery": "collect", "address": None, "channel": "online", "queue_number": None,
}  # fmt: skip
PASS = {"pass_code": "pass-of-a"}
# What a clerk does to an applicant with whom all is well, in order.
PATH = [
    ("check-in", PASS),
    ("biometrics", {}),
    ("interview", {"result": "approved"}),
    ("adjudication", {}),
    ("print", {}),
    ("hand-over", {}),
]


@dataclass
class Desk:
    """The verbs of the two sides of SIMKIM's counter."""

    opened: Opened
    clock: FakeClock | None = None

    def ask(self, token: str, method: str, path: str, body: object = None):
        return self.opened.call(method, path, body, Authorization=f"Bearer {token}")

    def service(self, method: str, path: str, body: object = None):
        return self.ask("service-token", method, path, body)

    def staff(self, method: str, path: str, body: object = None):
        return self.ask("staff-token", method, path, body)

    def put(self, case: str = "a", **changed: object):
        return self.service("PUT", f"/cases/{case}", CASE | changed)

    def withdraw(self, case: str = "a"):
        return self.service("POST", f"/cases/{case}/withdrawal")

    def step(self, case: str, word: str, body: object):
        return self.staff("POST", f"/cases/{case}/{word}", body)

    def walk(self, *steps: tuple[str, object], case: str = "a") -> None:
        """Take the case through steps that must succeed."""
        for word, body in steps:
            answer = self.step(case, word, body)
            assert answer.status_code == 200, (word, answer.data)

    def state(self, case: str = "a") -> str:
        return self.staff("GET", f"/cases/{case}").json["state"]

    def progress(self, after: int = 0, limit: int = 1000) -> list[dict]:
        answer = self.service("GET", f"/feed/progress?after={after}&limit={limit}")
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.data.splitlines()]

    def stock(self) -> int:
        """Regular blanks at Batam."""
        rows = self.staff("GET", "/blanks?office=batam").json["blanks"]
        return next(row["stock"] for row in rows if row["passport_type"] == "regular")

    def refused(self, answer) -> tuple[int, str]:
        assert answer.json["error"]["definite"]
        return answer.status_code, answer.json["error"]["code"]

    def today(self) -> str:
        """Batam's day."""
        return datetime.fromtimestamp(self.clock.unix_ns() / 1e9 + 7 * 3600, UTC).date().isoformat()
