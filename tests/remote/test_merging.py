"""What was measured does not depend on how many workers measured it: the histograms of a run are the same bytes."""

from random import Random

import pytest

from loket.gate.histogram_files import write_histograms
from loket.gate.phases import Phases, Span
from loket.load.answers import Step, judge
from loket.load.journal import Journal
from loket.load.remote.post import Post
from loket.load.remote.post_office import PostOffice
from loket.load.series import Series
from loket.run_directory import RunDirectory

STEP = Step("hold_slot", frozenset({201}), frozenset({"sold_out"}))
PHASES = Phases(closed=Span(0, 4), rush=Span(4, 8), drain=Span(8, 12))
SECOND_NS = 1_000_000_000
SAMPLES = 4_000


def samples():
    """Attempts as (intended, sent, ended) in nanoseconds of the run, some of them slower than a minute."""
    dice = Random(4)
    for _ in range(SAMPLES):
        intended_ns = dice.randrange(12 * SECOND_NS)
        sent_ns = intended_ns + dice.randrange(3_000_000)
        yield intended_ns, sent_ns, sent_ns + round(dice.lognormvariate(16, 2.5))


def histograms(root, workers):
    """File to bytes, as a run with so many remote workers leaves them."""
    run = RunDirectory(root)
    run.create()
    office = PostOffice(run)
    hands = [list(samples())[number::workers] for number in range(workers)]
    for number, hand in enumerate(hands):
        worker = f"w{number}"
        office.open(worker)
        # Each on a clock of its own.
        origin_ns = 77 * SECOND_NS * number
        series = Series(worker, origin_ns)
        post = Post(lambda parcel, worker=worker: office.take(worker, parcel, 0), offset_ns=-origin_ns)
        journal = Journal(run, worker, post.writer_of)
        for count, times_ns in enumerate(hand):
            intended_ns, sent_ns, ended_ns = (origin_ns + each_ns for each_ns in times_ns)
            series.sent(STEP.name, intended_ns)
            series.ended(STEP.name, intended_ns, judge(STEP, 201, b"{}"), sent_ns, ended_ns)
            if count % 100 == 99:
                for row in series.drain():
                    journal.second(row)
                post.dispatch()
        for row in series.drain():
            journal.second(row)
        post.dispatch()
    names = write_histograms(run, PHASES)
    assert sum(row.ok for row in run.seconds()) == SAMPLES
    return {name: (run.histograms / name).read_bytes() for name in names}


@pytest.mark.parametrize("workers", [2, 4, 7])
def test_the_merge_of_many_workers_is_that_of_one(tmp_path, workers):
    """Bit for bit, for every phase and both measures."""
    alone = histograms(tmp_path / "one", 1)
    assert histograms(tmp_path / "many", workers) == alone
    assert len(alone) == 6
