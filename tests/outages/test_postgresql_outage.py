"""While PostgreSQL is slow, silent or gone: nobody is told what is not so; afterwards all goes on by itself."""

from collections import Counter

import pytest

from tests.outages.crowd import asking, until
from tests.outages.site import Site
from tests.service.person import Person

KEEN = 6
# Nothing was done, or nobody knows whether a commit was.
HONEST = {(503, "busy", True), (429, "overloaded", True), (500, "internal", False)}


def _told(answer) -> tuple[int, str, bool]:
    return answer.status_code, answer.code, answer.json["error"]["definite"]


def _held(site: Site, applications: list[str]) -> Counter:
    """How many places the trail gave to each application."""
    events = site.people.events("held")
    return Counter(event["application_id"] for event in events if event["application_id"] in applications)


def _ready(site: Site, people: int) -> list[tuple[Person, str]]:
    arrived = [site.people.person() for _ in range(people)]
    return [(person, person.prepare()) for person in arrived]


def test_a_slow_database_makes_everything_slow_and_nothing_wrong(far_site: Site):
    """Every statement takes longer; booked, coded, paid, seen as paid."""
    ((person, application),) = _ready(far_site, 1)
    far_site.links.slow("database", ms=40)
    until(lambda: person.hold(application, far_site.slots[0]).status_code == 201)
    until(lambda: person.ask_code(application).status_code == 202)
    until(lambda: person.see_code(application).status_code == 200)
    assert far_site.pay(person.see_code(application).json).status_code == 201
    until(lambda: person.status(application)["state"] == "PAID")
    assert _held(far_site, [application]) == {application: 1}
    assert far_site.places_conserved()


@pytest.mark.parametrize("fault", ["silent", "gone"])
def test_without_the_database_people_are_refused_honestly(far_site: Site, fault: str):
    """Readers and writers get an answer that promises nothing; well again, the same keys hold one place each."""
    reader = far_site.people.person()
    crowd = _ready(far_site, KEEN)
    person, application = crowd[0]
    getattr(far_site.links, fault)("database")
    with (
        asking(lambda: person.hold(application, far_site.slots[0]), people=2) as holds,
        asking(lambda: reader.call("GET", "/v1/applications"), people=2) as looks,
    ):
        until(lambda: holds and looks)
        assert far_site.healthy()
    assert {_told(answer) for answer in (*holds, *looks)} <= HONEST
    far_site.links.heal("database")
    for who, what in crowd:
        until(lambda who=who, what=what: who.hold(what, far_site.slots[0]).status_code == 201)
    assert _held(far_site, [what for _, what in crowd]) == {what: 1 for _, what in crowd}
    assert far_site.places_conserved()


@pytest.mark.parametrize("fault", ["silent", "gone"])
def test_codes_and_payments_that_the_database_kept_waiting_come_by_themselves(far_site: Site, fault: str):
    """Asked for before, issued after; paid meanwhile, found after: no process has to be started again."""
    (waiting, asked), (payer, owed) = _ready(far_site, 2)
    assert payer.hold(owed, far_site.slots[1]).status_code == 201
    assert payer.ask_code(owed).status_code == 202
    until(lambda: payer.see_code(owed).status_code == 200)
    bill = payer.see_code(owed).json
    far_site.links.gone("simponi")
    assert waiting.hold(asked, far_site.slots[1]).status_code == 201
    assert waiting.ask_code(asked).status_code == 202
    getattr(far_site.links, fault)("database")
    far_site.links.heal("simponi")
    assert far_site.pay(bill).status_code == 201
    until(lambda: payer.see_code(owed).status_code == 503)
    assert far_site.healthy()
    far_site.links.heal("database")
    until(lambda: waiting.see_code(asked).status_code == 200)
    until(lambda: payer.status(owed).get("state") == "PAID")
    paid = [event["application_id"] for event in far_site.people.events("paid")]
    assert paid.count(owed) == 1
    assert far_site.places_conserved()


def test_a_database_that_comes_and_goes_gives_every_key_one_place(far_site: Site):
    """Connections break in the middle of transactions, also of commits: whatever people were told, it is once."""
    crowd = _ready(far_site, KEEN)
    slot = far_site.slots[2]
    with asking(lambda: [who.hold(what, slot) for who, what in crowd], people=2) as rounds:
        for _ in range(3):
            far_site.links.gone("database")
            far_site.links.heal("database")
            seen = len(rounds)
            until(lambda seen=seen: len(rounds) > seen)
    for who, what in crowd:
        until(lambda who=who, what=what: who.hold(what, slot).status_code == 201)
    refusals = [answer for answers in rounds for answer in answers if answer.status_code >= 400]
    assert {_told(answer) for answer in refusals} <= HONEST
    assert _held(far_site, [what for _, what in crowd]) == {what: 1 for _, what in crowd}
    assert far_site.places_conserved()
