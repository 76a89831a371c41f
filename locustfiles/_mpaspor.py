"""M-Paspor as a person's phone knows it: one method an endpoint of docs/mpaspor-api.md, nothing but the call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

import msgspec

from locustfiles import _steps as steps
from locustfiles._people import Person
from loket.load.call import Call


@dataclass(frozen=True)
class Wish:
    """The passport that somebody applies for."""

    kind: str = "NEW"
    replaced: str | None = None
    passport_type: str = "electronic"
    validity_years: int = 10
    express: bool = False
    purpose: str = "tourism"


class MPaspor:
    """The calls of one person at an office, which each of them names; `token`, from the log-in, opens their own
    applications.
    """

    def __init__(self, person: Person, office: str, token: str = "") -> None:
        self._person = person
        self._app = at(office)
        self._bearer = (*self._app, ("authorization", f"Bearer {token}"))

    def register(self) -> Call:
        person = self._person
        about = {"email": person.email, "phone": person.phone, "password": person.password}
        return Call(steps.REGISTER, "POST", "/v1/accounts", encode({**described(person), **about}), headers=self._app)

    def read_mail(self, admin_token: str) -> Call:
        """In the person's own mailbox, which the service's administration keeps."""
        headers = (("authorization", f"Bearer {admin_token}"),)
        return Call(steps.READ_MAIL, "GET", f"/admin/mails?to={quote(self._person.email)}", headers=headers)

    def verify_email(self, otp: str) -> Call:
        body = {"email": self._person.email, "otp": otp}
        return Call(steps.VERIFY_EMAIL, "POST", "/v1/accounts/verification", encode(body), headers=self._app)

    def resend_code(self) -> Call:
        body = {"email": self._person.email}
        return Call(steps.RESEND_CODE, "POST", "/v1/accounts/otp", encode(body), headers=self._app)

    def login(self) -> Call:
        body = {"email": self._person.email, "password": self._person.password}
        return Call(steps.LOGIN, "POST", "/v1/sessions", encode(body), headers=self._app)

    def draft(self, office: str, wish: Wish = Wish()) -> Call:
        body = {**msgspec.to_builtins(wish), "office": office}
        wanted = {name: value for name, value in body.items() if value not in (None, False)}
        return Call(steps.DRAFT, "POST", "/v1/applications", encode(wanted), headers=self._bearer)

    def applications(self) -> Call:
        return Call(steps.APPLICATIONS, "GET", "/v1/applications", headers=self._bearer)

    def verify_nik(self, application_id: str, stated: Person | None = None) -> Call:
        """`stated` is whom the passport is for, where it is not for the account's owner."""
        body = identity(stated or self._person)
        return self._about(application_id, Call(steps.VERIFY_NIK, "PUT", _of(application_id, "identity"), encode(body)))

    def upload_document(self, application_id: str, kind: str, image: bytes) -> Call:
        target = _of(application_id, f"documents?kind={kind}")
        call = Call(steps.UPLOAD_DOCUMENT, "POST", target, image, content_type="image/jpeg")
        return self._about(application_id, call)

    def upload_wrong_file(self, application_id: str, kind: str) -> Call:
        """A letter where a scan should be."""
        call = self.upload_document(application_id, kind, b"%PDF-1.7")
        return replace(call, step=steps.UPLOAD_WRONG_FILE)

    def refer(self, application_id: str) -> Call:
        return self._about(application_id, Call(steps.REFERRAL, "POST", _of(application_id, "referral")))

    def availability(self, office: str, lane: str | None = None) -> Call:
        query = f"?lane={lane}" if lane else ""
        return Call(steps.AVAILABILITY, "GET", f"/v1/offices/{office}/availability{query}", headers=at(office))

    def join_queue(self, office: str) -> Call:
        return Call(steps.JOIN_QUEUE, "POST", f"/v1/offices/{office}/queue", headers=self._bearer)

    def see_queue(self, ticket: str) -> Call:
        return Call(steps.SEE_QUEUE, "GET", f"/v1/queue/{ticket}", headers=self._bearer)

    def hold_slot(self, application_id: str, slot: str, key: str, ticket: str | None = None) -> Call:
        body = encode({"slot": slot})
        call = Call(steps.HOLD_SLOT, "POST", _of(application_id, "hold"), body, key=key, slot=slot)
        about = self._about(application_id, call)
        return replace(about, headers=(*about.headers, ("x-queue-ticket", ticket))) if ticket else about

    def request_billing(self, application_id: str, key: str) -> Call:
        call = Call(steps.REQUEST_BILLING, "POST", _of(application_id, "billing"), key=key)
        return self._about(application_id, call)

    def billing_code(self, application_id: str) -> Call:
        return self._about(application_id, Call(steps.BILLING_CODE, "GET", _of(application_id, "billing")))

    def status(self, application_id: str) -> Call:
        return self._about(application_id, Call(steps.STATUS, "GET", f"/v1/applications/{application_id}"))

    def reschedule(self, application_id: str, slot: str, key: str) -> Call:
        body = encode({"slot": slot})
        call = Call(steps.RESCHEDULE, "POST", _of(application_id, "reschedule"), body, key=key, slot=slot)
        return self._about(application_id, call)

    def cancel(self, application_id: str, key: str) -> Call:
        return self._about(application_id, Call(steps.CANCEL, "POST", _of(application_id, "cancel"), key=key))

    def have_it_posted(self, application_id: str, address: str) -> Call:
        body = encode({"method": "post", "address": address})
        return self._about(application_id, Call(steps.DELIVERY, "PUT", _of(application_id, "delivery"), body))

    def arrival_pass(self, application_id: str) -> Call:
        return self._about(application_id, Call(steps.ARRIVAL_PASS, "GET", _of(application_id, "arrival-pass")))

    def arrival_pass_picture(self, application_id: str) -> Call:
        call = Call(steps.ARRIVAL_PASS_PICTURE, "GET", _of(application_id, "arrival-pass.png"))
        return self._about(application_id, call)

    def queue_number(self, slot: str, key: str) -> Call:
        """A number of the counter queue (APAPO)."""
        body = {"slot": slot, **identity(self._person)}
        headers = (*self._bearer, ("idempotency-key", key))
        return Call(steps.APAPO_TICKET, "POST", "/v1/apapo/tickets", encode(body), headers=headers, key=key, slot=slot)

    def _about(self, application_id: str, call: Call) -> Call:
        headers = (*self._bearer, ("idempotency-key", call.key)) if call.key else self._bearer
        return replace(call, headers=headers, application_id=application_id)


def at(office: str) -> tuple[tuple[str, str], ...]:
    """The headers by which the application says where its person is going."""
    return (("x-office", office),)


def described(person: Person) -> dict[str, object]:
    """Who the person is, without their number."""
    return {"name": person.name, "birth_date": person.birth_date.isoformat(), "sex": person.sex}


def identity(person: Person) -> dict[str, object]:
    """Who the person is to the civil registry."""
    return {**described(person), "nik": person.nik}


def encode(body: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(body)


def _of(application_id: str, part: str) -> str:
    return f"/v1/applications/{application_id}/{part}"
