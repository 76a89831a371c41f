"""The answers: every error of the table is reachable, strangers see nothing, and the audit reads in order."""

import pytest

from mock_mpaspor.domain.errors import ERRORS, ErrorCode
from tests.service.neighbour import writers_kept_out

NTPN = "N" * 16


def _full(service, places):
    slot = service.release(places=places)[0]
    service.person().book(slot)
    late = service.person()
    return late.hold(late.prepare(), slot)


def _on_hold(service, **arguments):
    (slot,) = service.release(places=1, **arguments)
    person = service.person()
    return person.hold(person.prepare(), slot)


def _interview_first(service):
    (slot,) = service.release(places=1)
    person = service.person()
    return person.hold(person.prepare(kind="DATA_CHANGE"), slot)


def _already_booked(service):
    slots = service.release(places=2)
    person = service.person()
    person.book(slots[0])
    return person.hold(person.prepare(), slots[1])


def _key_reused(service):
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare()
    person.hold(application, slot, key="k")
    return person.ask_code(application, key="k")


def _billing_failed(service):
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.clock.pass_s(901)
    service.relay()
    return person.see_code(application)


def _wrong_amount(service):
    (slot,) = service.release(places=1)
    application = service.person().book(slot)
    service.relay()
    return service.call_back(service.simponi.bills[application].billing_code, NTPN, amount_idr=1)


def _dukcapil_unavailable(service):
    service.dukcapil.refusal = ErrorCode.DUKCAPIL_UNAVAILABLE
    person = service.person()
    return person.identify(person.apply())


def _uploaded(person, content):
    application = person.apply()
    person.identify(application)
    return person.upload(application, content)


def _too_late(service):
    slots = service.release(places=8, days=2)
    person = service.person()
    application = person.pay_for(slots[0])
    service.clock.pass_s(15 * 3600)
    person.renew_session()
    return person.reschedule(application, slots[2])


def _already_rescheduled(service):
    slots = service.release(places=8, days=2)
    person = service.person()
    application = person.pay_for(slots[0])
    person.reschedule(application, slots[2])
    return person.reschedule(application, slots[3])


def _account_exists(service):
    service.person()
    return service.open_account("WARGA1@contoh.example")


def _otp_expired(service):
    email = service.register()
    service.clock.pass_s(300)
    return service.confirm(email)


def _too_many_attempts(service):
    for _ in range(10):
        service.log_in("nobody@contoh.example")
    return service.log_in("nobody@contoh.example")


def _too_many_applicants(service):
    person = service.person()
    answers = [person.identify(person.apply(), nik=f"997101420390{number:04}") for number in range(1, 7)]
    return answers[-1]


def _busy(service):
    """Another process keeps the write lock for longer than the service waits."""
    person = service.person()
    with writers_kept_out(service):
        return person.call("POST", "/v1/applications", json=DRAFT)


def _overloaded(service):
    """Requests wait for a thread longer than people should."""
    person = service.person()
    service.queue_s.append(2.001)
    return person.call("GET", "/v1/applications")


def _internal(service):
    """A part of the service breaks in a way that nobody foresaw."""
    service.app.view_functions["health.healthz"] = _broken
    return service.app.test_client().get("/healthz")


def _broken():
    raise RuntimeError("broken on purpose")


DRAFT = {
    "kind": "NEW",
    "passport_type": "regular",
    "validity_years": 5,
    "office": "kupang",
    "purpose": "tourism",
}


def _person(act):
    def run(service):
        person = service.person()
        return act(person)

    return run


def _get(path):
    return lambda service: service.app.test_client().get(path)


