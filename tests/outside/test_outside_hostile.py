"""What the outside systems should never be sent or answered, and are: refused, or asked again, never a broken 500."""

import io
import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.front import open_front, require_bearer
from mock_mpaspor.outside.settings import Front, SimponiSettings

ORDER = {"billing_code": "812345678901234", "amount_idr": 350_000, "channel": "atm"}
MANGLED = b'{"ntpn":"\xff\xfe"}'


def _raw(system, path: str, body: bytes, headers: dict[str, str]):
    client = system.system.app.test_client()
    return client.post(path, data=body, headers=headers, content_type="application/json")


@pytest.mark.parametrize("body", [b'{"reference":"\xff"}', b"", b"[]", b"{"])
def test_a_bill_asked_for_in_bytes_that_are_no_request_is_refused(simponi, body):
    """Bytes that are no text, nothing, a list, half an object: 422 and definite."""
    answer = _raw(simponi, "/bills", body, {})
    assert (answer.status_code, answer.json["error"]["code"], answer.json["error"]["definite"]) == (
        422,
        "invalid",
        True,
    )


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"x":' + b"[" * 60_000, 422), (b"{}" + b" " * 65_534, 422), (b"{}" + b" " * 65_535, 413)]
)
def test_a_body_is_small_and_flat_whether_or_not_its_length_is_told(simponi, body, status):
    """A nest without end is no breakdown, and of a body that is too large nothing is cut off in silence."""
    told = _raw(simponi, "/bills", body, {})
    untold = simponi.system.app.test_client().post(
        "/bills", input_stream=io.BytesIO(body), environ_overrides={"wsgi.input_terminated": True}
    )
    assert (told.status_code, untold.status_code) == (status, status)


def test_an_empty_token_opens_no_feed():
    """A system that was given no token shows its feed to nobody."""
    app = open_front("simponi", Front(instance="i", token="", threads=1), CollectorRegistry())
    with app.test_request_context(headers={"Authorization": "Bearer "}), pytest.raises(Refusal):
        require_bearer("")


@pytest.mark.parametrize("amount_idr", [0, -1, 2**63, 10**30])
def test_an_amount_that_no_fee_can_have_is_refused(simponi, bank, amount_idr):
    """Neither system takes an amount that its books could not hold, and no money moves."""
    bill = {"reference": "application-1", "amount_idr": amount_idr, "payer": "Orang Contoh"}
    answers = [
        _raw(simponi, "/bills", json.dumps(bill).encode(), {}),
        _raw(bank, "/pay", json.dumps(ORDER | {"amount_idr": amount_idr}).encode(), {"Idempotency-Key": "key-1"}),
    ]
    assert [(answer.status_code, answer.json["error"]["code"]) for answer in answers] == [(422, "invalid")] * 2
    assert bank.call("GET", "/feed/ledger", Authorization="Bearer feed-token").data == b""


@pytest.mark.parametrize("status", [201, 409])
def test_an_answer_in_bytes_that_are_no_text_leaves_the_payment_open(bank, gateway, clock, status):
    """Mangled on the way, an acceptance or a refusal settles nothing: 202, and the next attempt brings the end."""
    taking, gateway.reply = gateway.reply, lambda seen: (status, MANGLED)
    answer = bank.call("POST", "/pay", ORDER, Idempotency_Key="key-1")
    assert (answer.status_code, answer.json["state"]) == (202, "pending")
    gateway.reply = taking
    clock.advance(2)
    bank.errands.run_due()
    assert bank.call("POST", "/pay", ORDER, Idempotency_Key="key-1").status_code == 201


def test_settings_print_no_secret():
    """A log line with a system's settings in it gives nothing away."""
    front = Front(instance="i", token="feed-secret", threads=1)
    shown = repr(SimponiSettings(front, Path(), "u", "callback-secret", "b", 1, 1.0))
    assert "secret'" not in shown


def test_the_contract_names_every_refusal():
    """docs/mpaspor-api.md tells of each code; a refused payment carries the word of SIMPONI's refusal instead."""
    contract = (Path(__file__).parents[2] / "docs" / "mpaspor-api.md").read_text()
    told = [code.word for code in Code if code is not Code.PAYMENT_REFUSED]
    assert [word for word in told if f"`{word}`" not in contract] == []
