"""A visit to the office in tests: where somebody stands, and how an application reaches each of its ends."""

import time

import pytest

DAY_S = 86_400
PATIENCE_S = 30.0
# It is Monday, nine o'clock; the first appointments are on Tuesday, which is over so many seconds later.
TUESDAY_OVER_S = 15 * 3600 + DAY_S
TO_READY = ("checked_in", "interviewed", "adjudication", "printing", "ready")


def state_of(person, application):
    person.renew_session()
    return person.status(application)["state"]


def until(condition):
    """Poll until the condition holds; fail where it does not in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never held"
        time.sleep(0.02)


def states_of(person, application):
    person.renew_session()
    return [entry["state"] for entry in person.status(application)["timeline"]]


def no_show(office, application):
    return TUESDAY_OVER_S, "FORFEITED", "no_show"


def left_incomplete(office, application):
    office.simkim.decide(application, "checked_in", "incomplete")
    office.hear_office()
    return 7 * DAY_S, "FORFEITED", "incomplete"


def not_collected(office, application):
    office.simkim.decide(application, *TO_READY)
    office.hear_office()
    return 30 * DAY_S, "CANCELLED", "uncollected"


ENDS = pytest.mark.parametrize("reach", [no_show, left_incomplete, not_collected])