WAYS = {
    ErrorCode.INVALID: _person(lambda p: p.call("POST", "/v1/applications", json={**DRAFT, "office": "oslo"})),
    ErrorCode.UNAUTHENTICATED: _get("/v1/applications/1"),
    ErrorCode.WRONG_CREDENTIALS: lambda service: service.app.test_client().post(
        "/v1/sessions", json={"email": "nobody@contoh.example", "password": "Rahasia123"}
    ),
    ErrorCode.WRONG_TOKEN: lambda service: service.admin("GET", "/audit/pending", token="adm"),
    ErrorCode.ACCOUNT_EXISTS: _account_exists,
    ErrorCode.UNKNOWN_ROUTE: _get("/nowhere"),
    ErrorCode.METHOD_NOT_ALLOWED: _get("/v1/sessions"),
    ErrorCode.UNKNOWN_OFFICE: _get("/v1/offices/oslo/availability"),
    ErrorCode.UNKNOWN_APPLICATION: _person(lambda p: p.call("GET", "/v1/applications/none")),
    ErrorCode.WRONG_STATE: _person(lambda p: p.ask_code(p.prepare())),
    ErrorCode.IDENTITY_INVALID: _person(lambda p: p.identify(p.apply(), birth_date="1991-03-02")),
    ErrorCode.DUKCAPIL_UNAVAILABLE: _dukcapil_unavailable,
    ErrorCode.TOO_LARGE: _person(lambda p: _uploaded(p, b"x" * 5_000_001)),
    ErrorCode.UNSUPPORTED_TYPE: _person(lambda p: p.upload(p.apply(), mimetype="image/png")),
    ErrorCode.NOT_A_JPEG: _person(lambda p: _uploaded(p, b"\xff\xd8\xff cut")),
    ErrorCode.NOT_ELIGIBLE: _person(lambda p: p.identify(p.apply(), birth_date="2015-03-02", nik="9971014203150001")),
    ErrorCode.INTERVIEW_FIRST: _interview_first,
    ErrorCode.WRONG_LANE: lambda service: _on_hold(service, lane="express"),
    ErrorCode.QUEUE_FIRST: _on_hold,
    ErrorCode.UNKNOWN_TICKET: _person(lambda p: p.call("GET", "/v1/queue/none")),
    ErrorCode.NOT_OPEN: lambda service: _on_hold(service, opens_at="2025-02-04T00:00:00Z"),
    ErrorCode.SLOT_FULL: lambda service: _full(service, places=2),
    ErrorCode.SOLD_OUT: lambda service: _full(service, places=1),
    ErrorCode.ALREADY_BOOKED: _already_booked,
    ErrorCode.KEY_REUSED: _key_reused,
    ErrorCode.TOO_LATE: _too_late,
    ErrorCode.ALREADY_RESCHEDULED: _already_rescheduled,
    ErrorCode.BILLING_FAILED: _billing_failed,
    ErrorCode.BAD_SIGNATURE: lambda service: service.call_back("8" * 15, NTPN, secret="another"),
    ErrorCode.UNKNOWN_CODE: lambda service: service.call_back("8" * 15, NTPN),
    ErrorCode.WRONG_AMOUNT: _wrong_amount,
    ErrorCode.NOT_VERIFIED: lambda service: service.log_in(service.register()),
    ErrorCode.OTP_WRONG: lambda service: service.confirm("nobody@contoh.example", "000000"),
    ErrorCode.OTP_EXPIRED: _otp_expired,
    ErrorCode.TOO_MANY_ATTEMPTS: _too_many_attempts,
    ErrorCode.TOO_MANY_APPLICANTS: _too_many_applicants,
    ErrorCode.BUSY: _busy,
    ErrorCode.OVERLOADED: _overloaded,
    ErrorCode.INTERNAL: _internal,
}


# What the service is started with, where its defaults do not refuse so.
SETTINGS = {ErrorCode.QUEUE_FIRST: {"MPASPOR_WAITING_ROOM": "fifo"}}


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_is_answered_as_the_table_says(start, code):
    """Status, code and definiteness of each row, brought about over HTTP."""
    answer = WAYS[code](start(MPASPOR_THREADS="1", **SETTINGS.get(code, {})))
    row = ERRORS[code]
    error = answer.json["error"]
    assert (answer.status_code, error["code"], error["definite"]) == (row.status, code, row.definite)
