"""SIMPONI's door: a notice is credited once however often it comes, and worth nothing changed, late or unsigned."""

from io import BytesIO

import pytest

from mock_mpaspor.web.parts import EXTENSION
from tests.service.routes import refused

NTPN = "N" * 16


def _billed(service):
    """A billing code waiting for its money."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.relay()
    return person.see_code(application).json["billing_code"]


def test_a_callback_sent_again_is_credited_once(service):
    """The same bytes with the same signature, as often as they come: answered, counted, and paid once."""
    code = _billed(service)
    results = [service.call_back(code, NTPN).json["result"] for _ in range(4)]
    assert results == ["paid", "duplicate", "duplicate", "duplicate"]
    assert len(service.events("paid")) == 1


def test_the_same_money_under_a_fresh_signature_is_credited_once(service):
    """A later notice of the same NTPN, rightly signed anew: a duplicate still."""
    code = _billed(service)
    service.call_back(code, NTPN)
    service.clock.pass_s(4000)
    assert service.call_back(code, NTPN).json["result"] == "duplicate"
    assert len(service.events("paid")) == 1


def _capture(service, code):
    """A rightly signed callback, as somebody on the way would see it: its bytes and its headers."""
    body = (
        f'{{"event_id":"e","billing_code":"{code}","ntpn":"{NTPN}","ntb":"123456789012",'
        '"amount_idr":950000,"paid_at":"2025-02-03T09:10:00+07:00"}'
    ).encode()
    timestamp = str(service.clock.now_ns // 10**9)
    signature = service.app.extensions[EXTENSION].callback_signature.sign(timestamp, body)
    return body, {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}


def _replay(service, body, headers):
    client = service.app.test_client()
    return client.post("/v1/callbacks/simponi", data=body, headers=headers, content_type="application/json")


def test_a_captured_callback_is_worth_nothing_changed_or_late(service):
    """Another body, another time, another case of the signature's bytes, or past the window: refused, nothing paid."""
    code = _billed(service)
    body, headers = _capture(service, code)
    later = str(int(headers["X-Simponi-Timestamp"]) + 1)
    forged = [
        (body.replace(b"950000", b"950001"), headers),
        (body.replace(NTPN.encode(), b"M" * 16), headers),
        (body + b" ", headers),
        (body, {**headers, "X-Simponi-Timestamp": later}),
        (body, {**headers, "X-Simponi-Signature": ""}),
        (body, {**headers, "X-Simponi-Signature": headers["X-Simponi-Signature"].upper()}),
        (body, {"X-Simponi-Timestamp": headers["X-Simponi-Timestamp"]}),
    ]
    assert {refused(_replay(service, *each)) for each in forged} == {(401, "bad_signature")}
    service.clock.pass_s(301)
    assert refused(_replay(service, body, headers)) == (401, "bad_signature")
    service.clock.pass_s(-301)
    assert service.events("paid") == []
    assert _replay(service, body, headers).json == {"result": "paid"}


def test_a_signed_body_that_breaks_the_rules_is_refused_like_any(service):
    """A signature makes no body readable: a key twice, a NUL, an amount past every number."""
    for body in (b'{"ntpn": "a", "ntpn": "b"}', b'{"ntpn": "\\u0000"}', b'{"amount_idr": ' + b"9" * 5_000 + b"}"):
        timestamp = str(service.clock.now_ns // 10**9)
        signature = service.app.extensions[EXTENSION].callback_signature.sign(timestamp, body)
        headers = {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}
        assert refused(_replay(service, body, headers)) == (422, "invalid")


class Untouchable(BytesIO):
    """A body that breaks whoever reads it."""

    def read(self, _size: int | None = -1) -> bytes:
        raise AssertionError("the body of a stranger was waited for")


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [("", ""), ("now", "a" * 64), ("{now}", ""), ("{now}", "a" * 63), ("{now}", "g" * 64), ("{old}", "a" * 64)],
)
def test_of_a_stranger_not_even_the_body_is_waited_for(service, timestamp, signature):
    """Without the form of a signature and a time that is near, SIMPONI's places are for SIMPONI."""
    now_s = service.clock.now_ns // 10**9
    headers = {
        "X-Simponi-Timestamp": timestamp.format(now=now_s, old=now_s - 301),
        "X-Simponi-Signature": signature,
    }
    answer = service.app.test_client().post(
        "/v1/callbacks/simponi",
        environ_overrides={"wsgi.input": Untouchable(), "CONTENT_LENGTH": "100"},
        headers=headers,
        content_type="application/json",
    )
    assert refused(answer) == (401, "bad_signature")
