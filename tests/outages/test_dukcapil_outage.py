"""While Dukcapil is slow, silent or gone: who needs it is told at once, nobody else notices."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.outages.crowd import asking, until
from tests.outages.site import Site

KEEN = 12


def _verified(site: Site, application: str) -> int:
    verified = site.people.events("identity_verified")
    return sum(event["application_id"] == application for event in verified)


def test_a_slow_dukcapil_makes_people_wait_and_nothing_else(site: Site):
    """Within the time-out its answer counts, however many ask one after the other."""
    person = site.people.person()
    site.links.slow("dukcapil")
    assert person.identify(person.apply()).status_code == 200


@pytest.mark.parametrize("fault", ["silent", "gone"])
def test_without_dukcapil_only_the_identity_waits(site: Site, fault: str):
    """503 dukcapil_unavailable and a draft as it was; places, codes and status go on; well again, all are verified."""
    booker, keen = site.people.person(), [site.people.person() for _ in range(KEEN)]
    ready = booker.prepare()
    drafts = [person.apply() for person in keen]
    getattr(site.links, fault)("dukcapil")
    with asking(lambda: keen[0].identify(drafts[0]), people=KEEN) as answers:
        until(lambda: len(answers) >= KEEN)
        assert site.healthy()
        assert site.people.free() > 0
        assert booker.hold(ready, site.slots[0]).status_code == 201
        assert booker.ask_code(ready).status_code == 202
        until(lambda: booker.see_code(ready).status_code == 200)
        assert booker.status(ready)["state"] == "AWAITING_PAYMENT"
    assert {(answer.status_code, answer.code) for answer in answers} == {(503, "dukcapil_unavailable")}
    assert all(answer.json["error"]["definite"] for answer in answers)
    assert keen[0].status(drafts[0])["state"] == "DRAFT"
    site.links.heal("dukcapil")
    with ThreadPoolExecutor(KEEN) as threads:
        for person, draft in zip(keen, drafts, strict=True):
            threads.submit(until, lambda who=person, what=draft: who.identify(what).status_code != 503)
    assert [_verified(site, draft) for draft in drafts] == [1] * KEEN
    assert site.places_conserved()


def test_a_dukcapil_that_comes_and_goes_verifies_everybody_once(site: Site):
    """Some are refused and ask again; in the end each identity is verified by one event."""
    people = [site.people.person() for _ in range(KEEN)]
    drafts = [person.apply() for person in people]
    with ThreadPoolExecutor(KEEN) as threads:
        waiting = [
            threads.submit(until, lambda who=person, what=draft: who.identify(what).status_code != 503)
            for person, draft in zip(people, drafts, strict=True)
        ]
        for _ in range(3):
            site.links.gone("dukcapil")
            assert people[0].identify(people[0].apply()).code in ("", "dukcapil_unavailable")
            site.links.heal("dukcapil")
        for each in waiting:
            each.result()
    assert [_verified(site, draft) for draft in drafts] == [1] * KEEN
