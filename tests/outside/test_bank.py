"""The bank: a key debits once, every debit ends as paid, returned or refunded, and the ledger tells all of it."""

import os
import re
import threading

import msgspec
import pytest

from loket.records import Entry

CODE = "812345678901234"
ORDER = {"billing_code": CODE, "amount_idr": 350_000, "channel": "atm"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REFUSED = (410, b'{"error":{"code":"bill_void","message":"","definite":true}}')
NTPN = "ABCDEFGH12345678"


def pay(bank, key: str = "key-1", **changed: object):
    return bank.call("POST", "/pay", ORDER | changed, Idempotency_Key=key, traceparent=TRACE)


def feed(bank) -> list[Entry]:
    response = bank.call("GET", "/feed/ledger", Authorization="Bearer feed-token")
    assert response.status_code == 200
    return [msgspec.json.decode(line, type=Entry) for line in response.data.splitlines()]


def movements(bank) -> list[str]:
    return [entry.type for entry in feed(bank)]


def test_a_payment_that_simponi_takes_is_paid(bank, gateway):
    """201 with ntb and ntpn; SIMPONI was told the order, the ntb and the trace context."""
    response = pay(bank)
    ntb = response.json["ntb"]
    assert response.status_code == 201
    assert response.json == {"ntb": ntb, "ntpn": NTPN, "state": "paid"}
    assert re.fullmatch(r"\d{12}", ntb)
    assert [msgspec.json.decode(seen.body) for seen in gateway.seen] == [ORDER | {"ntb": ntb}]
    assert gateway.seen[0].headers["traceparent"] == TRACE
    assert [(entry.type, entry.ntb, entry.seq) for entry in feed(bank)] == [("debited", ntb, 1)]


def test_the_debit_is_on_the_ledger_before_simponi_hears_of_it(bank, gateway, tmp_path):
    """When SIMPONI is asked, the line is already in the file."""
    on_file = []

    def reply(seen):
        on_file.append((tmp_path / "ledger.ndjson").read_bytes())
        return REFUSED

    gateway.reply = reply
    pay(bank)
    assert [msgspec.json.decode(line)["type"] for line in on_file] == ["debited"]


def test_a_definite_refusal_sends_the_money_back(bank, gateway):
    """409 with SIMPONI's own code, and a return on the ledger; asking again changes nothing."""
    gateway.reply = lambda seen: REFUSED
    for _ in range(2):
        response = pay(bank)
        assert (response.status_code, response.json["error"]["code"]) == (409, "bill_void")
    assert movements(bank) == ["debited", "returned"]
    assert len(gateway.seen) == 1


@pytest.mark.parametrize(
    "silence",
    [
        None,
        (500, b""),
        (503, b'{"error":{"code":"down","message":"","definite":false}}'),
        (429, b'{"error":{"code":"busy","message":"","definite":false}}'),
        (404, b"<html>no such page</html>"),
        (200, b"<html>welcome</html>"),
    ],
)
def test_an_answer_that_settles_nothing_leaves_the_payment_pending(bank, gateway, clock, silence):
    """202, the money stays out, and the bank asks with the same ntb until the answer is definite."""
    taking = gateway.reply
    gateway.reply = lambda seen: silence
    first = pay(bank)
    assert (first.status_code, first.json["state"]) == (202, "pending")
    bank.errands.run_due()
    gateway.reply = taking
    clock.advance(1.0)
    bank.errands.run_due()
    assert pay(bank).json == {"ntb": first.json["ntb"], "ntpn": NTPN, "state": "paid"}
    assert movements(bank) == ["debited"]
    assert len({seen.body for seen in gateway.seen}) == 1
    assert len(gateway.seen) == 3


def test_a_refusal_after_silence_sends_the_money_back(bank, gateway):
    """The retry's definite answer is as good as a first one."""
    gateway.reply = lambda seen: None
    assert pay(bank).status_code == 202
    gateway.reply = lambda seen: REFUSED
    bank.errands.run_due()
    assert pay(bank).status_code == 409
    assert movements(bank) == ["debited", "returned"]
    assert bank.errands.pending() == 0


def test_a_simponi_that_hangs_is_given_up_on(open_a_bank, gateway):
    """The read time-out ends the wait, and the payment is pending."""
    released = threading.Event()
    gateway.reply = lambda seen: released.wait(20) and None
    bank = open_a_bank(timeout_s=0.1)
    assert pay(bank).status_code == 202
    released.set()


def test_a_simponi_that_is_not_there_leaves_the_payment_pending(open_a_bank, free_port):
    """A refused connection is no refusal of the payment."""
    bank = open_a_bank(simponi_url=f"http://127.0.0.1:{free_port}")
    assert pay(bank).status_code == 202
    assert movements(bank) == ["debited"]


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        ({"channel": "pawnshop"}, {"Idempotency_Key": "k"}),
        ({"amount_idr": 0}, {"Idempotency_Key": "k"}),
        ({"billing_code": "8"}, {"Idempotency_Key": "k"}),
        ({}, {}),
        ({}, {"Idempotency_Key": "k" * 201}),
    ],
)
def test_an_order_that_is_not_well_formed_takes_no_money(bank, changed, headers):
    """422 `invalid`, and the ledger stays empty."""
    response = bank.call("POST", "/pay", ORDER | changed, **headers)
    assert (response.status_code, response.json["error"]["code"]) == (422, "invalid")
    assert movements(bank) == []


def test_a_key_stands_for_one_order(bank):
    """The same key with another order is refused, and no money moves."""
    pay(bank)
    response = pay(bank, amount_idr=650_000)
    assert (response.status_code, response.json["error"]["code"]) == (422, "key_reused")
    assert movements(bank) == ["debited"]


