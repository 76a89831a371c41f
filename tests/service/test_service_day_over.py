"""When the day of a place is over nobody has it any more: not by a slow hold, not at the counter, not for money."""

from collections.abc import Callable

import pytest

from mock_mpaspor.web.parts import EXTENSION
from tests.service.house import Service

BEFORE_MIDNIGHT = "2025-02-04T23:59:59+07:00"
AFTER_MIDNIGHT = "2025-02-05T00:00:00+07:00"
NTPN = "A1B2C3D4E5F6G7H8"


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """People do not log in again when days have passed."""
    return start(MPASPOR_SESSION_S="10000000")


def _at_midnight(service: Service, monkeypatch: pytest.MonkeyPatch, part: object, step: str) -> None:
    """Before midnight now; and midnight strikes as `part` has done this step."""
    service.clock.turn_to(BEFORE_MIDNIGHT)
    really = getattr(part, step)

    def slowly(*words: object, **named: object) -> object:
        done = really(*words, **named)
        service.clock.turn_to(AFTER_MIDNIGHT)
        return done

    monkeypatch.setattr(part, step, slowly)


def test_a_hold_that_takes_until_midnight_gets_no_place_of_the_day_before(service, monkeypatch):
    """Judged before midnight, committed after it: the hold is judged again."""
    slot = service.release(places=1)[0]
    person = service.person()
    application = person.prepare()
    _at_midnight(service, monkeypatch, service.app.extensions[EXTENSION].holds, "_judge")
    assert person.hold(application, slot).json["error"]["code"] == "sold_out"
    assert not service.events("held")


def test_a_number_that_takes_until_midnight_is_not_given_for_the_day_before(service, monkeypatch):
    """Looked at before midnight, taken after it."""
    slot = service.release(places=1, lane="apapo")[0]
    person = service.person()
    _at_midnight(service, monkeypatch, service.app.extensions[EXTENSION].applicants, "link")
    assert person.queue_up(slot).json["error"]["code"] == "sold_out"
    assert not service.events("held")


def test_a_walk_in_that_takes_until_midnight_gets_no_place_of_the_day_before(service, monkeypatch):
    """Who waits for other clerks until midnight is received on the new day, which has no place."""
    service.release(places=4, days=2, lane="priority")
    _at_midnight(service, monkeypatch, service.app.extensions[EXTENSION].applicants, "link")
    assert service.walk_in().json["error"]["code"] == "sold_out"
    assert not service.events("held")


def _unpaid_at_midnight(service, places, days):
    """Somebody with a code for a place of the day that ends now: the person, the application, the code."""
    slot = service.release(places=places, days=days)[0]
    service.clock.turn_to("2025-02-04T23:30:00+07:00")
    person = service.person()
    application = person.book(slot)
    service.relay()
    return person, application, service.simponi.bills[application].billing_code


def test_a_code_is_payable_until_the_day_of_its_place_is_over(service):
    """Two hours, or less where the day is shorter: nobody is asked to pay for a day that is gone."""
    person, application, _ = _unpaid_at_midnight(service, places=2, days=1)
    assert person.see_code(application).json["pay_before"] == "2025-02-05T00:00:00.000+07:00"
    service.clock.turn_to(BEFORE_MIDNIGHT)
    assert service.jobs.expire() == 0
    service.clock.turn_to(AFTER_MIDNIGHT)
    assert service.jobs.expire() == 1
    assert person.status(application)["state"] == "EXPIRED"


def test_money_for_a_day_that_is_over_gets_another_day(service):
    """Told of it before the expiry came round, the service does not sell yesterday: the place moves on."""
    person, application, code = _unpaid_at_midnight(service, places=6, days=3)
    service.clock.turn_to(AFTER_MIDNIGHT)
    assert service.call_back(code, NTPN).json == {"result": "late_honoured"}
    seen = person.status(application)
    assert (seen["state"], seen["slot"]) == ("PAID", "belakang_padang-20250206-morning")
    kinds = [(event["type"], event.get("reason")) for event in service.events()]
    assert kinds[-6:-1] == [
        ("expired", None),
        ("released", "expired"),
        ("late_payment", None),
        ("held", "late_payment"),
        ("paid", "late_honoured"),
    ]


def test_money_for_the_last_day_of_all_goes_back(service):
    """No other day has a place: the money is refunded."""
    person, application, code = _unpaid_at_midnight(service, places=1, days=1)
    service.clock.turn_to(AFTER_MIDNIGHT)
    assert service.call_back(code, NTPN).json == {"result": "refund_ordered"}
    assert person.status(application)["state"] == "REFUND_DUE"
    assert person.status(application)["slot"] is None


def test_a_number_is_cancelled_until_its_day_begins(service):
    """On the day its holder may be at the office already, and what the office decides must count."""
    slot = service.release(places=4, lane="apapo")[0]
    one, other = service.person(), service.person()
    first, second = (each.queue_up(slot).json["application_id"] for each in (one, other))
    service.clock.turn_to("2025-02-03T23:59:59+07:00")
    assert one.cancel(first).status_code == 200
    service.clock.turn_to("2025-02-04T00:00:00+07:00")
    assert other.cancel(second).json["error"]["code"] == "wrong_state"
    assert service.free("apapo") == 3
