"""The visit: what SIMKIM is told and decides, and what ends by itself when people do not come."""

import threading
import time

import pytest

from mock_mpaspor.breaker import FAILURES_TO_OPEN
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S
from tests.service.cast import MONDAY_09_WIB, NS

DAY_S = 86_400
PATIENCE_S = 30.0
# It is Monday, nine o'clock; the first appointments are on Tuesday, which is over so many seconds later.
TUESDAY_OVER_S = 15 * 3600 + DAY_S
TO_READY = ("checked_in", "interviewed", "adjudication", "printing", "ready")
SCALE = 3600


@pytest.fixture
def office(start):
    """The service beside a SIMKIM."""
    return start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1")


@pytest.fixture
def paid(office):
    """Somebody with a paid appointment on Tuesday, known to SIMKIM: the person and the application."""
    person = office.person()
    application = person.pay_for(office.release(places=8, days=2)[0])
    office.tell_office()
    return person, application


def _state(person, application):
    person.renew_session()
    return person.status(application)["state"]


def _until(condition):
    """Poll until the condition holds; fail where it does not in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never held"
        time.sleep(0.02)


def _states(person, application):
    person.renew_session()
    return [entry["state"] for entry in person.status(application)["timeline"]]


def test_simkim_is_told_of_a_paid_appointment(office, paid):
    """Who comes, when, for what book, and what they will show; the NIK unsealed on its way and nowhere else."""
    person, application = paid
    case = office.simkim.cases[application]
    assert case.identity.nik == person.identity["nik"]
    assert (case.identity.name, case.office, case.channel) == (person.identity["name"], "belakang_padang", "online")
    assert (case.passport_type, case.validity_years) == ("electronic", 10)
    assert (case.appointment.date, case.appointment.session) == ("2025-02-04", "morning")
    assert case.appointment.pass_code == person.arrival_pass(application).json["pass_code"]
    assert set(office.pending().values()) == {0}
    assert person.identity["nik"] not in repr(case)


def test_simkim_is_told_of_a_moved_appointment_and_of_a_delivery(office, paid):
    """The case as it stands now, under the same name."""
    person, application = paid
    person.reschedule(application, "belakang_padang-20250205-afternoon")
    person.choose_delivery(application, "post", "Jalan Contoh 1")
    office.tell_office()
    office.tell_office()
    case = office.simkim.cases[application]
    assert (case.appointment.date, case.appointment.session) == ("2025-02-05", "afternoon")
    assert (case.delivery, case.address) == ("post", "Jalan Contoh 1")


def test_simkim_is_told_of_a_referral_and_of_its_withdrawal(office):
    """An interview comes without an appointment; cancelled, nobody is expected any more."""
    person = office.person()
    application = person.prepare(kind="REPLACEMENT", replaced="lost")
    assert person.refer(application).status_code == 200
    office.tell_office()
    assert office.simkim.cases[application].appointment is None
    person.cancel(application)
    office.tell_office()
    assert office.simkim.withdrawn == [application]


def test_a_number_in_the_counter_queue_is_known_at_the_office(office):
    """With its number, and withdrawn once it is cancelled."""
    slot = office.release(places=2, lane="apapo")[0]
    person = office.person()
    application = person.queue_up(slot).json["application_id"]
    office.tell_office()
    case = office.simkim.cases[application]
    assert (case.channel, case.queue_number) == ("apapo", 1)
    person.cancel(application)
    office.tell_office()
    assert office.simkim.withdrawn == [application]


def test_an_application_that_was_over_before_simkim_heard_of_it_is_only_withdrawn(office):
    """Messages of one application arrive in their order, and say how things are when they are sent."""
    person = office.person()
    application = person.queue_up(office.release(places=2, lane="apapo")[0]).json["application_id"]
    person.cancel(application)
    office.tell_office()
    assert office.simkim.told == []
    office.tell_office()
    assert office.simkim.withdrawn == [application]
    assert office.pending()["outbox"] == 0


def test_the_loops_carry_an_application_there_and_back(office):
    """On their own threads: the case reaches SIMKIM, its decision comes back, the absent are forfeited."""
    slots = office.release(places=8, days=2)
    present, absent = office.person(), office.person()
    loops = office.jobs.loops()
    for loop in loops:
        loop.start()
    try:
        applications = [person.pay_for(slots[0]) for person in (present, absent)]
        _until(lambda: len(office.simkim.cases) == 2)
        office.simkim.decide(applications[0], "checked_in")
        _until(lambda: office.events("checked_in"))
        office.clock.pass_s(TUESDAY_OVER_S)
        _until(lambda: office.events("forfeited"))
        _until(lambda: office.simkim.withdrawn == [applications[1]])
    finally:
        for loop in loops:
            loop.stop()


def test_without_a_back_office_nothing_is_left_to_tell(service):
    """No address of SIMKIM: no messages, and nobody is forfeited."""
    person = service.person()
    application = person.pay_for(service.release(places=1)[0])
    assert service.pending()["outbox"] == 0
    assert service.jobs.office is None
    service.clock.pass_s(40 * DAY_S)
    service.jobs.expire()
    assert _state(person, application) == "PAID"


@pytest.mark.parametrize("failure", [AttemptFailure.TIMEOUT, AttemptFailure.HTTP_5XX, AttemptFailure.REJECTED])
def test_simkim_is_told_once_it_answers_again_however_long_that_takes(office, failure):
    """Days of failures: the message is never given up, and a run that ends meanwhile counts it."""
    person = office.person()
    application = person.pay_for(office.release(places=1)[0])
    office.simkim.failure = failure
    for _ in range(3 * FAILURES_TO_OPEN):
        office.tell_office()
        office.clock.pass_s(3600)
    assert office.pending()["outbox"] == 1
    office.simkim.failure = None
    office.clock.pass_s(LONGEST_WAIT_S)
    office.tell_office()
    assert application in office.simkim.cases
    assert office.pending()["outbox"] == 0
    # SIMKIM's troubles are no attempts at a bill.
    assert office.events("bill_attempt_failed") == []


def test_a_simkim_that_hangs_keeps_no_code_back(office):
    """Every thread for SIMKIM waits, and codes come at once: it has threads of its own."""
    slots = office.release(places=40)
    for number in range(12):
        office.person().pay_for(slots[number % 2])
    office.simkim.hanging.set()
    office.jobs.office.relay.step()
    try:
        person = office.person()
        application = person.book(slots[0])
        office.relay()
        assert person.see_code(application).status_code == 200
    finally:
        office.simkim.hanging.clear()
        office.simkim.released.set()
    office.jobs.office.relay.settle()
    office.tell_office()
    assert len(office.simkim.cases) == 12


def test_a_visit_is_followed_to_the_passport_in_the_hand(office, paid):
    """Each line of SIMKIM's feed moves the application once, with an event, however often it is read."""
    person, application = paid
    office.simkim.decide(application, *TO_READY, "collected")
    for _ in range(2):
        office.hear_office()
    assert _states(person, application)[-7:] == [
        "PAID",
        "CHECKED_IN",
        "INTERVIEWED",
        "ADJUDICATION",
        "PRINTING",
        "READY",
        "COLLECTED",
    ]
    kinds = ("checked_in", "interviewed", "adjudication", "printing", "ready", "collected")
    assert [event["type"] for event in office.events(*kinds)] == list(kinds)
    # Whoever has a passport may apply anew.
    assert person.hold(person.prepare(), "belakang_padang-20250205-morning").status_code == 201


