"""What SIMKIM is told, in which order, and what it costs nobody that it does not answer."""

import pytest

from mock_mpaspor.breaker import FAILURES_TO_OPEN
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S
from tests.service.visiting import DAY_S, TUESDAY_OVER_S, state_of, until


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
        until(lambda: len(office.simkim.cases) == 2)
        office.simkim.decide(applications[0], "checked_in")
        until(lambda: office.events("checked_in"))
        office.clock.pass_s(TUESDAY_OVER_S)
        until(lambda: office.events("forfeited"))
        until(lambda: office.simkim.withdrawn == [applications[1]])
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
    assert state_of(person, application) == "PAID"


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
