"""Invariant 9: no two applications share a payment code."""

from loket.verdict import CheckVerdict


def test_holds_when_every_application_has_its_own_code(story):
    """Two applications, two codes, the same at the gateway."""
    story.booked("a1", "81").booked("a2", "82").bill("81", "a1").bill("82", "a2")
    result = story.check(9)
    assert (result.verdict, result.examined, result.note) == (CheckVerdict.HOLDS, 2, "")


def test_a_code_issued_again_to_its_own_application_is_no_breach(story):
    """A repeated event is not a shared code."""
    assert story.issued("a1", "81").issued("a1", "81").check(9).verdict is CheckVerdict.HOLDS


def test_fires_when_the_service_gives_one_code_to_two_applications(story):
    """The witness is both issues."""
    result = story.issued("a1", "81").issued("a2", "81").check(9)
    assert result.violation_count == 1
    [violation] = result.violations
    assert violation.sentence == "Payment code 81 was given to 2 applications: a1, a2."
    assert violation.witness == (
        "0.000 s  service #1: bill_issued (application a1, billing_code 81, amount 650000)",
        "1.000 s  service #2: bill_issued (application a2, billing_code 81, amount 650000)",
    )


def test_fires_when_the_gateway_knows_the_code_under_another_application(story):
    """The witness has the gateway's bill beside the service's event."""
    result = story.issued("a1", "81").bill("81", "a2").check(9)
    assert result.verdict is CheckVerdict.VIOLATED
    assert result.violations[0].witness[1] == "1.000 s  gateway: bill 81 for a2, 650000, in the end open"


def test_works_by_the_events_alone_and_says_so(story):
    """Bills that are missing or unread narrow the check, visibly."""
    result = story.issued("a1", "81").bill("81", "a2").unread("bills").check(9)
    assert result.verdict is CheckVerdict.HOLDS
    assert result.note == "by the service's events alone: the gateway's bills were not read"


def test_is_unknown_when_no_code_was_issued(story):
    """A vacuous run proves nothing."""
    result = story.held("a1").check(9)
    assert (result.verdict, result.note) == (CheckVerdict.UNKNOWN, "no payment code was ever issued")
