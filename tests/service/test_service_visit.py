"""The visit as SIMKIM tells of it: followed to the passport in the hand, or to a rejection."""

import pytest

from tests.service.visiting import TO_READY, state_of, states_of


def test_a_visit_is_followed_to_the_passport_in_the_hand(office, paid):
    """Each line of SIMKIM's feed moves the application once, with an event, however often it is read."""
    person, application = paid
    office.simkim.decide(application, *TO_READY, "collected")
    for _ in range(2):
        office.hear_office()
    assert states_of(person, application)[-7:] == [
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
    assert state_of(person, application) == "SHIPPED"


def test_a_rejection_forfeits_the_fee(office, paid):
    """Rejected after the interview: nothing is refunded."""
    person, application = paid
    office.simkim.decide(application, "checked_in", "interviewed", "rejected")
    office.hear_office()
    assert state_of(person, application) == "REJECTED"
    assert office.events("refund_ordered") == []


def test_lines_that_move_nothing_are_passed_over(office, paid, caplog):
    """An unknown case, an unknown step, a step that is not the next: said in the log, and what follows counts."""
    person, application = paid
    office.simkim.decide("nobody", "checked_in")
    office.simkim.decide(application, "danced", "ready", "checked_in")
    office.hear_office()
    assert state_of(person, application) == "CHECKED_IN"
    assert caplog.text.count("moves nothing") == 3


def test_a_feed_longer_than_a_page_is_read_to_its_end(office, paid):
    """One turn reads all pages."""
    person, application = paid
    office.simkim.decide("nobody", *["checked_in"] * 700)
    office.simkim.decide(application, "checked_in")
    office.hear_office()
    assert state_of(person, application) == "CHECKED_IN"


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
    assert state_of(person, application) == state
    if state == "DOCS_UPLOADED":
        person.hold(application, office.release(places=1)[0])
        person.ask_code(application)
        assert person.status(application)["amount_idr"] == 950_000 + 1_000_000 * surcharge