def test_sixteen_requests_with_one_key_debit_once(bank, gateway, at_once):
    """All are told the same payment, and SIMPONI is told once."""
    responses = at_once(lambda: pay(bank))
    assert {response.status_code for response in responses} == {201}
    assert len({response.json["ntb"] for response in responses}) == 1
    assert movements(bank) == ["debited"]
    assert len(gateway.seen) == 1


def test_sixteen_keys_are_sixteen_debits_in_one_order(bank, at_once):
    """Concurrent payments each get their own ntb and their own line, numbered without a gap."""
    keys = iter(range(16))
    at_once(lambda: pay(bank, key=f"key-{next(keys)}"))
    entries = feed(bank)
    assert [entry.seq for entry in entries] == list(range(1, 17))
    assert len({entry.ntb for entry in entries}) == 16


def test_a_refund_is_given_once(bank):
    """200 each time, one line on the ledger, and the key's answer stays what it was."""
    paid = pay(bank).json
    for _ in range(2):
        response = bank.call("POST", "/refunds", {"billing_code": CODE, "ntpn": NTPN, "ntb": paid["ntb"]})
        assert (response.status_code, response.json["state"]) == (200, "refunded")
    assert movements(bank) == ["debited", "refunded"]
    assert pay(bank).json == paid


def test_a_refund_ends_a_payment_that_was_pending(bank, gateway):
    """SIMPONI's word settles it: SIMPONI is not asked again, and no second movement follows."""
    gateway.reply = lambda seen: None
    ntb = pay(bank).json["ntb"]
    bank.call("POST", "/refunds", {"billing_code": CODE, "ntpn": NTPN, "ntb": ntb})
    gateway.reply = lambda seen: REFUSED
    bank.errands.run_due()
    assert bank.errands.pending() == 0
    assert movements(bank) == ["debited", "refunded"]
    assert len(gateway.seen) == 1


def test_a_refund_needs_its_debit(bank, gateway):
    """An unknown ntb, another code, or money that went back before: refused, no movement."""
    gateway.reply = lambda seen: REFUSED
    pay(bank)
    ntb = feed(bank)[0].ntb
    asked = {"billing_code": CODE, "ntpn": NTPN, "ntb": ntb}
    for changed, expected in (
        ({"ntb": "000000000000"}, (404, "unknown_payment")),
        ({"billing_code": "800000000000000"}, (404, "unknown_payment")),
        ({}, (409, "already_returned")),
    ):
        response = bank.call("POST", "/refunds", asked | changed)
        assert (response.status_code, response.json["error"]["code"]) == expected
    assert movements(bank) == ["debited", "returned"]


def test_a_restart_forgets_no_key(bank, open_a_bank, gateway):
    """Returned and refunded payments get the same answers from the next bank, and no money moves again."""
    refunded = pay(bank, "refunded").json
    bank.call("POST", "/refunds", {"billing_code": CODE, "ntpn": NTPN, "ntb": refunded["ntb"]})
    gateway.reply = lambda seen: REFUSED
    returned = pay(bank, "returned").json
    bank.close()
    again = open_a_bank()
    assert again.errands.pending() == 0
    assert pay(again, "refunded").json == refunded
    assert pay(again, "returned").json == returned
    assert movements(again) == ["debited", "refunded", "debited", "returned"]


def test_a_restart_asks_about_every_open_debit(bank, open_a_bank, gateway):
    """The next bank resumes from the ledger with the same ntb, key and trace context."""
    taking = gateway.reply
    gateway.reply = lambda seen: None
    ntb = pay(bank).json["ntb"]
    bank.close()
    gateway.reply = taking
    again = open_a_bank()
    again.errands.run_due()
    assert pay(again).json == {"ntb": ntb, "ntpn": NTPN, "state": "paid"}
    assert gateway.seen[-1].headers["traceparent"] == TRACE
    assert movements(again) == ["debited"]


def test_a_line_cut_short_is_dropped_and_written_over(bank, open_a_bank, tmp_path):
    """What a kill left half-written was told to nobody; the ledger goes on after the last whole line."""
    pay(bank)
    bank.close()
    with (tmp_path / "ledger.ndjson").open("ab") as file:
        file.write(b'{"seq":2,"unix_ns":1,"ty')
    again = open_a_bank()
    pay(again, "key-2")
    assert [(entry.seq, entry.type) for entry in feed(again)] == [(1, "debited"), (2, "debited")]


def test_a_debit_that_the_disk_did_not_take_never_happened(bank, gateway, monkeypatch):
    """500, SIMPONI hears nothing, and the next line is whole."""
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, content: write(file, content[:20]))
        assert pay(bank).status_code == 500
    assert gateway.seen == []
    assert pay(bank).status_code == 201
    assert movements(bank) == ["debited"]


def test_metrics_follow_the_money(bank, gateway):
    """Movements by type, payments by channel and state, what is pending, and how SIMPONI answered."""
    pay(bank, "one")
    gateway.reply = lambda seen: REFUSED
    pay(bank, "two")
    gateway.reply = lambda seen: None
    pay(bank, "three")
    bank.errands.run_due()
    shown = bank.call("GET", "/metrics").text
    for line in (
        'bank_movements_total{type="debited"} 3.0',
        'bank_movements_total{type="returned"} 1.0',
        'bank_payments_total{channel="atm",state="paid"} 1.0',
        'bank_attempts_total{result="refused",turn="first"} 1.0',
        'bank_attempts_total{result="unanswered",turn="retry"} 1.0',
        "bank_payments_pending 1.0",
    ):
        assert line in shown
    assert CODE not in shown
