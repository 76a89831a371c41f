"""Room on the disk for the verdict of a run that fills it."""

from pathlib import Path

import pytest

from loket.run import reserve
from loket.run.reserve import NoRoom, Reserve


def test_the_reserve_holds_real_blocks_and_gives_them_back(tmp_path: Path) -> None:
    """A hole in a file reserves nothing: the blocks must be there until they are given back."""
    kept = Reserve(tmp_path, size=1 << 20)
    assert (tmp_path / ".reserve").stat().st_blocks * 512 >= 1 << 20
    kept.give_back()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_said_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for the reserve means no run, with the folder and the size in the sentence, and no litter."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reserve.os, "fsync", full)
    with pytest.raises(NoRoom, match=r"no room for a run \(No space left on device\); at least 3 MiB"):
        Reserve(tmp_path, size=1 << 20, room=2 << 20)
    assert list(tmp_path.iterdir()) == []


def test_room_for_the_reserve_alone_is_not_enough(tmp_path: Path) -> None:
    """A run that would have to be stopped in its middle is not begun."""
    with pytest.raises(NoRoom, match="no room for a run"):
        Reserve(tmp_path, size=1 << 10, room=1 << 60)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_told_while_there_is_room_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the folder and what is left; as long as there is room nothing is said."""
    kept = Reserve(tmp_path, size=1 << 20, room=0)
    assert kept.low() is None
    monkeypatch.setattr(kept, "_free", lambda: 1 << 19)
    assert kept.low() == f"the disk of {tmp_path} is full: 0.5 MiB were left, and the run was stopped"
