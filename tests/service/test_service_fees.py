"""Fees: the tariff of the day on which the code is asked for, and what comes on top."""

import pytest

from mock_mpaspor.domain.applications import Replaced
from mock_mpaspor.domain.fees import PP_45_2024_IN_FORCE, PassportType, fee_idr
from tests.service.person import OFFICE

NTPN = "N" * 16
LAST_SECOND, MIDNIGHT = "2024-12-16T23:59:59", "2024-12-17T00:00:00"
LONG_OPEN = "2024-12-01T00:00:00+07:00"
ZONES = {"kupang": "+08:00", "jayapura": "+09:00", OFFICE: "+07:00"}
TODAY = {"regular": {5: 350_000, 10: 650_000}, "electronic": {5: 650_000, 10: 950_000}}


def _booked(service, slot, **changes):
    """Somebody new asks for a code; they and their application."""
    person = service.person()
    application = person.prepare(**changes)
    assert person.hold(application, slot).status_code == 201
    assert person.ask_code(application).status_code == 202
    return person, application


@pytest.mark.parametrize(("office", "offset"), ZONES.items())
def test_the_tariff_changes_at_midnight_in_the_offices_zone(service, office, offset):
    """One second before midnight of 17 December 2024 the old fee, at midnight the new one: WIB, WITA and WIT."""
    service.clock.turn_to(LAST_SECOND + offset)
    slot = service.release(places=4, opens_at=LONG_OPEN, office=office)[0]
    early, before = _booked(service, slot, office=office)
    service.clock.turn_to(MIDNIGHT + offset)
    late, after = _booked(service, slot, office=office)
    assert (early.status(before)["amount_idr"], late.status(after)["amount_idr"]) == (650_000, 950_000)


def test_a_bill_of_the_old_fee_stays_payable_at_it(service):
    """Asked for before midnight, issued and paid after it: SIMPONI, the status and the payment know one amount."""
    service.clock.turn_to(LAST_SECOND + "+07:00")
    (slot,) = service.release(places=1, opens_at=LONG_OPEN)
    person, application = _booked(service, slot)
    service.clock.turn_to(MIDNIGHT + "+07:00")
    service.relay()
    bill = service.simponi.bills[application]
    assert (bill.amount_idr, person.see_code(application).json["amount_idr"]) == (650_000, 650_000)
    service.clock.pass_s(3600)
    assert service.call_back(bill.billing_code, NTPN, amount_idr=950_000).json["error"]["code"] == "wrong_amount"
    assert service.call_back(bill.billing_code, NTPN, amount_idr=650_000).status_code == 200
    assert person.status(application)["state"] == "PAID"


def test_a_draft_from_before_the_change_pays_the_fee_of_the_day_it_asks(service):
    """What was shown before is an estimate of its day; neither draft nor held place keeps the old tariff."""
    service.clock.turn_to(LAST_SECOND + "+07:00")
    (slot,) = service.release(places=1, opens_at=LONG_OPEN)
    person = service.person()
    application = person.prepare()
    assert person.hold(application, slot).status_code == 201
    assert person.status(application)["amount_idr"] == 650_000
    service.clock.turn_to(MIDNIGHT + "+07:00")
    assert person.status(application)["amount_idr"] == 950_000
    person.ask_code(application)
    service.relay()
    assert person.see_code(application).json["amount_idr"] == 950_000
    assert [event["amount_idr"] for event in service.events("bill_issued")] == [950_000]


@pytest.mark.parametrize(
    ("wanted", "force_majeure", "on_top"),
    [
        ({"kind": "REPLACEMENT", "replaced": "expired"}, False, 0),
        ({"kind": "REPLACEMENT", "replaced": "full"}, False, 0),
        ({"kind": "REPLACEMENT", "replaced": "lost"}, False, 1_000_000),
        ({"kind": "REPLACEMENT", "replaced": "lost"}, True, 0),
        ({"kind": "REPLACEMENT", "replaced": "damaged"}, False, 500_000),
        ({"kind": "REPLACEMENT", "replaced": "damaged"}, True, 0),
        ({"kind": "DATA_CHANGE"}, False, 0),
    ],
)
def test_a_lost_or_damaged_passport_costs_more_unless_by_force_majeure(service, wanted, force_majeure, on_top):
    """The interview decides; the bill has what the status showed."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare(**wanted)
    if person.refer(application).status_code == 200:
        service.interview(application, passed=True, force_majeure=force_majeure)
    assert person.status(application)["amount_idr"] == 950_000 + on_top
    assert person.hold(application, slot).status_code == 201
    person.ask_code(application)
    service.relay()
    assert service.simponi.bills[application].amount_idr == 950_000 + on_top


def test_same_day_service_costs_a_million_more(service):
    """The status of an express application shows it."""
    person = service.person()
    assert person.status(person.apply(express=True))["amount_idr"] == 1_950_000


@pytest.mark.parametrize("express", [False, True])
@pytest.mark.parametrize(("passport", "years"), [(book, years) for book in PassportType for years in (5, 10)])
@pytest.mark.parametrize("replaced", [None, *Replaced])
def test_force_majeure_waives_what_a_loss_costs_and_nothing_else(passport, years, express, replaced):
    """The book and the same-day service are paid for in any case."""
    plain = TODAY[passport][years] + express * 1_000_000
    on_top = {Replaced.LOST: 1_000_000, Replaced.DAMAGED: 500_000}.get(replaced, 0)
    assert fee_idr(passport, years, PP_45_2024_IN_FORCE, express, replaced) == plain + on_top
    assert fee_idr(passport, years, PP_45_2024_IN_FORCE, express, replaced, force_majeure=True) == plain


@pytest.mark.parametrize(
    ("instant", "regulation", "ten_years_idr"),
    [(LAST_SECOND, "PP 28/2019", 650_000), (MIDNIGHT, "PP 45/2024", 950_000)],
)
def test_anybody_may_ask_what_it_costs_today(service, instant, regulation, ten_years_idr):
    """The regulation of the day, the fee of each book, and what comes on top."""
    service.clock.turn_to(instant + "+07:00")
    content = service.app.test_client().get("/v1/fees").json
    fees = {(fee["passport_type"], fee["validity_years"]): fee["amount_idr"] for fee in content["fees"]}
    assert content["regulation"] == regulation
    assert fees["electronic", 10] == ten_years_idr
    assert (fees["regular", 5], fees["electronic", 5]) == (350_000, 650_000)
    assert (content["express_idr"], content["lost_idr"], content["damaged_idr"]) == (1_000_000, 1_000_000, 500_000)
