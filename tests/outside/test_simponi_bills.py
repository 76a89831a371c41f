"""SIMPONI's bills over HTTP: issued once, paid once, void in time, refunded once the bank has confirmed."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from loket.records import Bill
from mock_mpaspor.outside.clock import Pace

FRONT_THREADS = 8
REFERENCE = {"reference": "application-1", "amount_idr": 350_000, "payer": "Orang Contoh"}


def payment(billing_code: str, ntb: str = "000000000001", **changed: object) -> dict[str, object]:
    return {"billing_code": billing_code, "amount_idr": 350_000, "ntb": ntb, "channel": "atm"} | changed


def issue(simponi, reference: str = "application-1") -> str:
    return simponi.call("POST", "/bills", REFERENCE | {"reference": reference}).json["billing_code"]


def feed(simponi) -> list[Bill]:
    response = simponi.call("GET", "/feed/bills", Authorization="Bearer feed-token")
    assert response.status_code == 200
    return [msgspec.json.decode(line, type=Bill) for line in response.data.splitlines()]


def test_validity_is_kept_in_the_time_of_promises(open_a_simponi, clock):
    """An hour of a clock that runs 360 times as fast is ten seconds; `valid_until` is what that clock will show."""
    simponi = open_a_simponi(pace=Pace(scale=360, epoch_ns=clock.unix_ns()))
    issued = simponi.call("POST", "/bills", REFERENCE).json
    assert issued["valid_until"] == "2023-01-30T02:00:00.000000Z"
    clock.advance(9.9)
    assert [bill.state for bill in feed(simponi)] == ["open"]
    clock.advance(0.1)
    assert [bill.state for bill in feed(simponi)] == ["void"]
    assert simponi.call("POST", "/payments", payment(issued["billing_code"])).status_code == 410


def test_a_bill_is_issued_once_a_reference(simponi):
    """201 with a 15-digit code that begins with 8; the same reference again is 200 with the same bill."""
    first = simponi.call("POST", "/bills", REFERENCE)
    again = simponi.call("POST", "/bills", REFERENCE)
    assert (first.status_code, again.status_code) == (201, 200)
    assert re.fullmatch(r"8\d{14}", first.json["billing_code"])
    assert first.json["amount_idr"] == 350_000
    assert first.json["valid_until"] == "2023-01-30T02:00:00.000000Z"
    assert again.json == first.json


def test_a_reference_keeps_its_amount(simponi):
    """Another amount under a known reference is refused and changes nothing."""
    issue(simponi)
    response = simponi.call("POST", "/bills", REFERENCE | {"amount_idr": 650_000})
    assert (response.status_code, response.json["error"]["code"]) == (422, "reference_reused")
    assert [bill.amount_idr for bill in feed(simponi)] == [350_000]


def test_codes_are_unique_within_and_across_books(open_a_simponi, simponi):
    """No two bills of a book share a code, and a restart goes on where it stopped."""
    codes = [issue(simponi, f"application-{n}") for n in range(40)]
    simponi.close()
    again = open_a_simponi(seed=9)
    codes += [issue(again, f"application-{n}") for n in range(40, 80)]
    assert len(set(codes)) == 80
    assert issue(again, "application-0") == codes[0]


def test_a_payment_is_taken_once_an_ntb(simponi):
    """201 with a 16-character ntpn; the same ntb again gets the same answer."""
    code = issue(simponi)
    first = simponi.call("POST", "/payments", payment(code))
    again = simponi.call("POST", "/payments", payment(code))
    assert (first.status_code, again.status_code) == (201, 201)
    assert re.fullmatch(r"[0-9A-Z]{16}", first.json["ntpn"])
    assert first.json["paid_at"] == "2023-01-30T01:00:00.000000Z"
    assert again.json == first.json


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"billing_code": "800000000000000"}, 404, "unknown_code"),
        ({"amount_idr": 1}, 422, "wrong_amount"),
        ({"ntb": "12"}, 422, "invalid"),
        ({"amount_idr": "350000"}, 422, "invalid"),
    ],
)
def test_a_payment_that_cannot_be_taken_is_refused(simponi, changed, status, code):
    """Each refusal has its status and code, is definite, and leaves the bill open."""
    response = simponi.call("POST", "/payments", payment(issue(simponi)) | changed)
    assert (response.status_code, response.json["error"]["code"]) == (status, code)
    assert response.json["error"]["definite"] is True
    assert [bill.state for bill in feed(simponi)] == ["open"]


def test_a_paid_bill_takes_no_second_payment(simponi):
    """Another ntb for a paid bill is refused 409."""
    code = issue(simponi)
    simponi.call("POST", "/payments", payment(code))
    response = simponi.call("POST", "/payments", payment(code, ntb="000000000002"))
    assert (response.status_code, response.json["error"]["code"]) == (409, "already_paid")


def test_an_ntb_stands_for_one_payment(simponi):
    """An ntb that paid one bill cannot pay another."""
    first, second = issue(simponi, "application-1"), issue(simponi, "application-2")
    simponi.call("POST", "/payments", payment(first))
    response = simponi.call("POST", "/payments", payment(second))
    assert (response.status_code, response.json["error"]["code"]) == (422, "ntb_reused")
    assert [bill.state for bill in feed(simponi)] == ["paid", "open"]


def test_a_bill_is_void_when_its_validity_ends(simponi, clock):
    """Payable to the last moment, 410 from then on, and shown as void everywhere."""
    code = issue(simponi)
    clock.advance(3600)
    response = simponi.call("POST", "/payments", payment(code))
    assert (response.status_code, response.json["error"]["code"]) == (410, "bill_void")
    assert simponi.call("GET", f"/bills/{code}").json["state"] == "void"
    assert [bill.state for bill in feed(simponi)] == ["void"]
    assert 'simponi_bills{state="void"} 1.0' in simponi.call("GET", "/metrics").text


def test_an_ntb_that_paid_in_time_is_still_answered_later(simponi, clock):
    """The bank's repeat after the validity gets the answer of the payment, not a refusal."""
    code = issue(simponi)
    first = simponi.call("POST", "/payments", payment(code))
    clock.advance(7200)
    assert simponi.call("POST", "/payments", payment(code)).json == first.json


