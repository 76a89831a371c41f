"""The counter queue: numbers for people whom the registry knows, and nothing for robots."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.limits import WRONG_IDENTITIES


def test_a_ticket_is_a_number_and_a_place_without_a_payment(service):
    """QUEUED, shown to its owner with its number; held in the trail with its key, and no code is ordered."""
    slot = service.release(places=2, lane="apapo")[0]
    person = service.person()
    ticket = person.queue_up(slot, key="k").json
    assert (ticket["queue_number"], ticket["state"], ticket["slot"]) == (1, "QUEUED", slot)
    status = person.status(ticket["application_id"])
    assert (status["state"], status["queue_number"], status["slot"]) == ("QUEUED", 1, slot)
    assert [entry["state"] for entry in status["timeline"]] == ["DRAFT", "NIK_VERIFIED", "QUEUED"]
    (held,) = service.events("held")
    assert (held["reason"], held["key"], held["slot"]) == ("apapo", "k", slot)
    assert set(service.pending().values()) == {0}


def test_the_same_key_gets_the_same_ticket_and_another_person_none(service):
    """A replay needs no civil registry; the key with somebody else's identity is refused."""
    slot = service.release(places=4, lane="apapo")[0]
    person = service.person()
    first = person.queue_up(slot, key="k")
    service.dukcapil.refusal = ErrorCode.DUKCAPIL_UNAVAILABLE
    assert person.queue_up(slot, key="k").data == first.data
    other = person.queue_up(slot, key="k", nik="9971014203909999")
    assert (other.status_code, other.json["error"]["code"]) == (422, "key_reused")
    assert service.free("apapo") == 3


def test_numbers_of_a_day_are_sequential_over_its_sessions_and_begin_anew_the_next_day(service):
    """1, 2, 3 in the order of the tickets, whichever session; the next day begins at 1."""
    morning, afternoon, next_morning, _ = service.release(places=8, days=2, lane="apapo")
    numbers = [service.person().queue_up(slot).json["queue_number"] for slot in (morning, afternoon, morning)]
    assert numbers == [1, 2, 3]
    assert service.person().queue_up(next_morning).json["queue_number"] == 1


def test_a_rush_for_numbers_gives_each_once_and_no_place_twice(service):
    """Twenty people for six places: six numbers without a gap, fourteen definite refusals."""
    morning, afternoon = service.release(places=6, lane="apapo")
    people = [service.person() for _ in range(20)]
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda p: p.queue_up((morning, afternoon)[p.number % 2]), people))
    granted = sorted(answer.json["queue_number"] for answer in answers if answer.status_code == 201)
    assert granted == [1, 2, 3, 4, 5, 6]
    refused = {answer.json["error"]["code"] for answer in answers if answer.status_code != 201}
    assert refused <= {"slot_full", "sold_out"}
    assert service.free("apapo") == 0


@pytest.mark.parametrize(("places", "code"), [(2, "slot_full"), (1, "sold_out")])
def test_a_full_session_says_whether_the_other_has_a_number(service, places, code):
    """As a hold does, within the lane."""
    slot = service.release(places=places, lane="apapo")[0]
    service.release(places=9)
    assert service.person().queue_up(slot).status_code == 201
    assert service.person().queue_up(slot).json["error"]["code"] == code


def test_a_ticket_is_refused_before_the_opening_and_in_any_other_lane(service):
    """409 not_open, 409 wrong_lane, 422 for no slot at all; nobody asks Dukcapil for these."""
    early = service.release(places=1, lane="apapo", opens_at="2025-02-10T09:00:00+07:00")[0]
    online = service.release(places=1)[0]
    person = service.person()
    codes = [person.queue_up(slot).json["error"]["code"] for slot in (early, online, "nowhere")]
    assert codes == ["not_open", "wrong_lane", "invalid"]
    assert service.dukcapil.asked == []


def test_an_applicant_with_a_booking_gets_no_number(service):
    """One live booking a person, over every way in."""
    slot = service.release(places=2, lane="apapo")[0]
    person = service.person()
    person.book(service.release(places=1)[0])
    assert person.queue_up(slot).json["error"]["code"] == "already_booked"


def test_one_person_pressing_everywhere_at_once_gets_one_number(service):
    """Ten tickets for the same NIK from ten accounts at the same moment: one."""
    slot = service.release(places=20, lane="apapo")[0]
    identity = service.person().identity
    people = [service.person() for _ in range(10)]
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda p: p.queue_up(slot, **identity), people))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert service.free("apapo") == 19


def test_robots_get_five_numbers_an_account_however_many_they_ask_for(service):
    """Two accounts ask for 4,000 people each, in small: five each, and the quota stays with the others."""
    slot = service.release(places=200, lane="apapo")[0]
    for _ in range(2):
        robot = service.person()
        answers = [robot.queue_up(slot, nik=f"99710{robot.number}420390{serial:04}") for serial in range(1, 41)]
        assert [answer.status_code for answer in answers] == [201] * 5 + [409] * 35
        assert answers[-1].json["error"]["code"] == "too_many_applicants"
    assert len(service.events("held")) == 10


def test_robots_that_invent_people_get_nothing(service):
    """Whom Dukcapil does not know has no number, and a NIK that contradicts itself does not even reach Dukcapil."""
    slot = service.release(places=5, lane="apapo")[0]
    robot = service.person()
    for birth_date in ("1991-03-02", "2090-03-02"):
        assert robot.queue_up(slot, birth_date=birth_date).json["error"]["code"] == "identity_invalid"
    assert service.dukcapil.asked == []
    service.dukcapil.refusal = ErrorCode.IDENTITY_INVALID
    answers = [robot.queue_up(slot, nik=f"997101420390{serial:04}") for serial in range(1, 31)]
    codes = [answer.json["error"]["code"] for answer in answers]
    assert codes == ["identity_invalid"] * WRONG_IDENTITIES.number + ["too_many_attempts"] * 20
    assert service.free("apapo") == 5
    assert service.events("held", "application_created", "identity_verified") == []
