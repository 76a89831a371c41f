"""The journal: whole lines, at once, or a stop."""

import os
import resource
import signal

import pytest

from loket.load.journal import Journal, JournalBroken, Shard
from loket.records import Shift, read_rows
from loket.run_directory import RunDirectory


def shift(worker="w0", kind="begin"):
    return Shift(mono_ns=1, worker=worker, type=kind)


def test_a_line_is_in_the_file_when_the_call_returns(tmp_path):
    """Nothing waits in a buffer: another reader sees the line at once."""
    shard = Shard(tmp_path / "shift.ndjson")
    shard.write(shift())
    assert list(read_rows(tmp_path / "shift.ndjson", Shift)) == [shift()]
    shard.close()


def test_an_earlier_run_is_never_written_on(tmp_path):
    """A shard that exists belongs to somebody else."""
    Shard(tmp_path / "one.ndjson").close()
    with pytest.raises(JournalBroken, match="File exists"):
        Shard(tmp_path / "one.ndjson")


def test_a_full_disk_breaks_the_journal(tmp_path):
    """ENOSPC is never silent."""
    (tmp_path / "full.ndjson").symlink_to("/dev/full")
    shard = Shard.__new__(Shard)
    shard._path, shard._file = tmp_path / "full.ndjson", os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(JournalBroken, match="No space left"):
        shard.write(shift())
    shard.close()


def test_a_line_cut_short_breaks_the_journal(tmp_path):
    """A limit on the file's size lets half a line through, and the half is noticed."""
    shard = Shard(tmp_path / "short.ndjson")
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        with pytest.raises(JournalBroken, match="cut short after 10"):
            shard.write(shift())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
        shard.close()


def test_a_worker_is_known_by_its_shift_from_the_start(tmp_path):
    """A worker that breaks down before its first line still counts as one that was there."""
    directory = RunDirectory(tmp_path / "run")
    Journal(directory, "w3").close()
    assert directory.workers() == ["w3"]