def test_a_passport_is_sent_by_post(office, paid):
    """Shipped is an end as well."""
    person, application = paid
    office.simkim.decide(application, *TO_READY, "shipped")
    office.hear_office()
    assert _state(person, application) == "SHIPPED"


def test_a_rejection_forfeits_the_fee(office, paid):
    """Rejected after the interview: nothing is refunded."""
    person, application = paid
    office.simkim.decide(application, "checked_in", "interviewed", "rejected")
    office.hear_office()
    assert _state(person, application) == "REJECTED"
    assert office.events("refund_ordered") == []


def test_lines_that_move_nothing_are_passed_over(office, paid, caplog):
    """An unknown case, an unknown step, a step that is not the next: said in the log, and what follows counts."""
    person, application = paid
    office.simkim.decide("nobody", "checked_in")
    office.simkim.decide(application, "danced", "ready", "checked_in")
    office.hear_office()
    assert _state(person, application) == "CHECKED_IN"
    assert caplog.text.count("moves nothing") == 3


def test_a_feed_longer_than_a_page_is_read_to_its_end(office, paid):
    """One turn reads all pages."""
    person, application = paid
    office.simkim.decide("nobody", *["checked_in"] * 700)
    office.simkim.decide(application, "checked_in")
    office.hear_office()
    assert _state(person, application) == "CHECKED_IN"