def test_bills_can_be_reconciled_by_code_and_by_reference(simponi):
    """Both ways show the same bill; an unknown reference shows none, an unknown code is 404."""
    code = issue(simponi)
    ntpn = simponi.call("POST", "/payments", payment(code)).json["ntpn"]
    shown = simponi.call("GET", f"/bills/{code}").json
    assert (shown["state"], shown["ntpn"], shown["reference"]) == ("paid", ntpn, "application-1")
    assert simponi.call("GET", "/bills?reference=application-1").json == {"bills": [shown]}
    assert simponi.call("GET", "/bills?reference=nobody").json == {"bills": []}
    assert simponi.call("GET", "/bills/800000000000000").status_code == 404


def test_sixteen_requests_for_one_reference_make_one_bill(simponi, at_once):
    """Exactly one of them is told 201, and all are told the same code."""
    responses = at_once(lambda: simponi.call("POST", "/bills", REFERENCE))
    assert sorted(response.status_code for response in responses) == [200] * 15 + [201]
    assert len({response.json["billing_code"] for response in responses}) == 1
    assert len(feed(simponi)) == 1


def test_sixteen_payments_of_one_ntb_are_one(simponi, at_once):
    """All get the same ntpn, and one callback is owed."""
    code = issue(simponi)
    responses = at_once(lambda: simponi.call("POST", "/payments", payment(code)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.json["ntpn"] for response in responses}) == 1
    assert simponi.errands.pending() == 1


