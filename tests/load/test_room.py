"""Whether a host has room for a plan is found before anybody comes."""

import pytest

from loket.load.room import MOST_INSIDE, Cramped, files_for, require_room, room


@pytest.mark.parametrize(
    ("people", "workers", "files", "ports"),
    [
        (412, 1, 1_024, 28_232),
        (824, 2, 1_024, 28_232),
        (100_000, 1, files_for(MOST_INSIDE), 28_232),
        (28_000, 8, 20_000, 28_232),
        (1_000_000, 8, 20_000, None),
    ],
)
def test_a_plan_with_room_enough_is_let_through(people, workers, files, ports):
    """All inside at once, in the worst case; more than a worker ever holds need no more files than it holds."""
    require_room(people, workers, files, ports)


@pytest.mark.parametrize(
    ("people", "workers", "said"),
    [
        (413, 1, "413 people in 1 worker need up to 1026 open files in each, and a process may have 1024 here"),
        (826, 2, "826 people in 2 workers need up to 1026 open files in each, and a process may have 1024 here"),
    ],
)
def test_too_few_open_files_are_named_with_what_is_needed(people, workers, said):
    """One sentence, with what to do about it."""
    with pytest.raises(Cramped) as refusal:
        require_room(people, workers, files=1_024, free_ports=None)
    assert str(refusal.value).startswith(said)
    assert "ulimit -n" in str(refusal.value)


def test_too_few_ports_are_named_with_where_the_range_is_set():
    """One person inside may hold one connection to the same address, and each takes a port."""
    with pytest.raises(Cramped, match=r"need up to 2000 ports at once, and this host has 1000 to give \(/proc/sys/net"):
        require_room(2_000, 1, files=20_000, free_ports=1_000)


@pytest.mark.parametrize("people", [1, 57, 4_000])
def test_room_and_files_agree(people):
    """Who is given the files for so many people has room for exactly so many."""
    assert room(files_for(people)) == people
