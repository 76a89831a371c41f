"""What ends by itself when people do not come, to its second, and what must not be held against them."""

import threading

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S
from tests.service.visiting import DAY_S, ENDS, TO_READY, TUESDAY_OVER_S, left_incomplete, state_of


def test_a_passport_that_is_to_be_posted_waits_for_the_office(office, paid):
    """A month after it was ready nothing ends; it is sent when the office gets to it."""
    person, application = paid
    person.choose_delivery(application, "post", "Jalan Contoh 1, Batam")
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    office.clock.pass_s(60 * DAY_S)
    office.hear_office()
    assert state_of(person, application) == "READY"
    office.simkim.decide(application, "shipped")
    office.hear_office()
    assert state_of(person, application) == "SHIPPED"


@ENDS
def test_what_is_over_ends_at_its_second_and_not_before(office, paid, reach):
    """The second before, nothing; at the deadline the end, its event, and a withdrawal for SIMKIM."""
    person, application = paid
    lasts_s, state, reason = reach(office, application)
    before = state_of(person, application)
    office.clock.pass_s(lasts_s - 1)
    office.hear_office()
    assert state_of(person, application) == before
    office.clock.pass_s(1)
    office.hear_office()
    assert state_of(person, application) == state
    (ended,) = office.events("forfeited", "cancelled")
    assert (ended["application_id"], ended["reason"]) == (application, reason)
    assert office.events("released", "refund_ordered") == []
    office.tell_office()
    assert office.simkim.withdrawn == [application]


@ENDS
def test_a_back_office_that_is_away_forfeits_nobody(office, paid, reach):
    """What SIMKIM has decided meanwhile is not known: only once its feed was read past the deadline is it over."""
    person, application = paid
    lasts_s, state, _ = reach(office, application)
    before = state_of(person, application)
    office.clock.pass_s(lasts_s - 1)
    office.hear_office()
    office.simkim.failure = AttemptFailure.TIMEOUT
    office.clock.pass_s(5 * DAY_S)
    office.hear_office()
    assert state_of(person, application) == before
    office.simkim.failure = None
    office.clock.pass_s(LONGEST_WAIT_S)
    office.hear_office()
    assert state_of(person, application) == state


def test_whoever_the_office_did_not_know_in_time_has_not_missed_the_day(office):
    """SIMKIM took no cases until the day was over, although its feed was read: nobody could have checked in."""
    person = office.person()
    application = person.pay_for(office.release(places=8, days=2)[0])
    office.simkim.failure = AttemptFailure.HTTP_5XX
    office.tell_office()
    office.clock.pass_s(TUESDAY_OVER_S)
    office.simkim.failure = None
    office.hear_office()
    assert state_of(person, application) == "PAID"
    office.clock.pass_s(LONGEST_WAIT_S)
    office.tell_office()
    assert application in office.simkim.cases
    office.hear_office()
    assert state_of(person, application) == "PAID"


