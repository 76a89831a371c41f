"""Missing codes are told by how they went missing, before they are told one by one."""

import re
from pathlib import Path

from loket.report.patterns import patterns
from loket.verdict import MissingCode


def code(application: str, last_step: str = "billing_requested", waited_s: float | None = 9.0) -> MissingCode:
    """A code that never came while SIMPONI was silent."""
    return MissingCode(
        application_id=application,
        applicant=application,
        asked_s=20.0 + int(application),
        last_step=last_step,
        fate="never_issued",
        waited_s=waited_s,
        faults_active=("simponi_silent",),
    )


def test_codes_that_went_missing_the_same_way_are_one_pattern() -> None:
    """Two hundred people hurt in one way read as one line, with the first asking and the longest wait."""
    (pattern,) = patterns([code("3", waited_s=4.0), code("1", waited_s=None), code("2", waited_s=7.5)])
    assert (pattern.people, pattern.asked_s, pattern.longest_wait_s) == (3, 21.0, 7.5)
    assert (pattern.last_step, pattern.fate, pattern.faults) == (
        "billing_requested",
        "never_issued",
        ("simponi_silent",),
    )


def test_the_pattern_that_hurt_most_people_comes_first() -> None:
    """The reader begins where most of the harm was done."""
    found = patterns([code("1"), code("2", "bill_issued"), code("3", "bill_issued")])
    assert [(pattern.last_step, pattern.people) for pattern in found] == [("bill_issued", 2), ("billing_requested", 1)]


def test_no_wait_known_is_said_as_none() -> None:
    """A wait that nobody measured is not a wait of zero."""
    (pattern,) = patterns([code("1", waited_s=None)])
    assert pattern.longest_wait_s is None


def test_the_page_tells_each_pattern_with_its_people(wrong_report: Path) -> None:
    """The pattern's line stands in the report above the names."""
    html = wrong_report.read_text()
    assert html.index('data-pattern="') < html.index('data-missing="')
    people = [int(found) for found in re.findall(r'data-pattern="[^"]*" data-people="(\d+)"', html)]
    assert sum(people) == html.count('data-missing="') > 0
