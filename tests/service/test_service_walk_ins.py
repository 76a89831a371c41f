"""Priority walk-ins: whom the counter receives today, and that making, placing and billing are one step."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.nik import Sex, birth_digits
from tests.service.person import OFFICE


def _clerk_sees(service, application):
    headers = {"Authorization": "Bearer off"}
    return service.app.test_client().get(f"/office/applications/{application}/billing", headers=headers)


def test_somebody_old_is_received_placed_and_billed_at_once(service):
    """A place of today's priority lane, and a code that the clerk reads and that can be paid."""
    slot = service.release(places=1, lane="priority")[0]
    received = service.walk_in()
    assert received.status_code == 201
    assert (received.json["slot"], received.json["state"]) == (slot, "BILLING_REQUESTED")
    assert slot == f"{OFFICE}-20250203-morning-priority"
    application = received.json["application_id"]
    assert _clerk_sees(service, application).status_code == 202
    service.relay()
    bill = _clerk_sees(service, application).json
    assert bill["amount_idr"] == 350_000
    assert service.call_back(bill["billing_code"], "N" * 16, amount_idr=350_000).json == {"result": "paid"}
    kinds = [event["type"] for event in service.events() if event.get("application_id") == application]
    assert kinds[:4] == ["application_created", "identity_verified", "held", "billing_requested"]
    assert kinds[-1] == "paid"


def test_the_same_key_receives_a_person_once(service):
    """Sent twice, word for word the same; with somebody else's identity it is refused."""
    service.release(places=3, lane="priority")
    first = service.walk_in(key="k")
    service.dukcapil.refusal = ErrorCode.DUKCAPIL_UNAVAILABLE
    assert service.walk_in(key="k").data == first.data
    assert service.walk_in(2, key="k").json["error"]["code"] == "key_reused"
    assert service.free("priority") == 2


def test_only_today_counts_at_the_counter(service):
    """Priority places of tomorrow and places of other lanes are not for who stands here now."""
    service.release(places=1, lane="priority")
    service.release(places=5, lane="priority")
    service.release(places=5)
    assert service.walk_in(1).status_code == 201
    assert service.walk_in(2).json["error"]["code"] == "sold_out"
    assert service.free("priority") == 5


def test_a_crowd_of_clerks_gives_each_place_once(service):
    """Twelve people at the counters for four places: four are received."""
    service.release(places=4, lane="priority")
    with ThreadPoolExecutor(12) as clerks:
        answers = list(clerks.map(service.walk_in, range(1, 13)))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 8
    assert len(service.events("held")) == len(service.events("billing_requested")) == 4
    assert service.pending()["outbox"] == 4


@pytest.mark.parametrize(
    ("ground", "born", "sex", "served"),
    [
        ("over_60", "1965-02-03", "male", False),
        ("over_60", "1965-02-02", "male", True),
        ("over_60", "1980-01-01", "male", False),
        ("under_5", "2020-02-04", "female", True),
        ("under_5", "2020-02-03", "female", False),
        ("pregnant", "1995-05-05", "female", True),
        ("pregnant", "1995-05-05", "male", False),
        ("disabled", "1995-05-05", "male", True),
    ],
)
def test_the_ground_is_held_against_the_birth_date(service, ground, born, sex, served):
    """Over sixty and under five on the day; what cannot be seen from the papers is the clerk's to judge."""
    service.release(places=1, lane="priority")
    digits = birth_digits(date.fromisoformat(born), Sex(sex))
    answer = service.walk_in(ground=ground, birth_date=born, sex=sex, nik=f"997101{digits}0001")
    assert answer.status_code == (201 if served else 422)
    assert served or answer.json["error"]["code"] == "not_eligible"


def test_a_child_gets_no_book_for_ten_years(service):
    """The rule of age holds at the counter too."""
    service.release(places=1, lane="priority")
    refused = service.walk_in(ground="under_5", birth_date="2022-01-01", nik="9971010101220001", validity_years=10)
    assert refused.json["error"]["code"] == "not_eligible"


def test_whom_dukcapil_does_not_know_is_not_received(service):
    """No application, no place, no event."""
    service.release(places=1, lane="priority")
    service.dukcapil.refusal = ErrorCode.IDENTITY_INVALID
    assert service.walk_in().json["error"]["code"] == "identity_invalid"
    assert service.free("priority") == 1
    assert service.events("application_created") == []


def test_somebody_with_a_booking_is_not_received_again(service):
    """One live booking a person, over every way in."""
    service.release(places=2, lane="priority")
    assert service.walk_in(1, key="a").status_code == 201
    assert service.walk_in(1, key="b").json["error"]["code"] == "already_booked"
    assert service.free("priority") == 1


@pytest.mark.parametrize("token", ["", "adm", "wrong"])
def test_the_counter_opens_to_clerks_alone(service, token):
    """Another token, or none: 401."""
    assert service.walk_in(token=token).json["error"]["code"] == "wrong_token"


def test_without_an_office_token_the_counter_is_closed(start):
    """An empty token is nobody's, not everybody's."""
    service = start(MPASPOR_OFFICE_TOKEN="")
    assert service.walk_in(token="").json["error"]["code"] == "wrong_token"


def test_a_clerk_sees_no_codes_of_people_who_booked_from_home(service):
    """To the counter their applications do not exist."""
    application = service.person().book(service.release(places=1)[0])
    assert _clerk_sees(service, application).json["error"]["code"] == "unknown_application"


def test_a_code_that_never_came_is_final_at_the_counter_too(service):
    """410, and the place goes back."""
    service.release(places=1, lane="priority")
    application = service.walk_in().json["application_id"]
    service.clock.pass_s(901)
    service.relay()
    assert _clerk_sees(service, application).json["error"]["code"] == "billing_failed"
    assert service.free("priority") == 1
