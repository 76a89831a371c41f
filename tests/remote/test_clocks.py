"""Clocks of other hosts: what they are known to, and when that is not enough."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loket.load.remote.clocks
from loket.load.remote.clocks import ClockLimits, Round, clock_doubts, fastest
from loket.records import ClockReading, Origin, encode
from loket.run_directory import RunDirectory

MS = 1_000_000
ORIGIN_NS = 60_000 * MS


def test_the_examples_are_true():
    """Those of the module."""
    result = doctest.testmod(loket.load.remote.clocks)
    assert result.attempted > 0
    assert result.failed == 0


@given(
    offset_ns=st.integers(-(10**18), 10**18),
    asked_ns=st.integers(0, 10**15),
    there_ns=st.integers(0, 10**10),
    back_ns=st.integers(0, 10**10),
)
def test_the_true_offset_lies_within_the_uncertainty(offset_ns, asked_ns, there_ns, back_ns):
    """However uneven the two ways are."""
    told = Round.of(asked_ns, asked_ns + there_ns + offset_ns, asked_ns + there_ns + back_ns)
    assert abs(told.offset_ns - offset_ns) <= told.uncertainty_ns


def test_the_fastest_round_tells_the_most():
    """It is taken, and not their mean: a slow one only adds doubt."""
    assert fastest([Round(50, 9), Round(70, 2), Round(10, 30)]) == Round(70, 2)


@pytest.fixture
def doubts_of(tmp_path):
    """What is doubted about a worker whose clock was read like this, each (second, offset in ms, uncertainty in ms)."""
    run = RunDirectory(tmp_path / "run")
    run.create()
    run.origin_file.write_bytes(encode(Origin(mono_ns=ORIGIN_NS, unix_ns=0)))

    def doubts(*readings):
        rows = (
            ClockReading(
                mono_ns=ORIGIN_NS + second * 1_000 * MS,
                worker="w0",
                offset_ns=round(offset_ms * MS),
                uncertainty_ns=round(uncertainty_ms * MS),
            )
            for second, offset_ms, uncertainty_ms in readings
        )
        (run.journal / "clock-w0.ndjson").write_bytes(b"".join(map(encode, rows)))
        return [(doubt.second, doubt.reason) for doubt in clock_doubts(run, "w0", ClockLimits(25.0, 25.0))]

    return doubts


def test_clocks_that_are_far_apart_are_no_reason_for_doubt(doubts_of):
    """Only that it is not known how far, or that it changes, is one."""
    assert doubts_of((-2, 3.6e6, 0.1), (10, 3.6e6 + 1, 0.1)) == []


def test_a_clock_that_is_hardly_known_is_doubted(doubts_of):
    """With the figure and the limit."""
    ((second, reason),) = doubts_of((-2, 0, 40.0), (10, 0, 0.1))
    assert second == -2
    assert reason == "worker w0's clock was known to within 40.0 ms only (limit 25 ms)"


def test_a_clock_that_drifts_is_doubted(doubts_of):
    """By what it certainly drifted, and in the second in which that was the most."""
    ((second, reason),) = doubts_of((-2, 100, 1.0), (5, 120, 1.0), (9, 150, 3.0), (10, 130, 1.0))
    assert second == 9
    assert reason == "worker w0's clock drifted by 46.0 ms or more against the master's (limit 25 ms)"


def test_a_reading_that_tells_little_is_no_drift(doubts_of):
    """A worker that was busy heard late: the change lies within what the reading may be wrong by."""
    assert doubts_of((-2, 100, 1.0), (5, 180, 80.0)) == []


def test_a_worker_of_the_masters_own_host_is_not_doubted(tmp_path):
    """It lives by the same clock and keeps no file of it."""
    assert list(clock_doubts(RunDirectory(tmp_path), "w0")) == []
