"""The worst wins: the order of the verdicts, and the code of each."""

import pytest

from loket.verdict import EXIT_CODES, USAGE_ERROR, WORST_FIRST, Word, worst


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (set(), Word.HELD),
        ({Word.BROKEN}, Word.BROKEN),
        ({Word.BROKEN, Word.INVALID}, Word.INVALID),
        ({Word.INVALID, Word.UNHEALED}, Word.UNHEALED),
        ({Word.UNHEALED, Word.WRONG, Word.BROKEN}, Word.WRONG),
        ({Word.INTERRUPTED, Word.BROKEN, Word.INVALID}, Word.INTERRUPTED),
        ({Word.INTERRUPTED, Word.UNHEALED}, Word.UNHEALED),
        ({Word.INTERRUPTED, Word.WRONG}, Word.WRONG),
    ],
)
def test_the_worst_of_what_was_found_is_the_verdict(words: set[Word], expected: Word) -> None:
    """An invariant outweighs everything; a figure from half a run outweighs nothing."""
    assert worst(words) is expected


def test_every_verdict_has_its_place_and_a_code_of_its_own() -> None:
    """CI tells them apart by the code alone, and none is taken for a usage error."""
    assert set(WORST_FIRST) == set(Word) == set(EXIT_CODES)
    assert len(set(EXIT_CODES.values())) == len(Word)
    assert USAGE_ERROR not in EXIT_CODES.values()