@pytest.mark.parametrize(
    ("line", "reason", "state", "surcharge"),
    [
        ("bap_approved", None, "DOCS_UPLOADED", True),
        ("bap_approved", "force_majeure", "DOCS_UPLOADED", False),
        ("bap_rejected", None, "REJECTED", True),
    ],
)
def test_the_interview_before_the_booking_is_heard(office, line, reason, state, surcharge):
    """Approved, the application may be booked, by force majeure without the surcharge; rejected, it is over."""
    person = office.person()
    application = person.prepare(kind="REPLACEMENT", replaced="lost")
    person.refer(application)
    office.simkim.decide(application, line, reason=reason)
    office.hear_office()
    assert _state(person, application) == state
    if state == "DOCS_UPLOADED":
        person.hold(application, office.release(places=1)[0])
        person.ask_code(application)
        assert person.status(application)["amount_idr"] == 950_000 + 1_000_000 * surcharge


def _no_show(office, application):
    return TUESDAY_OVER_S, "FORFEITED", "no_show"


def _left_incomplete(office, application):
    office.simkim.decide(application, "checked_in", "incomplete")
    office.hear_office()
    return 7 * DAY_S, "FORFEITED", "incomplete"


def _not_collected(office, application):
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    return 30 * DAY_S, "CANCELLED", "uncollected"


def test_a_passport_that_is_to_be_posted_waits_for_the_office(office, paid):
    """A month after it was ready nothing ends; it is sent when the office gets to it."""
    person, application = paid
    person.choose_delivery(application, "post", "Jalan Contoh 1, Batam")
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    office.clock.pass_s(60 * DAY_S)
    office.hear_office()
    assert _state(person, application) == "READY"
    office.simkim.decide(application, "shipped")
    office.hear_office()
    assert _state(person, application) == "SHIPPED"


ENDS = pytest.mark.parametrize("reach", [_no_show, _left_incomplete, _not_collected])


@ENDS
def test_what_is_over_ends_at_its_second_and_not_before(office, paid, reach):
    """The second before, nothing; at the deadline the end, its event, and a withdrawal for SIMKIM."""
    person, application = paid
    lasts_s, state, reason = reach(office, application)
    before = _state(person, application)
    office.clock.pass_s(lasts_s - 1)
    office.hear_office()
    assert _state(person, application) == before
    office.clock.pass_s(1)
    office.hear_office()
    assert _state(person, application) == state
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
    before = _state(person, application)
    office.clock.pass_s(lasts_s - 1)
    office.hear_office()
    office.simkim.failure = AttemptFailure.TIMEOUT
    office.clock.pass_s(5 * DAY_S)
    office.hear_office()
    assert _state(person, application) == before
    office.simkim.failure = None
    office.clock.pass_s(LONGEST_WAIT_S)
    office.hear_office()
    assert _state(person, application) == state


def test_whoever_the_office_did_not_know_in_time_has_not_missed_the_day(office):
    """SIMKIM took no cases until the day was over, although its feed was read: nobody could have checked in."""
    person = office.person()
    application = person.pay_for(office.release(places=8, days=2)[0])
    office.simkim.failure = AttemptFailure.HTTP_5XX
    office.tell_office()
    office.clock.pass_s(TUESDAY_OVER_S)
    office.simkim.failure = None
    office.hear_office()
    assert _state(person, application) == "PAID"
    office.clock.pass_s(LONGEST_WAIT_S)
    office.tell_office()
    assert application in office.simkim.cases
    office.hear_office()
    assert _state(person, application) == "PAID"


