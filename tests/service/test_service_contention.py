"""The two processes on one SQLite file: both write all the time, and neither ever shows the other's lock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

PEOPLE = 16


@pytest.fixture
def working_jobs(service) -> Iterator[None]:
    """The jobs of the service run on their own threads and connections, as their process does."""
    loops = service.jobs.loops()
    for loop in loops:
        loop.start()
    yield
    for loop in loops:
        loop.stop()


def _book_and_pay(service, person, slot: str) -> list[int]:
    """One person's whole path beside all others; the status of every answer."""
    application = person.apply()
    answers = [person.identify(application)]
    answers += [person.upload(application, kind=kind) for kind in person.missing(application)]
    answers += [person.hold(application, slot), person.ask_code(application)]
    while (seen := person.see_code(application)).status_code == 202:
        answers.append(seen)
    answers += [seen, service.call_back(seen.json["billing_code"], f"{person.number:016}")]
    return [answer.status_code for answer in answers]


@pytest.mark.usefixtures("working_jobs")
def test_a_burst_beside_busy_jobs_meets_no_locked_database(service, caplog):
    """People book and pay at once while the relay and expiry write: every answer a success, every place paid."""
    slots = service.release(places=2 * PEOPLE)
    people = [service.person() for _ in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as crowd:
        paths = [crowd.submit(_book_and_pay, service, person, slots[person.number % 2]) for person in people]
        statuses = [status for path in paths for status in path.result()]
    assert set(statuses) <= {200, 201, 202}
    assert len(service.events("paid")) == PEOPLE
    assert "locked" not in caplog.text
    assert "failed" not in caplog.text
