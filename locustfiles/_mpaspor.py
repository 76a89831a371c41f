"""M-Paspor as a person's phone knows it: one method an endpoint of docs/mpaspor-api.md, nothing but the call.

Each step declares what answers are right: a refusal that stands here is an answer, any other one is an error.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from locustfiles._people import Person
from loket.load.answers import Answer, Reply, Step, judge
from loket.load.call import Attempt, Call, render
from loket.load.connection import Connection, Lost, Timeouts
from loket.load.plan import LoadPlan
from loket.load.scenario import CannotPrepare


class Session(Reply, frozen=True):
    token: str = ""


class Slot(msgspec.Struct, frozen=True):
    slot: str
    free: int


class Availability(Reply, frozen=True):
    slots: tuple[Slot, ...] = ()


class Code(Reply, frozen=True):
    amount_idr: int = 0


class Reading(Reply, frozen=True):
    """What the service's clock shows, and how many times as fast as the wall clock it runs."""

    now: datetime | None = None
    scale: float = 1.0


REGISTER = Step("register", frozenset({201}), frozenset({"account_exists"}))
LOGIN = Step("login", frozenset({201}), reply=Session)
DRAFT = Step("draft", frozenset({201}))
VERIFY_NIK = Step("verify_nik", frozenset({200}), frozenset({"identity_invalid"}))
UPLOAD_DOCUMENT = Step("upload_document", frozenset({201}))
AVAILABILITY = Step("availability", frozenset({200}), reply=Availability, read=True)
HOLD_SLOT = Step("hold_slot", frozenset({201}), frozenset({"slot_full", "sold_out", "not_open"}))
REQUEST_BILLING = Step("request_billing", frozenset({202}), frozenset({"wrong_state"}))
BILLING_CODE = Step("billing_code", frozenset({200, 202}), frozenset({"billing_failed"}), reply=Code, read=True)
PAY = Step("pay", frozenset({201, 202}), frozenset({"bill_void", "payment_refused"}))
STATUS = Step("status", frozenset({200}), read=True)
CLOCK = Step("clock", frozenset({200}), reply=Reading, read=True)
OPEN_RELEASE = Step("open_release", frozenset({201}))

# Second 0 of the run waits for the release to be opened.
ADMINISTRATION_TIMEOUTS = Timeouts(connect_s=0.5, total_s=1.5)


class MPaspor:
    """The calls of one person; `token`, from the log-in, opens their own applications."""

    def __init__(self, person: Person, token: str = "") -> None:
        self._person = person
        self._bearer = (("authorization", f"Bearer {token}"),)

    def register(self) -> Call:
        person = self._person
        body = {
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "birth_date": person.birth_date.isoformat(),
            "sex": person.sex,
            "password": person.password,
        }
        return Call(REGISTER, "POST", "/v1/accounts", _json(body))

    def login(self) -> Call:
        body = {"email": self._person.email, "password": self._person.password}
        return Call(LOGIN, "POST", "/v1/sessions", _json(body))

    def draft(self, office: str) -> Call:
        body = {
            "kind": "NEW",
            "passport_type": "electronic",
            "validity_years": 10,
            "office": office,
            "purpose": "tourism",
        }
        return Call(DRAFT, "POST", "/v1/applications", _json(body), headers=self._bearer)

    def verify_nik(self, application_id: str) -> Call:
        person = self._person
        body = {
            "nik": person.nik,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "sex": person.sex,
        }
        target = f"/v1/applications/{application_id}/identity"
        return self._about(application_id, Call(VERIFY_NIK, "PUT", target, _json(body)))

    def upload_document(self, application_id: str, kind: str, image: bytes) -> Call:
        target = f"/v1/applications/{application_id}/documents?kind={kind}"
        return self._about(application_id, Call(UPLOAD_DOCUMENT, "POST", target, image, content_type="image/jpeg"))

    def availability(self, office: str) -> Call:
        return Call(AVAILABILITY, "GET", f"/v1/offices/{office}/availability")

    def hold_slot(self, application_id: str, slot: str, key: str) -> Call:
        target = f"/v1/applications/{application_id}/hold"
        call = Call(HOLD_SLOT, "POST", target, _json({"slot": slot}), key=key, slot=slot)
        return self._about(application_id, call)

    def request_billing(self, application_id: str, key: str) -> Call:
        target = f"/v1/applications/{application_id}/billing"
        return self._about(application_id, Call(REQUEST_BILLING, "POST", target, key=key))

    def billing_code(self, application_id: str) -> Call:
        return self._about(application_id, Call(BILLING_CODE, "GET", f"/v1/applications/{application_id}/billing"))

    def status(self, application_id: str) -> Call:
        return self._about(application_id, Call(STATUS, "GET", f"/v1/applications/{application_id}"))

    def pay(self, application_id: str, bill: Code, channel: str, key: str) -> Call:
        """At the bank, which knows the code and not the person."""
        body = {"billing_code": bill.billing_code, "amount_idr": bill.amount_idr, "channel": channel}
        headers = (("idempotency-key", key),)
        return Call(PAY, "POST", "/pay", _json(body), headers=headers, key=key, application_id=application_id)

    def _about(self, application_id: str, call: Call) -> Call:
        headers = (*self._bearer, ("idempotency-key", call.key)) if call.key else self._bearer
        return replace(call, headers=headers, application_id=application_id)


def open_release(plan: LoadPlan, opens_at_unix_ns: int, wall: Callable[[], int] = time.time_ns) -> None:
    """Have the office release its places, to open at that instant of the wall clock. Raises CannotPrepare."""
    administration = Connection(plan.direct_url, ADMINISTRATION_TIMEOUTS)
    try:
        opens_at = _service_time(administration, opens_at_unix_ns, wall).isoformat(timespec="milliseconds")
        body = {"office": plan.office, "opens_at": opens_at, "days": plan.days, "places": plan.places}
        headers = (("authorization", f"Bearer {plan.admin_token}"),)
        call = Call(OPEN_RELEASE, "POST", "/admin/releases", _json(body), headers=headers)
        answer = _exchange(administration, call, opens_at_unix_ns)
    except Lost as lost:
        raise CannotPrepare(f"{plan.direct_url} did not open the release ({lost.loss}).") from lost
    finally:
        administration.close()
    if not answer.ok:
        why = f"HTTP {answer.http_status}, {answer.error_class}"
        raise CannotPrepare(f"{plan.direct_url} did not open the release ({why}).")


def _service_time(administration: Connection, unix_ns: int, wall: Callable[[], int]) -> datetime:
    """What the service's clock shows at that instant; a service without a clock of its own goes by the wall's."""
    asked_ns = wall()
    reading = _exchange(administration, Call(CLOCK, "GET", "/v1/clock"), unix_ns).reply
    if not isinstance(reading, Reading) or reading.now is None:
        return datetime.fromtimestamp(unix_ns / 1e9, UTC)
    # The answer was given somewhere between the two looks at the wall clock.
    answered_ns = (asked_ns + wall()) / 2
    return (reading.now + timedelta(seconds=(unix_ns - answered_ns) / 1e9 * reading.scale)).astimezone(UTC)


def _exchange(administration: Connection, call: Call, trace: int) -> Answer:
    request = render(Attempt(call, 0, None, f"{trace:032x}", 0), administration.host)
    return judge(call.step, *administration.exchange(call.method, request))


def _json(body: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(body)
