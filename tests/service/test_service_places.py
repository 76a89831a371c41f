"""Places: whom a lane serves, when a slot opens and ends, and what the office shows of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.service.person import OFFICE
from tests.service.places import PlaceBook

TUESDAY = "belakang_padang-20250204-morning"


@pytest.mark.parametrize(
    ("lane", "wanted", "code"),
    [
        ("online", {}, None),
        ("electronic", {"passport_type": "electronic"}, None),
        ("regular", {"passport_type": "regular"}, None),
        ("express", {"express": True}, None),
        ("regular", {"passport_type": "electronic"}, "wrong_lane"),
        ("online", {"express": True}, "wrong_lane"),
        ("express", {}, "wrong_lane"),
        ("apapo", {}, "wrong_lane"),
        ("priority", {}, "wrong_lane"),
    ],
)
def test_a_lane_serves_its_own_applications_alone(service, lane, wanted, code):
    """Either book online, each book its own lane, the express their own; the counter's lanes nobody from home."""
    slot = service.release(places=2, lane=lane)[0]
    person = service.person()
    refused = person.hold(person.prepare(**wanted), slot)
    assert (refused.status_code == 201) if code is None else (refused.json["error"]["code"] == code)


def test_a_full_lane_is_sold_out_whatever_the_others_have(service):
    """Places of a lane that the application may not use do not count as places for it."""
    slot = service.release(places=1)[0]
    service.release(places=5, lane="express")
    service.release(places=5, opens_at="2025-02-10T09:00:00+07:00")
    service.person().book(slot)
    late = service.person()
    assert late.hold(late.prepare(), slot).json["error"]["code"] == "sold_out"


def test_a_place_in_the_lane_of_the_book_keeps_the_office_from_being_sold_out(service):
    """A person with an electronic book may still choose that lane."""
    slot = service.release(places=1)[0]
    service.release(places=1, lane="electronic")
    service.person().book(slot)
    late = service.person()
    assert late.hold(late.prepare(), slot).json["error"]["code"] == "slot_full"


def test_where_one_book_is_sold_out_the_other_goes_on_being_sold(service):
    """And whoever wanted the first begins again for the other, beside the application that found no place."""
    regular, electronic = (service.release(places=1, lane=lane)[0] for lane in ("regular", "electronic"))
    service.person().book(regular, passport_type="regular", validity_years=5)
    person = service.person()
    wanted = person.prepare(passport_type="regular", validity_years=5)
    assert person.hold(wanted, regular).json["error"]["code"] == "sold_out"
    assert person.hold(wanted, electronic).json["error"]["code"] == "wrong_lane"
    assert person.hold(person.prepare(passport_type="electronic"), electronic).status_code == 201
    assert (service.free("regular"), service.free("electronic"), service.free()) == (0, 0, 0)


def test_a_crowd_for_both_books_gets_the_places_of_each_and_no_more(service):
    """Twelve at once for three regular and four electronic places: seven have one, each in the lane of their book."""
    slots = {lane: service.release(places=places, lane=lane) for lane, places in (("regular", 3), ("electronic", 4))}
    people = [service.person() for _ in range(12)]
    books = [("regular", "electronic")[number % 2] for number in range(12)]
    ready = [person.prepare(passport_type=book) for person, book in zip(people, books, strict=True)]

    def hold(number):
        tries = [people[number].hold(ready[number], slot, key=slot) for slot in slots[books[number]]]
        return any(answer.status_code == 201 for answer in tries)

    with ThreadPoolExecutor(12) as crowd:
        got = list(crowd.map(hold, range(12)))
    assert [sum(got[first::2]) for first in (0, 1)] == [3, 4]
    taken = PlaceBook().follow(service.events()).taken
    assert {lane: sum(taken[slot] for slot in slots[lane]) for lane in slots} == {"regular": 3, "electronic": 4}


@pytest.mark.parametrize(("lane", "told"), [("regular", "late_honoured"), ("electronic", "refund_ordered")])
def test_late_money_for_a_book_buys_a_place_of_that_book_alone(service, lane, told):
    """Where only the other book has places left the money goes back."""
    (slot,) = service.release(places=1, lane="regular")
    person = service.person()
    application = person.book(slot, passport_type="regular", validity_years=5)
    service.relay()
    code = person.see_code(application).json["billing_code"]
    amount_idr = service.simponi.bills[application].amount_idr
    service.clock.pass_s(7201)
    service.jobs.expire()
    service.person().book(slot, passport_type="regular", validity_years=5)
    service.release(places=1, lane=lane)
    assert service.call_back(code, "N" * 16, amount_idr).json == {"result": told}