def test_whoever_came_in_time_is_not_forfeited_by_a_feed_read_late(office, paid):
    """The check-in of the day stands in the feed, and is read before the absent are forfeited."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S - 3600)
    office.simkim.decide(application, "checked_in")
    office.clock.pass_s(5 * DAY_S)
    office.hear_office()
    assert state_of(person, application) == "CHECKED_IN"


def test_a_file_that_was_completed_is_not_forfeited(office, paid):
    """The missing papers came on the sixth day."""
    person, application = paid
    left_incomplete(office, application)
    office.clock.pass_s(6 * DAY_S)
    office.simkim.decide(application, "interviewed")
    office.clock.pass_s(2 * DAY_S)
    office.hear_office()
    assert state_of(person, application) == "INTERVIEWED"


def test_whoever_was_sent_away_by_the_office_does_not_miss_the_day(office, paid):
    """A special reschedule holds until it is used; then the new day counts."""
    person, application = paid
    office.grant_moves("2025-02-04")
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    assert state_of(person, application) == "PAID"
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    assert person.reschedule(application, slot).status_code == 200
    office.tell_office()
    office.clock.pass_s(10 * DAY_S)
    office.hear_office()
    assert state_of(person, application) == "FORFEITED"


def test_a_fault_that_is_found_out_the_day_after_forfeits_nobody(office, paid):
    """The server was down, all were forfeited at midnight: granted in the morning, they are paid again, and come."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    assert state_of(person, application) == "FORFEITED"
    office.tell_office()
    office.clock.pass_s(8 * 3600)
    assert office.grant_moves("2025-02-04").json == {"applications": 1}
    assert office.grant_moves("2025-02-04").json == {"applications": 1}
    assert state_of(person, application) == "PAID"
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    person.renew_session()
    assert person.reschedule(application, slot).status_code == 200
    office.tell_office()
    assert office.simkim.told[-1] == application
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    assert state_of(person, application) == "READY"
    told = [(event["type"], event.get("reason")) for event in office.events("reinstated", "move_granted")]
    assert told == [("reinstated", "server_offline")]
    places = [event["type"] for event in office.events("held", "released")]
    assert places == ["held", "released", "held"]


def test_a_move_that_is_never_made_ends_after_a_month(office, paid):
    """Nobody stays paid for ever: a month after the day, to the second, it counts as missed after all."""
    person, application = paid
    office.grant_moves("2025-02-04", application_id=application, reason="missing_data")
    office.clock.pass_s(TUESDAY_OVER_S + 30 * DAY_S - 1)
    office.hear_office()
    assert state_of(person, application) == "PAID"
    office.clock.pass_s(1)
    office.hear_office()
    assert state_of(person, application) == "FORFEITED"
    assert [event["reason"] for event in office.events("move_granted", "forfeited")] == ["missing_data", "no_show"]


def test_a_fault_of_an_officer_concerns_one_person(office, paid):
    """Named, the others of the day get nothing; somebody of another day is not of this one."""
    _, application = paid
    other = office.person()
    others = other.pay_for(office.release(places=8, days=2, lane="online")[1])
    assert office.grant_moves("2025-02-04", application_id="nobody's").json == {"applications": 0}
    assert office.grant_moves("2025-02-03", application_id=application).json == {"applications": 0}
    assert office.grant_moves("2025-02-04", application_id=application, reason="officer_error").json == {
        "applications": 1
    }
    assert others not in [event["application_id"] for event in office.events("move_granted")]


def test_whoever_booked_anew_after_a_missed_day_is_not_booked_twice(office, paid):
    """They have what they need; the fee of the missed day stays forfeited."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    person.renew_session()
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    assert person.hold(person.prepare(), slot).status_code == 201
    assert office.grant_moves("2025-02-04").json == {"applications": 0}
    assert state_of(person, application) == "FORFEITED"


def test_an_absent_applicant_may_apply_anew(office, paid):
    """The fee is gone, and no passport comes of it; the person is not shut out."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    person.renew_session()
    assert person.choose_delivery(application, "collect").json["error"]["code"] == "wrong_state"
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    assert person.hold(person.prepare(), slot).status_code == 201


def test_a_check_in_and_the_end_of_the_day_side_by_side_agree(office, paid):
    """The tracker and the sweep at once, again and again: exactly one of the two moves the application."""
    _, application = paid
    office.clock.pass_s(TUESDAY_OVER_S - 1)
    office.simkim.decide(application, "checked_in")
    office.clock.pass_s(1)
    gate = threading.Barrier(2)

    def run(step):
        gate.wait(10)
        step()

    threads = [
        threading.Thread(target=run, args=(step,))
        for step in (office.jobs.office.tracker.step, office.jobs.office.forfeits.sweep)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.hear_office()
    assert len(office.events("checked_in", "forfeited")) == 1
    assert office.events("checked_in")
