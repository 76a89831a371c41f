"""SIMPONI's callbacks: signed, at least once, retried within a second until M-Paspor takes them."""

import hashlib
import hmac

import msgspec
import pytest

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def pay(simponi, reference: str = "application-1") -> dict[str, str]:
    bill = simponi.call("POST", "/bills", {"reference": reference, "amount_idr": 350_000, "payer": "x"}).json
    order = {
        "billing_code": bill["billing_code"],
        "amount_idr": 350_000,
        "ntb": f"{int(bill['billing_code']) % 10**12:012d}",
        "channel": "atm",
    }
    return order | simponi.call("POST", "/payments", order, traceparent=TRACE).json


def test_a_callback_is_signed_and_tells_the_payment(simponi, mpaspor):
    """The signature is the HMAC of timestamp, dot and body; the trace context is passed on."""
    paid = pay(simponi)
    simponi.errands.run_due()
    (seen,) = mpaspor.seen
    timestamp = seen.headers["x-simponi-timestamp"]
    expected = hmac.new(b"callback-secret", timestamp.encode() + b"." + seen.body, hashlib.sha256)
    body = msgspec.json.decode(seen.body)
    assert seen.path == "/v1/callbacks/simponi"
    assert timestamp == "1675040400"
    assert seen.headers["x-simponi-signature"] == expected.hexdigest()
    assert seen.headers["traceparent"] == TRACE
    assert body.pop("event_id")
    assert body == {name: paid[name] for name in ("billing_code", "ntpn", "ntb", "amount_idr", "paid_at")}


@pytest.mark.parametrize(
    "refusal",
    [
        (404, b'{"error":{"code":"unknown_code","message":"","definite":true}}'),
        (503, b""),
        (302, b""),
        None,
    ],
)
def test_a_callback_that_is_not_taken_comes_again_within_a_second(simponi, mpaspor, clock, refusal):
    """Whatever the answer: the same event, the same bytes, at most a second later, until it is taken."""
    mpaspor.reply = lambda seen: refusal if len(mpaspor.seen) <= 10 else (200, b"{}")
    pay(simponi)
    simponi.errands.run_due()
    for _ in range(10):
        assert simponi.errands.pending() == 1
        clock.advance(1.0)
        simponi.errands.run_due()
    assert len(mpaspor.seen) == 11
    assert len({seen.body for seen in mpaspor.seen}) == 1
    assert simponi.errands.pending() == 0


def test_a_callback_that_was_taken_is_not_sent_again(simponi, open_a_simponi, mpaspor, clock):
    """Neither later nor after a restart."""
    pay(simponi)
    simponi.errands.run_due()
    clock.advance(10)
    simponi.errands.run_due()
    simponi.close()
    open_a_simponi().errands.run_due()
    assert len(mpaspor.seen) == 1


def test_a_callback_survives_a_restart(simponi, open_a_simponi, mpaspor):
    """A payment that M-Paspor was not told of before SIMPONI ended is told by the next SIMPONI."""
    paid = pay(simponi)
    simponi.close()
    again = open_a_simponi()
    again.errands.run_due()
    assert [msgspec.json.decode(seen.body)["ntpn"] for seen in mpaspor.seen] == [paid["ntpn"]]
    assert again.errands.pending() == 0


def test_one_callback_that_is_refused_does_not_hold_up_others(simponi, mpaspor, clock, eventually):
    """In the background, all but the refused one are delivered, and that one once it is taken."""
    refused = pay(simponi, "application-0")["billing_code"].encode()
    taking = set()
    mpaspor.reply = lambda seen: (404, b"") if refused in seen.body and not taking else (200, b"{}")
    for n in range(1, 20):
        pay(simponi, f"application-{n}")
    simponi.system.start()
    eventually(lambda: simponi.errands.pending() == 1)
    shown = simponi.call("GET", "/metrics").text
    assert "simponi_callbacks_pending 1.0" in shown
    assert 'simponi_callback_attempts_total{result="accepted"} 19.0' in shown
    assert 'simponi_callback_attempts_total{result="refused"} 1.0' in shown
    taking.add(True)
    clock.advance(1.0)
    eventually(lambda: simponi.errands.pending() == 0)
