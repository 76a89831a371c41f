"""Invariant 1: no slot ever gives out more places than it has."""

from loket.verdict import CheckVerdict


def test_holds_when_a_released_place_is_given_again(story):
    """A place that came back may be given to somebody else."""
    result = story.opened("s1", 1).held("a1").released("a1").held("a2").check(1)
    assert result.verdict is CheckVerdict.HOLDS
    assert result.examined == 2
    assert result.note == "1 of 1 slots were full at some moment"


def test_says_when_no_slot_was_ever_full(story):
    """A run in which nothing pressed on the capacity says so."""
    result = story.opened("s1", 5).held("a1").check(1)
    assert result.note == "0 of 1 slots were full at some moment"


def test_fires_with_the_opening_and_the_holders_when_one_place_too_many_is_given(story):
    """The witness is the opening and the holds that do not fit in it, in order, with times of the run."""
    result = story.opened("s1", 1).held("a1", key="k1").held("a2", key="k2").check(1)
    assert result.verdict is CheckVerdict.VIOLATED
    assert result.violation_count == 1
    [violation] = result.violations
    assert violation.sentence == ("Slot s1 has room for 1 and gave a place to application a2 as holder number 2.")
    assert violation.witness == (
        "0.000 s  service #1: slot_opened (slot s1, capacity 1)",
        "1.000 s  service #2: held (application a1, slot s1, key k1)",
        "2.000 s  service #3: held (application a2, slot s1, key k2)",
    )


def test_fires_when_the_overbooking_was_over_by_the_end(story):
    """Every prefix counts, not the end alone."""
    result = story.opened("s1", 1).held("a1").held("a2").released("a1").released("a2").check(1)
    assert result.verdict is CheckVerdict.VIOLATED


def test_a_place_given_back_twice_does_not_make_room_for_two(story):
    """A double release frees one place, whatever the service's counter says."""
    story.opened("s1", 2).held("a1").held("a2")
    result = story.released("a1").released("a1").held("a3").held("a4").check(1)
    assert result.violation_count == 1
    assert "application a4" in result.violations[0].sentence


def test_the_same_application_twice_takes_two_places(story):
    """Two rows for one application fill two places."""
    assert story.opened("s1", 1).held("a1").held("a1").check(1).verdict is CheckVerdict.VIOLATED


def test_slots_do_not_share_their_places(story):
    """Capacity belongs to one slot."""
    result = story.opened("s1", 1).opened("s2", 1).held("a1", "s1").held("a2", "s2").check(1)
    assert result.verdict is CheckVerdict.HOLDS


def test_a_paid_place_stays_taken(story):
    """Paying does not free the place."""
    result = story.opened("s1", 1).held("a1").paid("a1", "81").held("a2").check(1)
    assert result.verdict is CheckVerdict.VIOLATED


def test_fires_for_a_place_in_a_slot_that_never_opened(story):
    """A slot without an opening has no places."""
    result = story.held("a1", "s9").check(1)
    assert result.violations[0].sentence == "Slot s9 gave a place to application a1 and was never opened."


def test_counts_every_breach_and_shows_five(story):
    """The count is exact, the witnesses a sample."""
    story.opened("s1", 1)
    for n in range(8):
        story.held(f"a{n}")
    result = story.check(1)
    assert result.violation_count == 7
    assert len(result.violations) == 5


def test_is_unknown_when_nothing_was_held(story):
    """A vacuous run proves nothing."""
    result = story.opened("s1", 1).check(1)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note.startswith("no place was ever held")


def test_events_are_ordered_by_the_database_not_by_the_clock(story):
    """A wall clock that went back does not reorder what happened, nor the witness."""
    result = story.opened("s1", 1).at(50).held("a1").at(40).held("a2").check(1)
    assert result.verdict is CheckVerdict.VIOLATED
    assert [line.split()[3] for line in result.violations[0].witness] == ["#1:", "#2:", "#3:"]


def test_a_moved_appointment_frees_its_old_place_and_takes_a_new_one(story):
    """The old place may be given again; the new one counts."""
    story.opened("s1", 1).opened("s2", 1).held("a1", "s1").released("a1", "s1", reason="rescheduled")
    story.held("a1", "s2", reason="rescheduled").held("a2", "s1")
    assert story.check(1).verdict is CheckVerdict.HOLDS


def test_fires_when_an_appointment_is_moved_to_a_full_slot(story):
    """A move is no way past the capacity."""
    story.opened("s1", 1).opened("s2", 1).held("a1", "s1").held("a2", "s2").released("a1", "s1", reason="rescheduled")
    assert story.held("a1", "s2", reason="rescheduled").check(1).verdict is CheckVerdict.VIOLATED
