"""Deadlines of days and months on a fast clock."""

import pytest

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.courier import LONGEST_WAIT_S
from tests.service.cast import MONDAY_09_WIB, NS
from tests.service.visiting import ENDS, state_of

SCALE = 3600


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
    assert state_of(person, application) == "EXPIRED"


@ENDS
def test_on_a_fast_clock_days_and_months_are_kept_to_their_second(fast, reach):
    """A day, a week and a month pass in seconds of the wall clock, each to the second of the service's."""
    person = fast.person()
    application = person.pay_for(fast.release(places=8, days=2)[0])
    fast.tell_office()
    lasts_s, state, _ = reach(fast, application)
    before = state_of(person, application)
    _pass(fast, lasts_s - 1)
    fast.hear_office()
    assert state_of(person, application) == before
    _pass(fast, 1)
    fast.hear_office()
    assert state_of(person, application) == state


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
