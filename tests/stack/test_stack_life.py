"""The whole embedded stack at a quick clock: from the registration to the passport, over real sockets."""

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import urllib3
from PIL import Image

from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.settings import StackSettings

pytestmark = pytest.mark.slow
# A day in two seconds.
SCALE = 43_200
DAY_S = 24 * 3600
PATIENCE_S = 120.0
OFFICE = "batam"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    folder = tmp_path_factory.mktemp("life")
    keeper = Keeper(folder / "keeper.log")
    settings = StackSettings(
        payment_deadline_s=2 * DAY_S,
        hold_ttl_s=2 * DAY_S,
        code_patience_s=8 * DAY_S,
        dukcapil_median_ms=1,
        threads=8,
        seed=7,
    )
    stack = EmbeddedStack(
        folder, replace(settings, clock_scale=SCALE, simkim_staff="manual"), keeper, "life", folder / "faults.ndjson"
    )
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        keeper.dismiss()


def until(holds: Callable[[], object], what: str) -> object:
    """What `holds()` gives once that is something; fails, naming what was waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, f"never came about: {what}"
        time.sleep(0.05)
    return found


def ask(method: str, url: str, token: str = "", **given: object) -> urllib3.BaseHTTPResponse:
    headers = {"Authorization": f"Bearer {token}", **given.pop("headers", {})}  # type: ignore[dict-item]
    return urllib3.request(method, url, headers=headers, timeout=20, retries=False, **given)  # type: ignore[arg-type]


@dataclass
class Person:
    """Somebody who comes through the network like everybody else."""

    stack: EmbeddedStack
    number: int
    token: str = ""
    application: str = ""

    def call(self, method: str, path: str, **given: object) -> dict:
        answer = ask(method, self.stack.addresses.edge + path, self.token, **given)
        assert 200 <= answer.status < 300, (path, answer.status, answer.data)
        return dict(answer.json())

    def about(self, method: str, path: str = "", **given: object) -> dict:
        headers = {"Idempotency-Key": f"{path}-{self.number}"}
        return self.call(method, f"/v1/applications/{self.application}{path}", headers=headers, **given)

    def register(self) -> None:
        email = f"orang.{self.number}@example.com"
        person = {
            "name": "Orang Contoh", "email": email, "phone": "+6280000000", "birth_date": "1999-01-20", "sex": "male",
            "password": "Paspor123",
        }  # fmt: skip
        self.call("POST", "/v1/accounts", json=person)
        mails = ask("GET", f"{self.stack.addresses.service}/admin/mails?to={email}", self.stack.tokens.admin).json()
        otp = re.search(r"\b\d{6}\b", mails["mails"][0]["body"])
        assert otp is not None
        self.call("POST", "/v1/accounts/verification", json={"email": email, "otp": otp[0]})
        self.token = self.call("POST", "/v1/sessions", json={"email": email, "password": "Paspor123"})["token"]

    def apply(self) -> None:
        draft = {
            "kind": "NEW", "passport_type": "regular", "validity_years": 10, "office": OFFICE, "purpose": "tourism",
        }  # fmt: skip
        self.application = self.call("POST", "/v1/applications", json=draft)["application_id"]
        identity = {"nik": f"990101200199{self.number:04}", "name": "Orang Contoh", "birth_date": "1999-01-20"}
        self.about("PUT", "/identity", json=identity | {"sex": "male"})
        scan = io.BytesIO()
        Image.radial_gradient("L").save(scan, "JPEG")
        for kind in self.about("GET", "/documents")["missing"]:
            self.call(
                "POST",
                f"/v1/applications/{self.application}/documents?kind={kind}",
                body=scan.getvalue(),
                headers={"Content-Type": "image/jpeg"},
            )

    def book(self, slot: str) -> dict:
        """Hold the place and wait for the code; the bill."""
        self.about("POST", "/hold", json={"slot": slot})
        self.about("POST", "/billing")
        return dict(until(lambda: (bill := self.about("GET", "/billing")).get("billing_code") and bill, "the code"))

    def pay(self, bill: dict) -> None:
        order = {"billing_code": bill["billing_code"], "amount_idr": bill["amount_idr"], "channel": "atm"}
        headers = {"Idempotency-Key": f"pay-{self.number}"}
        assert ask("POST", f"{self.stack.addresses.bank}/pay", json=order, headers=headers).status in (201, 202)

    def state(self) -> str:
        return str(self.about("GET")["state"])


@pytest.fixture
def slot(stack: EmbeddedStack) -> str:
    """A place on the second working day from the service's own today."""
    reading = ask("GET", f"{stack.addresses.service}/v1/clock").json()
    assert reading["scale"] == SCALE
    wanted = {"office": OFFICE, "opens_at": reading["now"], "days": 2, "places": 60}
    answer = ask("POST", f"{stack.addresses.service}/admin/releases", stack.tokens.admin, json=wanted)
    assert answer.status == 201, answer.data
    return str(answer.json()["slots"][-1]["slot"])


def test_a_paid_application_ends_with_a_passport(stack: EmbeddedStack, slot: str) -> None:
    """Paid, received on its day with the pass that the service gave, printed, handed over; all told in that order."""
    person = Person(stack, 1)
    person.register()
    person.apply()
    person.pay(person.book(slot))
    until(lambda: person.state() == "PAID", "the payment")
    arrival = {"pass_code": person.about("GET", "/arrival-pass")["pass_code"]}
    until(lambda: clerk(stack, person, "check-in", arrival) == 200, "the day of the appointment")
    interview = {"result": "approved"}
    steps = {"biometrics": {}, "interview": interview, "adjudication": {}, "print": {}, "hand-over": {}}
    assert {word: clerk(stack, person, word, body) for word, body in steps.items()} == dict.fromkeys(steps, 200)
    until(lambda: person.state() == "COLLECTED", "the passport")
    feed = ask("GET", f"{stack.addresses.service}/audit/events", stack.tokens.audit).data.decode()
    told = re.findall(r'"type":"([a-z_]+)"', feed)
    visit = ["paid", "checked_in", "interviewed", "adjudication", "printing", "ready", "collected"]
    assert [word for word in told if word in visit] == visit


def clerk(stack: EmbeddedStack, person: Person, word: str, body: dict) -> int:
    """The status of a clerk's step."""
    url = f"{stack.addresses.simkim}/cases/{person.application}/{word}"
    return int(ask("POST", url, stack.tokens.staff, json=body).status)


def test_an_unpaid_code_expires_after_two_days_of_the_service_s_clock(stack: EmbeddedStack, slot: str) -> None:
    """Which are four seconds of ours."""
    person = Person(stack, 2)
    person.register()
    person.apply()
    person.book(slot)
    until(lambda: person.state() == "EXPIRED", "the expiry")


def test_the_printers_can_be_put_out_of_order_by_the_staff(stack: EmbeddedStack) -> None:
    """The staff's token opens SIMKIM; the service's does not."""
    url = f"{stack.addresses.simkim}/outage"
    assert ask("POST", url, stack.tokens.simkim, json={"printing": False}).status == 401
    assert ask("POST", url, stack.tokens.staff, json={"printing": False}).json() == {"printing": False}
    assert ask("POST", url, stack.tokens.staff, json={"printing": True}).json() == {"printing": True}


def test_every_address_is_told(stack: EmbeddedStack) -> None:
    """`loket up` prints what stands here; the logs are there for each part."""
    assert set(stack.addresses.described()) == {*stack.parts, "control", "edge"} - {"engine"}
    assert all(Path(part.log).exists() for part in stack.parts.values())
