"""The waiting room: people come in at the pace set, in the order declared, each once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.domain.waiting_room import Pace

OPENS = "2025-02-03T09:00:10+07:00"


def _at_two_a_second(start, order):
    service = start(MPASPOR_WAITING_ROOM=order, MPASPOR_WAITING_ROOM_RATE="2")
    return service, service.release(places=40, opens_at=OPENS)[0]


def _positions(service, kind):
    return [event["position"] for event in service.events(kind) if "position" in event]


def test_people_come_in_in_the_order_of_their_arrival(start):
    """First come, first in: nobody before the opening, then two a second, and the trail tells it in that order."""
    service, _ = _at_two_a_second(start, "fifo")
    people = [service.person() for _ in range(6)]
    tickets = [person.join_queue().json for person in people]
    assert [(ticket["position"], ticket["ahead"]) for ticket in tickets] == [(n + 1, n) for n in range(6)]
    assert not any(ticket["admitted"] for ticket in tickets)
    service.clock.pass_s(10)
    for seconds in range(3):
        seen = [person.see_queue(ticket["ticket"]) for person, ticket in zip(people, tickets, strict=True)]
        expected = min(1 + 2 * seconds, 6)
        assert [place["admitted"] for place in seen] == [True] * expected + [False] * (6 - expected)
        assert [place["ahead"] for place in seen[expected:]] == list(range(6 - expected))
        service.clock.pass_s(1)
    people[5].see_queue(tickets[5]["ticket"])
    assert _positions(service, "queue_admitted") == [1, 2, 3, 4, 5, 6]


def test_a_hold_needs_the_ticket_of_somebody_let_in(start):
    """Without a ticket, with one whose turn is to come, with somebody else's: 409 queue_first, and no trace."""
    service, slot = _at_two_a_second(start, "fifo")
    first, second = service.person(), service.person()
    applications = [first.prepare(), second.prepare()]
    tickets = [first.join_queue().json["ticket"], second.join_queue().json["ticket"]]
    service.clock.pass_s(10)
    refused = [
        first.hold(applications[0], slot),
        second.hold(applications[1], slot, ticket=tickets[1]),
        second.hold(applications[1], slot, ticket=tickets[0]),
    ]
    assert {answer.json["error"]["code"] for answer in refused} == {"queue_first"}
    assert first.hold(applications[0], slot, ticket=tickets[0]).status_code == 201
    service.clock.pass_s(0.5)
    assert second.hold(applications[1], slot, ticket=tickets[1]).status_code == 201
    held = [event["type"] for event in service.events("queue_admitted", "held")]
    assert held == ["queue_admitted", "held", "queue_admitted", "held"]


def test_whoever_is_booked_moves_into_an_opening_in_their_turn_like_anybody(start):
    """Without a ticket of it 409; the same key again is answered as before; whom the office sends away needs none."""
    service = start(MPASPOR_WAITING_ROOM="fifo", MPASPOR_WAITING_ROOM_RATE="2")
    early = service.release(places=4, days=2)
    booked, sent_away = service.person(), service.person()
    paid = []
    for person, slot in zip((booked, sent_away), early, strict=False):
        ticket = person.join_queue().json["ticket"]
        service.clock.pass_s(1)
        application = person.prepare()
        assert person.hold(application, slot, ticket=ticket).status_code == 201
        person.ask_code(application)
        service.relay()
        service.call_back(person.see_code(application).json["billing_code"], f"{person.number:016}")
        paid.append(application)
    later = service.release(places=40, days=5, opens_at=OPENS)[-1]
    service.clock.turn_to(OPENS)
    for person in (booked, sent_away):
        person.renew_session()
    assert booked.reschedule(paid[0], later).json["error"]["code"] == "queue_first"
    ticket = booked.join_queue().json["ticket"]
    service.clock.pass_s(1)
    assert booked.reschedule(paid[0], later, ticket=ticket).status_code == 200
    assert booked.reschedule(paid[0], later).status_code == 200
    assert service.grant_moves("2025-02-04").json == {"applications": 1}
    assert sent_away.reschedule(paid[1], later).status_code == 200


def test_a_person_has_one_ticket_an_opening(start):
    """Joining again, even ten times at once, gives the same ticket."""
    service, _ = _at_two_a_second(start, "fifo")
    person = service.person()
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: person.join_queue(), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json["ticket"] for answer in answers}) == 1
    assert _positions(service, "queue_joined") == [1]


@pytest.mark.parametrize("order", ["fifo", "lottery"])
@pytest.mark.parametrize("before_s", [0, 11])
def test_a_crowd_gets_every_position_once(start, order, before_s):
    """Twenty people at the same moment, before the opening or after it: 1 to 20, none twice."""
    service, _ = _at_two_a_second(start, order)
    people = [service.person() for _ in range(20)]
    service.clock.pass_s(before_s)
    with ThreadPoolExecutor(20) as crowd:
        tickets = [answer.json["ticket"] for answer in crowd.map(lambda person: person.join_queue(), people)]
    service.clock.pass_s(30)
    with ThreadPoolExecutor(20) as crowd:
        seen = list(crowd.map(lambda pair: pair[0].see_queue(pair[1]), zip(people, tickets, strict=True)))
    assert sorted(place["position"] for place in seen) == list(range(1, 21))
    assert all(place["admitted"] for place in seen)
    assert _positions(service, "queue_admitted") == list(range(1, 21))


