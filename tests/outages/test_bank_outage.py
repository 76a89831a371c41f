"""Money that has left an account while the bank cannot reach SIMPONI: it arrives, or it goes back; never neither."""

import json
from collections import Counter

import pytest

from loket.stack.part import await_ready
from tests.outages.crowd import until
from tests.outages.site import TOKENS, Site
from tests.service.person import Person

FEED = {"Authorization": f"Bearer {TOKENS.outside}"}


def _with_code(site: Site) -> tuple[Person, str, dict]:
    person = site.people.person()
    application = person.book(site.slots[3])
    until(lambda: person.see_code(application).status_code == 200)
    return person, application, person.see_code(application).json


def _movements(site: Site, code: str) -> Counter:
    """The lines of the bank's ledger for this code, by type."""
    bank = site.outside("bank")
    lines = [json.loads(line) for line in bank.get("/feed/ledger", headers=FEED).data.splitlines()]
    bank.close()
    return Counter(line["type"] for line in lines if line["billing_code"] == code)


@pytest.mark.parametrize("fault", ["silent", "gone"])
@pytest.mark.parametrize("killed", [False, True], ids=["bank_lives", "bank_dies"])
def test_money_that_simponi_never_heard_of_arrives_after_the_heal(site: Site, fault: str, killed: bool):
    """202 pending, debited once; the bank asks again by itself, after its own death too, until SIMPONI has answered."""
    person, application, bill = _with_code(site)
    getattr(site.links, fault)("bank")
    answer = site.pay(bill)
    assert (answer.status_code, answer.json["state"]) == (202, "pending")
    if killed:
        bank = site.parts["bank"]
        bank.stop(grace_s=0)
        bank.start()
        await_ready([bank], 60.0, lambda: False)
    assert site.pay(bill).status_code == 202
    site.links.heal("bank")
    until(lambda: site.pay(bill).status_code == 201)
    until(lambda: person.status(application)["state"] == "PAID")
    assert _movements(site, bill["billing_code"]) == {"debited": 1}
    assert [event["application_id"] for event in site.people.events("paid")].count(application) == 1


def test_money_for_a_bill_that_was_paid_meanwhile_goes_back(site: Site):
    """Two pay one code while the bank is cut off: one is taken, the other's money returns; nothing hangs for ever."""
    person, application, bill = _with_code(site)
    site.links.gone("bank")
    keys = ("first", "second")
    assert [site.pay(bill, key).status_code for key in keys] == [202, 202]
    site.links.heal("bank")
    until(lambda: sorted(site.pay(bill, key).status_code for key in keys) == [201, 409])
    until(lambda: person.status(application)["state"] == "PAID")
    assert _movements(site, bill["billing_code"]) == {"debited": 2, "returned": 1}