def test_the_feed_asks_for_its_token(simponi):
    """Without the token, or with another, 401 and no bill."""
    issue(simponi)
    for shown in ({}, {"Authorization": "Bearer wrong"}):
        response = simponi.call("GET", "/feed/bills", **shown)
        assert (response.status_code, response.json["error"]["code"]) == (401, "wrong_token")


def test_a_refund_waits_for_the_bank(simponi, other_bank):
    """503 and still paid while the bank does not confirm; refunded once it has, and asked no more."""
    code = issue(simponi)
    ntpn = simponi.call("POST", "/payments", payment(code)).json["ntpn"]
    other_bank.reply = lambda seen: (500, b"")
    response = simponi.call("POST", f"/bills/{code}/refund", {"ntpn": ntpn})
    assert (response.status_code, response.json["error"]["definite"]) == (503, False)
    assert [bill.state for bill in feed(simponi)] == ["paid"]
    other_bank.reply = lambda seen: (200, b"{}")
    for _ in range(2):
        assert simponi.call("POST", f"/bills/{code}/refund", {"ntpn": ntpn}).status_code == 200
    assert [bill.state for bill in feed(simponi)] == ["refunded"]
    told = {"billing_code": code, "ntpn": ntpn, "ntb": "000000000001"}
    assert [msgspec.json.decode(seen.body) for seen in other_bank.seen] == [told, told]


@pytest.mark.parametrize(("paid", "status", "code"), [(False, 409, "not_paid"), (True, 422, "wrong_ntpn")])
def test_a_refund_needs_the_payment_it_names(simponi, other_bank, paid, status, code):
    """An unpaid bill, or another ntpn, is refused before the bank hears of it."""
    billing_code = issue(simponi)
    if paid:
        simponi.call("POST", "/payments", payment(billing_code))
    response = simponi.call("POST", f"/bills/{billing_code}/refund", {"ntpn": "0000000000000000"})
    assert (response.status_code, response.json["error"]["code"]) == (status, code)
    assert other_bank.seen == []


def test_health_names_the_system_and_this_run(simponi):
    """So that a stale server cannot pass for this one."""
    assert simponi.call("GET", "/healthz").json == {"name": "simponi", "instance": "this-run"}


def test_metrics_count_requests_by_route_pattern(simponi):
    """A billing code in the path never becomes a label."""
    code = issue(simponi)
    simponi.call("GET", f"/bills/{code}")
    shown = simponi.call("GET", "/metrics").text
    assert 'route="/bills/<billing_code>",status="200",system="simponi"} 1.0' in shown
    assert code not in shown


def test_a_hanging_bank_takes_half_of_the_threads_and_no_more(simponi, other_bank, eventually):
    """With that many refunds waiting for the bank, the next is refused unasked: codes still have threads."""
    half = FRONT_THREADS // 2
    codes = [issue(simponi, f"application-{n}") for n in range(half + 1)]
    ntpns = [simponi.call("POST", "/payments", payment(code, f"{n:012}")).json["ntpn"] for n, code in enumerate(codes)]
    heard = threading.Event()
    other_bank.reply = lambda seen: (heard.wait(20), (200, b"{}"))[1]
    with ThreadPoolExecutor(half) as waiting:
        asked = [waiting.submit(refund, simponi, *pair) for pair in zip(codes[:half], ntpns[:half], strict=True)]
        eventually(lambda: len(other_bank.seen) == half)
        turned_away = refund(simponi, codes[-1], ntpns[-1])
        heard.set()
        assert [answer.result().status_code for answer in asked] == [200] * half
    assert (turned_away.status_code, turned_away.json["error"]["code"]) == (503, "bank_unavailable")
    assert len(other_bank.seen) == half
    assert refund(simponi, codes[-1], ntpns[-1]).status_code == 200


def refund(simponi, code: str, ntpn: str):
    return simponi.call("POST", f"/bills/{code}/refund", {"ntpn": ntpn})
