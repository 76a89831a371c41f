"""A history that cannot be trusted is never taken for silence."""

import pytest

from loket.audit.checks import CHECKS
from loket.verdict import CheckVerdict

FILES = {
    "events": "events.ndjson",
    "bills": "bills.ndjson",
    "ledger": "ledger.ndjson",
    "journal": "journal/operations-w1.ndjson",
}
NEEDS = [(number, source) for number, check in CHECKS.items() for source in check.sources]


@pytest.fixture
def sound(story):
    """A run in which every check holds."""
    story.opened("s1", 1).attempt("hold_slot", "ok", key="k1", application_id="a1").held("a1", key="k1")
    story.attempt("request_billing", "ok", key="k2", application_id="a1").asked("a1", key="k2")
    story.issued("a1", "81").bill("81", "a1", "paid").entry("debited", "81")
    return story.paid("a1", "81")


def test_every_check_holds_on_a_sound_run(sound):
    """No false alarm, and nothing left unexamined."""
    assert {result.number: result.verdict for result in sound.audit().checks} == dict.fromkeys(
        CHECKS, CheckVerdict.HOLDS
    )


@pytest.mark.parametrize(("number", "source"), NEEDS)
def test_is_not_checked_where_a_source_was_never_written(sound, number, source):
    """What nobody wrote down is said to be unchecked."""
    result = sound.without(FILES[source]).check(number)
    assert (result.verdict, result.note) == (CheckVerdict.NOT_CHECKED, f"there is no {source}")


@pytest.mark.parametrize(("number", "source"), [need for need in NEEDS if need[1] != "journal"])
def test_is_unknown_where_a_feed_was_not_read_to_its_end(sound, number, source):
    """Half a feed proves nothing."""
    result = sound.unread(source).check(number)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note == f"{source} were not read to their end: timed out"


@pytest.mark.parametrize(("number", "source"), NEEDS)
def test_is_unknown_where_the_last_line_is_cut_short(sound, number, source):
    """A torn line is named, with its file."""
    result = sound.torn(FILES[source]).check(number)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note.startswith(f"unreadable: {FILES[source].rsplit('/')[-1]}, line ")
    assert result.note.endswith(": cut short")


@pytest.mark.parametrize(("number", "source"), NEEDS)
def test_is_unknown_where_a_line_is_not_what_it_should_be(sound, number, source):
    """A complete line that is no row of its file is named, with the reason."""
    result = sound.torn(FILES[source], b'{"seq": "seven"}\n').check(number)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert "Object missing required field" in result.note or "Expected" in result.note


@pytest.mark.parametrize(("number", "source"), NEEDS)
def test_is_unknown_where_a_byte_is_no_text(sound, number, source):
    """One bad byte is named like any other bad line; it does not end the audit."""
    result = sound.torn(FILES[source], b'{"seq": 1, "step": "\xff"}\n').check(number)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note.startswith(f"unreadable: {FILES[source].rsplit('/')[-1]}, line ")


def test_events_out_of_order_are_unreadable(story):
    """A feed that was stitched together wrongly is not judged."""
    story.opened("s1", 1).held("a1")
    path = story.write().events_file
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    [result] = [result for result in story.audit_again().checks if result.number == 1]
    assert (result.verdict, result.note) == (
        CheckVerdict.UNKNOWN,
        "unreadable: events.ndjson: event 1 stands after event 2",
    )


def test_an_event_without_what_it_must_carry_is_unreadable(story):
    """A hold that names no slot cannot be counted, nor left out."""
    result = story.event("held", "a1").check(1)
    assert result.note == "unreadable: events.ndjson, event 1: held without slot"


def test_nothing_is_checked_where_the_load_never_started(sound):
    """Without an origin there was no run."""
    audit = sound.never_started().audit()
    assert {result.verdict for result in audit.checks} == {CheckVerdict.NOT_CHECKED}
    assert audit.unreadable == ("the load never started: there is no origin.json",)
    assert audit.missing_codes is None


def test_one_unreadable_file_hides_its_own_parts_alone(sound):
    """The people's visits are torn; the codes are still counted."""
    audit = sound.arrived().torn("journal/people-w1.ndjson").audit()
    assert (audit.funnel, audit.outcomes) == (None, None)
    assert len(audit.waits) == 1
    assert audit.unreadable == ("people-w1.ndjson, line 2: cut short",)


@pytest.mark.parametrize("broken", [b"{", b'{"unhealed": ["\xff"]}'])
def test_an_unreadable_ending_is_told_not_guessed(sound, broken):
    """A broken facts.json makes everything unknown."""
    sound.write()
    (sound.run.root / "facts.json").write_bytes(broken)
    audit = sound.audit_again()
    assert {result.verdict for result in audit.checks} == {CheckVerdict.UNKNOWN}
    assert audit.unreadable[0].startswith("facts.json: ")


def test_an_audit_can_be_repeated(sound):
    """The directory is read, never written."""
    sound.write()
    assert sound.audit_again() == sound.audit_again()
