"""Moving an appointment: once by its owner until the day before, and once more after a fault of the office."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.service.places import PlaceBook

# Released on Monday, so the first day is Tuesday, 4 February 2025; two places a session.
DAYS = 3
MIDNIGHT_S = 15 * 3600


@pytest.fixture
def slots(service):
    """Tuesday morning and afternoon, Wednesday, Thursday."""
    return service.release(places=4 * DAYS, days=DAYS)


@pytest.fixture
def paid(service, slots):
    """Somebody who has paid for Tuesday morning: the person and the application."""
    person = service.person()
    return person, person.pay_for(slots[0])


def _code(answer):
    return answer.json["error"]["code"]


def test_a_paid_appointment_is_moved_in_one_step(service, slots, paid):
    """The new place is taken and the old one given back, told as released and held under the new key."""
    person, application = paid
    moved = person.reschedule(application, slots[2], key="move")
    assert (moved.status_code, moved.json) == (
        200,
        {"application_id": application, "slot": slots[2], "state": "PAID"},
    )
    released, held = service.events()[-2:]
    assert (released["type"], released["slot"], released["reason"]) == ("released", slots[0], "rescheduled")
    assert (held["type"], held["slot"], held["reason"], held["key"]) == ("held", slots[2], "rescheduled", "move")
    assert held["applicant"] == service.events("held")[0]["applicant"]
    assert service.free() == 4 * DAYS - 1
    assert person.status(application)["slot"] == slots[2]
    assert [entry["state"] for entry in person.status(application)["timeline"]][-2:] == ["AWAITING_PAYMENT", "PAID"]


def test_a_move_sent_twice_moves_once(service, slots, paid):
    """The same key gets the same answer, word for word; with another slot it is refused."""
    person, application = paid
    first, second = (person.reschedule(application, slots[2], key="move") for _ in range(2))
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert len(service.events("held")) == 2
    assert _code(person.reschedule(application, slots[3], key="move")) == "key_reused"


def test_moves_sent_side_by_side_move_once(service, slots, paid):
    """Eight threads, one key: one move; eight threads, eight keys: none more, for one's own move is used up."""
    person, application = paid
    with ThreadPoolExecutor(8) as crowd:
        same = list(crowd.map(lambda _: person.reschedule(application, slots[2], key="move").status_code, range(8)))
        others = list(crowd.map(lambda n: _code(person.reschedule(application, slots[3], key=f"m{n}")), range(8)))
    assert set(same) == {200}
    assert set(others) == {"already_rescheduled"}
    assert len(service.events("held")) == 2
    assert service.free() == 4 * DAYS - 1


def test_an_appointment_is_moved_until_its_day_begins_and_not_a_second_longer(service, slots, paid):
    """The last second of Monday is in time; midnight, by the office's clock, is too late."""
    person, application = paid
    other = service.person()
    late = other.pay_for(slots[0])
    service.clock.pass_s(MIDNIGHT_S - 1)
    person.renew_session()
    assert person.reschedule(application, slots[2]).status_code == 200
    service.clock.pass_s(1)
    other.renew_session()
    assert _code(other.reschedule(late, slots[2])) == "too_late"
    assert other.status(late)["slot"] == slots[0]


def test_the_day_begins_in_the_zone_of_the_office(service):
    """Midnight in Kupang (WITA) comes an hour before midnight in Jakarta."""
    slots = service.release(places=8, days=2, office="kupang")
    person = service.person()
    application = person.pay_for(slots[0], office="kupang")
    service.clock.pass_s(MIDNIGHT_S - 3600)
    person.renew_session()
    assert _code(person.reschedule(application, slots[2])) == "too_late"


@pytest.mark.parametrize(
    ("choose", "status", "code"),
    [
        (lambda slots: slots[0], 422, "invalid"),
        (lambda slots: "nowhere", 422, "invalid"),
        (lambda slots: slots[1], 409, "slot_full"),
    ],
)
def test_a_move_that_cannot_be_made_leaves_everything_as_it_was(service, slots, paid, choose, status, code):
    """Where it is already, to a slot that is not there, to one that is full."""
    person, application = paid
    for _ in range(2):
        service.person().book(slots[1])
    refused = person.reschedule(application, choose(slots))
    assert (refused.status_code, _code(refused)) == (status, code)
    assert person.status(application)["slot"] == slots[0]
    assert service.events("released") == []


def test_a_full_office_says_so(service):
    """`sold_out` where no other slot has a place either."""
    slots = service.release(places=2, days=1)
    person = service.person()
    application = person.pay_for(slots[0])
    service.person().book(slots[1])
    assert _code(person.reschedule(application, slots[1])) == "sold_out"


def test_a_slot_that_is_not_open_yet_is_no_way_out(service, slots, paid):
    """A release announced for later takes moved appointments from its opening on."""
    later = service.release(places=2, opens_at="2025-02-03T09:30:00+07:00")[0]
    person, application = paid
    assert _code(person.reschedule(application, later)) == "not_open"
    service.clock.pass_s(1800)
    assert person.reschedule(application, later).status_code == 200