def test_lots_decide_among_those_who_came_before_the_opening(start):
    """No position until then; those who come later stand behind all of them, in the order of their arrival."""
    service, _ = _at_two_a_second(start, "lottery")
    early = [service.person() for _ in range(12)]
    tickets = [person.join_queue().json for person in early]
    assert {(ticket["position"], ticket["ahead"], ticket["admitted"]) for ticket in tickets} == {(None, None, False)}
    service.clock.pass_s(10)
    late = [service.person().join_queue().json["position"] for _ in range(2)]
    assert late == [13, 14]
    drawn = [person.see_queue(ticket["ticket"])["position"] for person, ticket in zip(early, tickets, strict=True)]
    assert sorted(drawn) == list(range(1, 13))
    # One order of arrival in 479 million draws.
    assert drawn != list(range(1, 13))


def test_an_idle_door_saves_nothing_up(start):
    """Ten minutes in which nobody came do not let a crowd in at once."""
    service, _ = _at_two_a_second(start, "fifo")
    service.clock.pass_s(610)
    admitted = [service.person().join_queue().json["admitted"] for _ in range(5)]
    assert admitted == [True, False, False, False, False]


def test_the_pace_is_the_wall_clocks(start):
    """A service whose clock runs a hundred times as fast lets in no more people a second."""
    assert Pace(rate=2, scale=100).step_ns == 50 * 10**9
    epoch = str(1_738_548_000)
    service = start(
        MPASPOR_WAITING_ROOM="fifo",
        MPASPOR_WAITING_ROOM_RATE="2",
        MPASPOR_CLOCK_SCALE="100",
        MPASPOR_CLOCK_EPOCH=epoch,
    )
    service.release(places=4)
    first, second = service.person(), service.person()
    assert first.join_queue().json["admitted"]
    ticket = second.join_queue().json
    assert (ticket["admitted"], ticket["retry_after_s"]) == (False, 1)
    service.clock.pass_s(0.49)
    assert not second.see_queue(ticket["ticket"])["admitted"]
    service.clock.pass_s(0.01)
    assert second.see_queue(ticket["ticket"])["admitted"]


def test_a_ticket_of_an_earlier_opening_does_not_let_into_the_next(start):
    """Each opening has its own room; a later ticket still opens the places of the earlier one."""
    service, slot = _at_two_a_second(start, "fifo")
    old, new = service.person(), service.person()
    old_application, new_application = old.prepare(), new.prepare()
    service.clock.pass_s(10)
    old_ticket = old.join_queue().json["ticket"]
    next_slot = service.release(places=4, opens_at="2025-02-03T09:01:00+07:00")[0]
    service.clock.pass_s(60)
    new_ticket = new.join_queue().json["ticket"]
    assert old.hold(old_application, next_slot, ticket=old_ticket).json["error"]["code"] == "queue_first"
    assert old.hold(old_application, slot, ticket=old_ticket).status_code == 201
    assert new.hold(new_application, slot, ticket=new_ticket).status_code == 201


def test_off_everybody_is_let_in(service):
    """A ticket is admitted at once, and a hold needs none."""
    slot = service.release(places=2)[0]
    people = [service.person() for _ in range(3)]
    assert all(person.join_queue().json["admitted"] for person in people)
    assert people[0].hold(people[0].prepare(), slot).status_code == 201


def test_a_room_without_an_opening_cannot_be_joined(service):
    """409 not_open where nothing was announced; 404 for no such office and for somebody else's ticket."""
    person, other = service.person(), service.person()
    assert person.join_queue().json["error"]["code"] == "not_open"
    assert person.call("POST", "/v1/offices/oslo/queue").json["error"]["code"] == "unknown_office"
    service.release(places=1)
    ticket = person.join_queue().json["ticket"]
    assert other.call("GET", f"/v1/queue/{ticket}").json["error"]["code"] == "unknown_ticket"


def test_the_service_tells_its_time(start):
    """What a client needs to turn its own time into the service's."""
    service = start(MPASPOR_CLOCK_SCALE="360", MPASPOR_CLOCK_EPOCH="1738548000")
    service.clock.pass_s(10)
    answer = service.app.test_client().get("/v1/clock").json
    assert answer == {"now": "2025-02-03T10:00:00.000+07:00", "scale": 360.0}


def test_the_service_may_live_on_another_day(start):
    """Ten seconds before the tariff of PP 45/2024, at the wall clock's pace: the fees change with its midnight."""
    epoch, tariff = "1738548000", "1734368400"  # Monday 3 February 2025 09:00, Tuesday 17 December 2024 00:00 WIB
    service = start(MPASPOR_CLOCK_EPOCH=epoch, MPASPOR_CLOCK_START=str(int(tariff) - 10))
    client = service.app.test_client()
    service.clock.pass_s(9)
    assert client.get("/v1/clock").json == {"now": "2024-12-16T23:59:59.000+07:00", "scale": 1.0}
    assert client.get("/v1/fees").json["regulation"] == "PP 28/2019"
    service.clock.pass_s(1)
    assert client.get("/v1/fees").json["regulation"] == "PP 45/2024"
    assert service.person()  # codes and sessions are the wall clock's
