"""docs/invariants.md and the registry say the same."""

from pathlib import Path

import pytest

from loket.audit.checks import CHECKS

DOCUMENT = Path(__file__).parents[2] / "docs" / "invariants.md"


def rows() -> dict[int, list[str]]:
    """Number → name, promise, sources, status, as the document's table has them."""
    table = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {int(row[0]): row[1:] for row in cells if row[0].isdigit()}


def test_lists_all_twenty():
    """No invariant is missing from the document."""
    assert sorted(rows()) == list(range(1, 21))


def test_what_is_called_checked_is_what_the_registry_holds():
    """Neither a check without a row nor a row without a check."""
    assert {number for number, row in rows().items() if row[3].startswith("checked")} == set(CHECKS)


@pytest.mark.parametrize("number", CHECKS)
def test_a_row_repeats_its_check(number):
    """Name, promise, sources and file are the registry's own."""
    check = CHECKS[number]
    module = check.examine.__module__.rsplit(".", 1)[-1]
    sources = ", ".join(check.sources)
    assert rows()[number] == [check.name, check.promise, sources, f"checked: `{module}.py`"]


def test_a_check_is_filed_under_its_own_number():
    """The registry's keys are the checks' numbers."""
    assert all(check.number == number for number, check in CHECKS.items())