@pytest.mark.parametrize("lane", ["express", "apapo", "priority", "regular"])
def test_an_appointment_stays_in_its_lane(service, slots, paid, lane):
    """A place of another lane is not for this application."""
    other = service.release(places=2, lane=lane)[0]
    person, application = paid
    assert _code(person.reschedule(application, other)) == "wrong_lane"


def test_what_is_not_paid_is_not_moved(service, slots):
    """Before the payment one cancels and books again."""
    person = service.person()
    assert _code(person.reschedule(person.book(slots[0]), slots[2])) == "wrong_state"


def test_a_fault_of_the_office_gives_one_more_move_even_on_the_day(service, slots, paid):
    """Granted to the day's applicants alone, used once; one's own move is not touched by it."""
    person, application = paid
    elsewhere = service.person()
    untouched = elsewhere.pay_for(slots[2])
    service.clock.pass_s(MIDNIGHT_S + 10 * 3600)
    assert service.grant_moves("2025-02-04").json == {"applications": 1}
    person.renew_session()
    elsewhere.renew_session()
    assert _code(person.reschedule(application, slots[1])) == "too_late"
    assert person.reschedule(application, slots[3], key="free").status_code == 200
    assert person.reschedule(application, slots[4], key="own").status_code == 200
    assert _code(person.reschedule(application, slots[5], key="third")) == "already_rescheduled"
    assert elsewhere.reschedule(untouched, slots[4]).status_code == 200


def test_a_special_move_granted_twice_is_one(service, slots, paid):
    """An administrator who repeats the request gives nothing more."""
    person, application = paid
    for _ in range(2):
        assert service.grant_moves("2025-02-04").json == {"applications": 1}
    keys = ["free", "own", "third"]
    answers = [person.reschedule(application, slot, key=key) for slot, key in zip(slots[2:5], keys, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 200, 409]


def test_special_moves_are_the_administrators(service):
    """Another token opens nothing; an office that does not exist has no day."""
    wanted = {"office": "kupang", "date": "2025-02-04", "reason": "force_majeure"}
    assert service.admin("POST", "/admin/special-reschedules", token="aud", json=wanted).status_code == 401
    assert service.grant_moves("9999-12-31").status_code == 422
    assert service.grant_moves("0001-01-01").status_code == 422
    nowhere = {**wanted, "office": "oslo"}
    assert service.admin("POST", "/admin/special-reschedules", json=nowhere).status_code == 422


def test_two_people_who_change_places_side_by_side_lose_none(service, slots):
    """Swaps in both directions at once: everybody moved has a place, and no slot gives out more than it has."""
    people = [service.person() for _ in range(4)]
    applications = [person.pay_for(slots[2 * (number % 2)]) for number, person in enumerate(people)]
    with ThreadPoolExecutor(4) as crowd:
        tries = [
            crowd.submit(person.reschedule, application, slots[2 * ((number + 1) % 2)])
            for number, (person, application) in enumerate(zip(people, applications, strict=True))
        ]
        statuses = [answer.result().status_code for answer in tries]
    assert set(statuses) <= {200, 409}
    assert service.free() == 4 * DAYS - 4
    held = [person.status(application)["slot"] for person, application in zip(people, applications, strict=True)]
    assert all(held.count(slot) <= 2 for slot in slots)


def test_a_whole_day_that_moves_at_once_is_given_no_place_twice(service):
    """Eight people of a day that was called off and five places after it: five move, and three keep what they have."""
    friday = service.release(places=8, days=1)
    people = [service.person() for _ in range(8)]
    paid = [(person, person.pay_for(friday[number % 2])) for number, person in enumerate(people)]
    monday = service.release(places=5, days=1)
    assert service.grant_moves("2025-02-04").json == {"applications": 8}

    def move(number):
        person, application = paid[number]
        return any(person.reschedule(application, slot).status_code == 200 for slot in monday)

    with ThreadPoolExecutor(8) as crowd:
        moved = list(crowd.map(move, range(8)))
    standing = [person.status(application) for person, application in paid]
    assert {one["state"] for one in standing} == {"PAID"}
    assert [one["slot"] in monday for one in standing] == moved
    assert (moved.count(True), sum(one["slot"] in friday for one in standing)) == (5, 3)
    assert service.free() == 5
    PlaceBook().follow(service.events())


def test_a_number_in_the_counter_queue_is_moved_only_by_a_fault_of_the_office(service):
    """It is another number of another day, in the same lane, and still nothing to pay beforehand."""
    tuesday, _, wednesday, _ = service.release(places=8, days=2, lane="apapo")
    person = service.person()
    ticket = person.queue_up(tuesday).json["application_id"]
    service.person().queue_up(wednesday)
    assert _code(person.reschedule(ticket, wednesday)) == "wrong_state"
    service.grant_moves("2025-02-04")
    assert person.reschedule(ticket, wednesday).json["state"] == "QUEUED"
    status = person.status(ticket)
    assert (status["queue_number"], status["slot"]) == (2, wednesday)
    assert status["timeline"][-1]["state"] == "QUEUED"
