"""Booking: from the draft to the passport's place paid for, and every way in which a hold is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_a_person_gets_from_a_draft_to_paid(service):
    """The whole line once: each step moves the state, and the timeline tells them in order."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    assert person.see_code(application).status_code == 202
    service.relay()
    bill = person.see_code(application).json
    assert bill["amount_idr"] == 950_000
    assert bill["pay_before"] == "2025-02-03T11:00:00.000+07:00"
    assert service.call_back(bill["billing_code"], "N" * 16).json == {"result": "paid"}
    status = person.status(application)
    assert (status["state"], status["label"], status["slot"]) == ("PAID", "Sudah Terbayar", slot)
    states = [entry["state"] for entry in status["timeline"]]
    assert states == [
        "DRAFT",
        "NIK_VERIFIED",
        "DOCS_UPLOADED",
        "SLOT_HELD",
        "BILLING_REQUESTED",
        "AWAITING_PAYMENT",
        "PAID",
    ]
    assert set(service.pending().values()) == {0}


def test_a_hold_sent_twice_holds_one_place(service):
    """The same key and payload get the stored answer, word for word."""
    (slot,) = service.release(places=2, days=1)[:1]
    person = service.person()
    application = person.prepare()
    first, second = (person.hold(application, slot, key="k") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert len(service.events("held")) == 1
    assert service.free() == 1


def test_a_key_used_for_another_payload_is_refused(service):
    """Another slot, or the billing request, under a used key: 422 and no effect."""
    morning, afternoon = service.release(places=2)
    person = service.person()
    application = person.prepare()
    person.hold(application, morning, key="k")
    for refused in (person.hold(application, afternoon, key="k"), person.ask_code(application, key="k")):
        assert (refused.status_code, refused.json["error"]["code"]) == (422, "key_reused")
    assert person.status(application)["state"] == "SLOT_HELD"
    assert service.free() == 1


def test_a_replay_survives_the_last_place_going(service):
    """A client that lost its answer gets it even when the office is sold out by then."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare()
    assert person.hold(application, slot).status_code == 201
    assert service.free() == 0
    assert person.hold(application, slot).status_code == 201


def test_a_billing_request_sent_twice_orders_one_code(service):
    """The same key gets the same answer; the outbox has one message."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    assert person.ask_code(application).status_code == 202
    assert service.pending()["outbox"] == 1


@pytest.mark.parametrize(("places", "code"), [(2, "slot_full"), (1, "sold_out")])
def test_a_full_slot_says_whether_another_has_a_place(service, places, code):
    """`slot_full` while the office has a place elsewhere, `sold_out` when it has none; neither leaves a trace."""
    slot = service.release(places=places)[0]
    service.person().book(slot)
    late = service.person()
    application = late.prepare()
    refused = late.hold(application, slot)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, code)
    assert refused.json["error"]["definite"] is True
    assert late.status(application)["state"] == "DOCS_UPLOADED"
    assert len(service.events("held")) == 1


def test_nothing_can_be_held_before_the_opening(service):
    """Before `opens_at` a hold answers 409 not_open; at that instant it is granted."""
    (slot,) = service.release(places=1, opens_at="2025-02-03T09:00:10+07:00")
    person = service.person()
    application = person.prepare()
    service.clock.pass_s(9.999)
    assert person.hold(application, slot).json["error"]["code"] == "not_open"
    service.clock.pass_s(0.001)
    assert person.hold(application, slot).status_code == 201


def test_a_later_release_adds_days_and_leaves_the_first_open(service):
    """The second release continues after the last day of the first; each opens by itself."""
    first = service.release(places=4, days=2)
    second = service.release(places=4, days=2, opens_at="2025-02-10T09:00:00+07:00")
    assert len({*first, *second}) == 8
    assert max(first) < min(second)
    person = service.person()
    application = person.prepare()
    assert person.hold(application, second[0]).json["error"]["code"] == "not_open"
    assert person.hold(application, first[0]).status_code == 201


def test_an_applicant_has_one_live_booking(service):
    """A second application for the same NIK is refused while the first holds a place."""
    slots = service.release(places=2)
    person = service.person()
    person.book(slots[0])
    refused = person.hold(person.prepare(), slots[1])
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "already_booked")


@pytest.fixture
def burst(start: Callable) -> Callable:
    """Twenty people press the button at once for five places; the answers' codes."""

    def rush(**changes: str):
        service = start(**changes)
        slot = service.release(places=10)[0]
        people = [service.person() for _ in range(20)]
        applications = [person.prepare() for person in people]
        with ThreadPoolExecutor(20) as crowd:
            answers = list(crowd.map(lambda pair: pair[0].hold(pair[1], slot), zip(people, applications, strict=True)))
        return service, slot, [answer.status_code for answer in answers]

    return rush


def test_a_rush_never_gets_more_places_than_there_are(burst):
    """Twenty threads, five places: five holds, fifteen definite refusals, in the events too."""
    service, slot, statuses = burst()
    assert sorted(statuses) == [201] * 5 + [409] * 15
    assert len([event for event in service.events("held") if event["slot"] == slot]) == 5


def test_the_planted_check_then_act_overbooks(burst):
    """M1: the same rush gives a place of the slot to more people than it has places."""
    service, slot, _ = burst(MPASPOR_DEFECTS="M1")
    assert len([event for event in service.events("held") if event["slot"] == slot]) > 5