def test_an_application_that_needs_the_interview_holds_nothing(service):
    """Lost passports and changes of data see the office first."""
    slot = service.release(places=1)[0]
    person = service.person()
    application = person.prepare(kind="DATA_CHANGE")
    assert person.hold(application, slot).json["error"]["code"] == "interview_first"
    assert service.free() == 1


def test_a_slot_ends_with_its_day_at_the_office(service):
    """Until midnight there it can be had; from then on it is neither shown nor given."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare()
    service.clock.pass_s(39 * 3600 - 1)
    fresh = service.log_in("warga1@contoh.example").json["token"]
    person.token = fresh
    assert service.free() == 1
    service.clock.pass_s(1)
    assert service.free() == 0
    assert person.hold(application, slot).json["error"]["code"] == "sold_out"


def test_an_unknown_slot_is_told_from_an_office_that_has_not_opened(service):
    """Before the first release every hold is too early; afterwards a wrong slot is a wrong request."""
    person = service.person()
    application = person.prepare()
    assert person.hold(application, TUESDAY).json["error"]["code"] == "not_open"
    service.release(places=1)
    assert person.hold(application, "nowhere").json["error"]["code"] == "invalid"


def test_late_money_gets_no_place_that_its_owner_may_not_use(service):
    """Express places, places not yet open and places of today are left alone: the money goes back."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.relay()
    code = person.see_code(application).json["billing_code"]
    service.clock.pass_s(7201)
    service.jobs.expire()
    service.person().book(slot)
    service.release(places=3, lane="express")
    service.release(places=3, lane="priority")
    service.release(places=3, opens_at="2025-03-03T09:00:00+07:00")
    assert service.call_back(code, "N" * 16).json == {"result": "refund_ordered"}


def test_the_nearest_office_comes_first(service):
    """By distance from where the caller is; without a position by name."""
    client = service.app.test_client()
    near_batam = client.get("/v1/offices?lat=1.13&lon=104.05").json["offices"]
    assert [office["office"] for office in near_batam[:3]] == ["batam", "belakang_padang", "tanjung_uban"]
    assert near_batam[0]["distance_km"] < 1 < near_batam[1]["distance_km"] < 25
    by_name = [office["name"] for office in client.get("/v1/offices").json["offices"]]
    assert by_name == sorted(by_name)
    assert {office["zone"] for office in near_batam} == {"WIB", "WITA", "WIT"}


@pytest.mark.parametrize("query", ["lat=1", "lat=91&lon=0", "lat=1&lon=x", "lat=1&lon=inf", "lat=1_0&lon=1"])
def test_a_position_is_two_numbers_of_degrees(service, query):
    """Half a position, or none on this earth: 422."""
    assert service.app.test_client().get(f"/v1/offices?{query}").status_code == 422


def test_the_calendar_says_open_full_and_not_open(service):
    """Green, red, and the days of a release to come; another month and another lane have none of these."""
    slots = [*service.release(places=1), *service.release(places=1)]
    service.release(places=2, days=1, opens_at="2025-02-10T09:00:00+07:00")
    service.person().book(slots[0])
    client = service.app.test_client()
    shown = client.get(f"/v1/offices/{OFFICE}/calendar").json
    assert shown["month"] == "2025-02"
    assert shown["days"] == [
        {"date": "2025-02-04", "status": "full", "free": 0},
        {"date": "2025-02-05", "status": "open", "free": 1},
        {"date": "2025-02-06", "status": "not_open", "free": 2},
    ]
    assert client.get(f"/v1/offices/{OFFICE}/calendar?month=2025-03").json["days"] == []
    assert client.get(f"/v1/offices/{OFFICE}/calendar?lane=express").json["days"] == []
    assert client.get(f"/v1/offices/{OFFICE}/calendar?month=2025-13").status_code == 422


def test_availability_shows_one_lane_and_its_next_opening(service):
    """Each lane by itself; `opens_at` is the next opening, or else the last."""
    service.release(places=2)
    service.release(places=3, lane="express", opens_at="2025-02-10T09:00:00+07:00")
    client = service.app.test_client()
    online = client.get(f"/v1/offices/{OFFICE}/availability").json
    express = client.get(f"/v1/offices/{OFFICE}/availability?lane=express").json
    assert (online["free"], online["open"], online["opens_at"]) == (2, True, "2025-02-03T00:00:00.000+07:00")
    assert (express["free"], express["open"], express["opens_at"]) == (3, False, "2025-02-10T09:00:00.000+07:00")
    assert [slot["slot"] for slot in express["slots"]] == [f"{TUESDAY}-express", f"{TUESDAY[:-7]}afternoon-express"]
    assert client.get(f"/v1/offices/{OFFICE}/availability?lane=fast").status_code == 422
