"""While SIMKIM is slow, silent or gone: codes, payments and passes go on; what it must know waits and arrives."""

import pytest

from tests.outages.crowd import until
from tests.outages.site import TOKENS, Site

STAFF = {"Authorization": f"Bearer {TOKENS.staff}"}


@pytest.mark.parametrize("fault", ["slow", "silent", "gone"])
def test_without_simkim_codes_come_and_payments_count(site: Site, fault: str):
    """Paid, with a pass in hand, while the office does not know yet; well again, it has the case, once."""
    person, desk = site.people.person(), site.outside("simkim")
    getattr(site.links, fault)("simkim")
    application = person.book(site.slots[2])
    until(lambda: person.see_code(application).status_code == 200)
    assert site.pay(person.see_code(application).json).status_code == 201
    until(lambda: person.status(application)["state"] == "PAID")
    assert person.arrival_pass(application).status_code == 200
    if fault == "gone":
        assert desk.get(f"/cases/{application}", headers=STAFF).status_code == 404
    site.links.heal("simkim")
    until(lambda: desk.get(f"/cases/{application}", headers=STAFF).status_code == 200)
    until(lambda: site.people.pending()["outbox"] == 0)
    desk.close()


@pytest.mark.parametrize("fault", ["silent", "gone"])
def test_what_the_office_decides_meanwhile_is_heard_afterwards(site: Site, fault: str):
    """A clerk approves while the service hears nothing: the person waits as REFERRED, then goes on, by one event."""
    person, desk = site.people.person(), site.outside("simkim")
    application = person.prepare(kind="REPLACEMENT", replaced="lost")
    assert person.refer(application).json["state"] == "REFERRED"
    until(lambda: desk.get(f"/cases/{application}", headers=STAFF).status_code == 200)
    getattr(site.links, fault)("simkim")
    decided = desk.post(f"/cases/{application}/bap", json={"approved": True}, headers=STAFF)
    assert decided.status_code == 200
    assert person.status(application)["state"] == "REFERRED"
    assert person.hold(application, site.slots[2]).code == "wrong_state"
    site.links.heal("simkim")
    until(lambda: person.hold(application, site.slots[2]).status_code == 201)
    approved = [event["application_id"] for event in site.people.events("referral_approved")]
    assert approved.count(application) == 1
    desk.close()
