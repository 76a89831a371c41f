"""While SIMPONI is slow, silent or gone: codes come later, everything else goes on, and no bill is made twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.outages.crowd import until
from tests.outages.site import Site
from tests.service.person import Person

KEEN = 10


def _book(site: Site, people: list[Person]) -> list[str]:
    """All ask for a code at once; they prepare one by one, because Dukcapil is not what is tested."""
    applications = [person.prepare() for person in people]

    def ask(person: Person, application: str) -> None:
        assert person.hold(application, site.slots[0]).status_code == 201
        assert person.ask_code(application).status_code == 202

    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(ask, people, applications))
    return applications


def _codes(people: list[Person], applications: list[str]) -> list[str]:
    """Everybody's code, once it is there."""
    for person, application in zip(people, applications, strict=True):
        until(lambda who=person, what=application: who.see_code(what).status_code == 200)
    return [
        person.see_code(application).json["billing_code"]
        for person, application in zip(people, applications, strict=True)
    ]


def _bills_made(site: Site, applications: list[str]) -> list[int]:
    """How many bills SIMPONI made for each."""
    simponi = site.outside("simponi")
    made = [simponi.get("/bills", query_string={"reference": each}).json["bills"] for each in applications]
    simponi.close()
    return [len(bills) for bills in made]


def _issued(site: Site, applications: list[str]) -> list[int]:
    issued = [event["application_id"] for event in site.people.events("bill_issued")]
    return [issued.count(application) for application in applications]


def test_a_slow_simponi_delays_codes_and_nothing_else(site: Site):
    """All codes come, each once."""
    people = [site.people.person() for _ in range(KEEN)]
    site.links.slow("simponi")
    applications = _book(site, people)
    assert len(set(_codes(people, applications))) == KEEN
    assert _bills_made(site, applications) == [1] * KEEN


@pytest.mark.parametrize("fault", ["silent", "gone"])
def test_without_simponi_only_the_code_waits(site: Site, fault: str):
    """Asking for a code is 202 and stays 202; who changes their mind cancels; well again, everybody has one code."""
    people = [site.people.person() for _ in range(KEEN)]
    getattr(site.links, fault)("simponi")
    applications = _book(site, people)
    until(lambda: site.people.events("bill_attempt_failed"))
    assert {person.see_code(each).status_code for person, each in zip(people, applications, strict=True)} == {202}
    assert people[0].status(applications[0])["state"] == "BILLING_REQUESTED"
    assert people[0].cancel(applications[0]).json["state"] == "CANCELLED"
    assert site.healthy()
    site.links.heal("simponi")
    waiting = applications[1:]
    assert len(set(_codes(people[1:], waiting))) == KEEN - 1
    assert _bills_made(site, waiting) == [1] * (KEEN - 1)
    assert _issued(site, waiting) == [1] * (KEEN - 1)
    assert site.places_conserved()


def test_a_simponi_that_comes_and_goes_issues_everybody_one_code(site: Site):
    """Attempts fail and are made again, spread out; no code is lost and none is doubled."""
    people = [site.people.person() for _ in range(KEEN)]
    applications = []
    for pair in zip(people[::2], people[1::2], strict=True):
        failures = _failures(site)
        site.links.gone("simponi")
        applications += _book(site, list(pair))
        until(lambda before=failures: _failures(site) > before)
        site.links.heal("simponi")
    assert len(set(_codes(people, applications))) == KEEN
    assert _bills_made(site, applications) == [1] * KEEN
    assert _issued(site, applications) == [1] * KEEN


def _failures(site: Site) -> int:
    return len(site.people.events("bill_attempt_failed"))


def test_money_that_simponi_could_not_tell_of_is_found(site: Site):
    """The callback's way is cut: the reconciler asks SIMPONI and finds the payment; told late, it counts once."""
    person = site.people.person()
    application = person.book(site.slots[1])
    (code,) = _codes([person], [application])
    site.links.gone("callback")
    assert site.pay(person.see_code(application).json).status_code == 201
    assert person.status(application)["state"] == "AWAITING_PAYMENT"
    until(lambda: person.status(application)["state"] == "PAID")
    site.links.heal("callback")
    until(lambda: [event for event in site.people.events("duplicate_callback") if event["billing_code"] == code])
    assert [event["application_id"] for event in site.people.events("paid")].count(application) == 1
    assert site.places_conserved()
