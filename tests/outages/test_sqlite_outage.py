"""While SQLite's write lock is another's, or its disk takes nothing: reading goes on, and no write is lied about."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.outages.crowd import asking, until
from tests.outages.site import Site


@contextmanager
def _full_disk(site: Site) -> Iterator[None]:
    """No file grows meanwhile, nor takes a byte, from the service or its jobs; descriptors that are open stay so."""
    writers = (int(site.worker().name), site.parts["jobs"].pid)
    before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in writers]
    try:
        for pid, (_, hard) in zip(writers, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        yield
    finally:
        for pid, limits in zip(writers, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


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


def test_on_a_full_disk_people_read_and_no_write_is_confirmed(site: Site):
    """503 busy, or 500 where nobody can say; what was asked for before the disk was full comes once there is room."""
    person, other = site.people.person(), site.people.person()
    ready, asked = person.prepare(), other.prepare()
    assert other.hold(asked, site.slots[4]).status_code == 201
    site.links.gone("simponi")
    assert other.ask_code(asked).status_code == 202
    with _full_disk(site):
        site.links.heal("simponi")
        free = site.people.free()
        refused = [person.hold(ready, site.slots[4]) for _ in range(3)]
        assert {answer.status_code for answer in refused} <= {503, 500}
        assert all(answer.json["error"]["definite"] == (answer.status_code == 503) for answer in refused)
        assert site.healthy()
        assert person.status(ready)["state"] == "DOCS_UPLOADED"
        assert site.people.free() == free
        assert other.see_code(asked).status_code == 202
    until(lambda: person.hold(ready, site.slots[4]).status_code == 201)
    until(lambda: other.see_code(asked).status_code == 200)
    assert [event["application_id"] for event in site.people.events("held")].count(ready) == 1
    assert site.places_conserved()