def test_whoever_came_in_time_is_not_forfeited_by_a_feed_read_late(office, paid):
    """The check-in of the day stands in the feed, and is read before the absent are forfeited."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S - 3600)
    office.simkim.decide(application, "checked_in")
    office.clock.pass_s(5 * DAY_S)
    office.hear_office()
    assert _state(person, application) == "CHECKED_IN"


def test_a_file_that_was_completed_is_not_forfeited(office, paid):
    """The missing papers came on the sixth day."""
    person, application = paid
    _left_incomplete(office, application)
    office.clock.pass_s(6 * DAY_S)
    office.simkim.decide(application, "interviewed")
    office.clock.pass_s(2 * DAY_S)
    office.hear_office()
    assert _state(person, application) == "INTERVIEWED"


def test_whoever_was_sent_away_by_the_office_does_not_miss_the_day(office, paid):
    """A special reschedule holds until it is used; then the new day counts."""
    person, application = paid
    office.grant_moves("2025-02-04")
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    assert _state(person, application) == "PAID"
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    assert person.reschedule(application, slot).status_code == 200
    office.tell_office()
    office.clock.pass_s(10 * DAY_S)
    office.hear_office()
    assert _state(person, application) == "FORFEITED"


def test_a_fault_that_is_found_out_the_day_after_forfeits_nobody(office, paid):
    """The server was down, all were forfeited at midnight: granted in the morning, they are paid again, and come."""
    person, application = paid
    office.clock.pass_s(TUESDAY_OVER_S)
    office.hear_office()
    assert _state(person, application) == "FORFEITED"
    office.tell_office()
    office.clock.pass_s(8 * 3600)
    assert office.grant_moves("2025-02-04").json == {"applications": 1}
    assert office.grant_moves("2025-02-04").json == {"applications": 1}
    assert _state(person, application) == "PAID"
    slot = office.release(places=8, days=3, opens_at="2025-02-05T00:00:00+07:00")[0]
    person.renew_session()
    assert person.reschedule(application, slot).status_code == 200
    office.tell_office()
    assert office.simkim.told[-1] == application
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    assert _state(person, application) == "READY"
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
    assert _state(person, application) == "PAID"
    office.clock.pass_s(1)
    office.hear_office()
    assert _state(person, application) == "FORFEITED"
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
    assert _state(person, application) == "FORFEITED"


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


@pytest.fixture
def fast(start):
    """Beside a SIMKIM, on a clock that runs an hour a second: from Monday, nine o'clock, on."""
    epoch = str(MONDAY_09_WIB // NS)
    return start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1", MPASPOR_CLOCK_SCALE=str(SCALE), MPASPOR_CLOCK_EPOCH=epoch)


def _pass(fast, seconds):
    """So many seconds of the service's clock pass, to the nanosecond of the wall's."""
    fast.clock.now_ns += -(-seconds * NS // SCALE)


def test_on_a_fast_clock_the_payment_deadline_is_two_hours_of_it(fast):
    """Two seconds of the wall clock; one second of the service's before, the code is still good."""
    person = fast.person()
    application = person.book(fast.release(places=2)[0])
    fast.relay()
    _pass(fast, 7199)
    assert fast.jobs.expire() == 0
    _pass(fast, 1)
    assert fast.jobs.expire() == 1
    assert _state(person, application) == "EXPIRED"


@ENDS
def test_on_a_fast_clock_days_and_months_are_kept_to_their_second(fast, reach):
    """A day, a week and a month pass in seconds of the wall clock, each to the second of the service's."""
    person = fast.person()
    application = person.pay_for(fast.release(places=8, days=2)[0])
    fast.tell_office()
    lasts_s, state, _ = reach(fast, application)
    before = _state(person, application)
    _pass(fast, lasts_s - 1)
    fast.hear_office()
    assert _state(person, application) == before
    _pass(fast, 1)
    fast.hear_office()
    assert _state(person, application) == state


def test_on_a_fast_clock_retries_keep_the_time_of_the_wall(fast):
    """A message that failed rests for two seconds at most of the wall clock, not for two of the service's."""
    person = fast.person()
    application = person.pay_for(fast.release(places=1)[0])
    fast.simkim.failure = AttemptFailure.HTTP_5XX
    fast.tell_office()
    fast.simkim.failure = None
    _pass(fast, int(LONGEST_WAIT_S))
    fast.tell_office()
    assert application not in fast.simkim.cases
    fast.clock.pass_s(LONGEST_WAIT_S)
    fast.tell_office()
    assert application in fast.simkim.cases
