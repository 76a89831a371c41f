"""Two at the same moment: the same key twice, money and a booking, two relays."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from mock_mpaspor.store import places
from mock_mpaspor.store.outbox import REFUNDS, Outbox
from mock_mpaspor.web.parts import EXTENSION
from tests.service.house import Service
from tests.service.person import Person

NTPN = "A1B2C3D4E5F6G7H8"
OTHER_NTPN = "H8G7F6E5D4C3B2A1"
AT_ONCE = 6

# In SQLite writers follow each other: these paths cannot cross there.
side_by_side = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def _ready_to_hold(service: Service, person: Person) -> Callable[[], TestResponse]:
    slot, application = service.release(places=3)[0], person.prepare()
    return lambda: person.hold(application, slot)


def _ready_for_a_code(service: Service, person: Person) -> Callable[[], TestResponse]:
    application = person.prepare()
    assert person.hold(application, service.release(places=3)[0]).status_code == 201
    return lambda: person.ask_code(application)


def _ready_to_move(service: Service, person: Person) -> Callable[[], TestResponse]:
    slots = service.release(places=6, days=3)
    application = person.pay_for(slots[2])
    return lambda: person.reschedule(application, slots[4])


def _ready_to_cancel(service: Service, person: Person) -> Callable[[], TestResponse]:
    application = person.book(service.release(places=3)[0])
    return lambda: person.cancel(application)


def _ready_for_a_number(service: Service, person: Person) -> Callable[[], TestResponse]:
    slot = service.release(places=3, lane="apapo")[0]
    return lambda: person.queue_up(slot)


def _ready_at_the_counter(service: Service, person: Person) -> Callable[[], TestResponse]:
    service.release(places=3, lane="priority")
    return service.walk_in


@pytest.mark.parametrize(
    "ready",
    [
        _ready_to_hold,
        _ready_for_a_code,
        _ready_to_move,
        _ready_to_cancel,
        _ready_for_a_number,
        _ready_at_the_counter,
    ],
)
def test_the_same_request_sent_many_times_at_once_is_one(service, ready):
    """On every route with a key: each gets the same success, and the trail is that of one."""
    send = ready(service, service.person())
    before = len(service.events())
    barrier = threading.Barrier(AT_ONCE)

    def at_once(_number: int) -> TestResponse:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(at_once, range(AT_ONCE)))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}, [answer.text for answer in answers]
    assert len({answer.data for answer in answers}) == 1
    kinds = [event["type"] for event in service.events()[before:]]
    assert kinds
    assert len(kinds) == len(set(kinds))


@side_by_side
def test_late_money_that_meets_a_new_booking_goes_back(service, monkeypatch):
    """Somebody books again while their late money is being placed: one live booking, and no error for SIMPONI."""
    slots = service.release(places=4)
    person = service.person()
    application = person.book(slots[0])
    service.relay()
    service.clock.pass_s(7200)
    service.jobs.expire()
    again = person.prepare()
    really = places.has_live_booking
    answers: list[TestResponse] = []

    def has_live_booking(*words: object) -> bool:
        found = really(*words)
        if not answers:
            with ThreadPoolExecutor(1) as other:
                answers.append(other.submit(person.hold, again, slots[1]).result())
        return found

    monkeypatch.setattr(places, "has_live_booking", has_live_booking)
    told = service.call_back(service.simponi.bills[application].billing_code, NTPN)
    assert answers[0].status_code == 201
    assert told.json == {"result": "refund_ordered"}
    assert service.free() == 3


def test_a_refund_that_two_relays_sent_is_written_down_once(service):
    """While one process takes over from another both may have sent it; SIMPONI did it once, and so says the trail."""
    person = service.person()
    application = person.pay_for(service.release(places=1)[0])
    service.call_back(service.simponi.bills[application].billing_code, NTPN)
    database, clock = service.jobs.database, service.jobs.relay._clock
    message = Outbox(database, clock, REFUNDS).due(10, ())[0]
    service.relay()
    service.app.extensions[EXTENSION].payments.refunded(message)
    assert len(service.events("refunded")) == 1


def _states(person: Person, application: str) -> list[str]:
    return [str(entry["state"]) for entry in person.status(application)["timeline"]]  # type: ignore[attr-defined]


def test_the_timeline_of_somebody_who_paid_twice_ends_as_paid(service):
    """The second money goes back; the application, and what its owner reads, stays paid."""
    person = service.person()
    application = person.pay_for(service.release(places=1)[0])
    service.call_back(service.simponi.bills[application].billing_code, NTPN)
    service.relay()
    assert service.events("refunded")
    assert _states(person, application)[-1] == person.status(application)["state"] == "PAID"


def test_the_timeline_of_late_money_shows_no_hold_that_never_was(service):
    """From expired to paid, in one step."""
    person = service.person()
    application = person.book(service.release(places=1)[0])
    service.relay()
    service.clock.pass_s(7200)
    service.jobs.expire()
    service.call_back(service.simponi.bills[application].billing_code, NTPN)
    assert _states(person, application)[-3:] == ["AWAITING_PAYMENT", "EXPIRED", "PAID"]


@pytest.mark.parametrize("path", ["queue", "ticket"])
def test_somebody_whose_account_is_gone_is_told_so(service, path):
    """A session of an account that the database does not know opens nothing, and is no reason to try again."""
    slot = service.release(places=1, lane="apapo" if path == "ticket" else "online")[0]
    sessions = service.app.extensions[EXTENSION].sessions
    stranger = Person(service, 99, sessions.issue("f" * 16)[0])
    answer = stranger.join_queue() if path == "queue" else stranger.queue_up(slot)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthenticated")
