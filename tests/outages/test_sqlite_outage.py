"""While another process holds SQLite's write lock: reading goes on, who writes is told `busy` and nothing was done."""

import sqlite3
from contextlib import closing

from tests.outages.crowd import asking, until
from tests.outages.site import Site


def test_while_nobody_may_write_people_read_and_are_told_busy(site: Site):
    """503 busy after the patience for the lock; the same key succeeds once, and codes asked for before come then."""
    person, other = site.people.person(), site.people.person()
    ready, asked = person.prepare(), other.prepare()
    assert other.hold(asked, site.slots[4]).status_code == 201
    site.links.gone("simponi")
    assert other.ask_code(asked).status_code == 202
    with closing(sqlite3.connect(site.folder / "mpaspor.db", isolation_level=None, timeout=30)) as neighbour:
        neighbour.execute("BEGIN IMMEDIATE")
        site.links.heal("simponi")
        free = site.people.free()
        with asking(lambda: person.hold(ready, site.slots[4]), people=2) as answers:
            assert site.healthy()
            assert person.status(ready)["state"] == "DOCS_UPLOADED"
            assert site.people.free() == free
            until(lambda: answers)
        assert {(answer.status_code, answer.code) for answer in answers} == {(503, "busy")}
        assert person.status(ready)["state"] == "DOCS_UPLOADED"
        assert other.see_code(asked).status_code == 202
        neighbour.execute("ROLLBACK")
    until(lambda: person.hold(ready, site.slots[4]).status_code == 201)
    until(lambda: other.see_code(asked).status_code == 200)
    assert [event["application_id"] for event in site.people.events("held")].count(ready) == 1
    assert site.places_conserved()
