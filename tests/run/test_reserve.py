"""Room on the disk for the verdict of a run that fills it."""

from pathlib import Path

import pytest

from loket.run import reserve
from loket.run.reserve import DiskFull, Reserve


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
    with pytest.raises(DiskFull, match=r"no room for a run \(No space left on device\); at least 1 MiB"):
        Reserve(tmp_path, size=1 << 20)
    assert list(tmp_path.iterdir()) == []
