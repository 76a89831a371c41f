"""Errands: tried until done, waits that grow and stay bounded, nothing lost to a failure."""

from random import Random

from mock_mpaspor.outside.backoff import Backoff
from mock_mpaspor.outside.errands import Errands


def test_waits_double_up_to_the_cap_and_are_never_in_step():
    """Each wait lies in the upper half of its bound, and two draws differ."""
    backoff = Backoff(first_s=0.1, cap_s=1.0)
    rng = Random(1)
    for attempts, bound_s in ((1, 0.1), (2, 0.2), (3, 0.4), (4, 0.8), (5, 1.0), (5000, 1.0)):
        waits_s = {backoff.delay_s(attempts, rng) for _ in range(20)}
        assert len(waits_s) > 1
        assert all(bound_s / 2 <= wait_s <= bound_s for wait_s in waits_s)


def test_an_item_is_not_tried_before_its_wait_is_over(clock):
    """Nothing is due until the clock has moved on."""
    tried = []
    errands = Errands(lambda item: bool(tried.append(item)), clock, Random(1), Backoff(), threads=1)
    errands.add("a")
    assert errands.run_due() == 1
    assert errands.run_due() == 0
    clock.advance(0.1)
    assert errands.run_due() == 1
    assert tried == ["a", "a"]
    assert errands.pending() == 1


def test_an_attempt_that_raises_is_told_of_and_tried_again(clock, caplog):
    """A failure nobody foresaw costs one attempt, not the item."""
    outcomes = iter([RuntimeError("unforeseen"), True])

    def run(item: str) -> bool:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    errands = Errands(run, clock, Random(1), Backoff(), threads=1)
    errands.add("a")
    errands.run_due()
    assert "unforeseen" in caplog.text
    clock.advance(0.1)
    errands.run_due()
    assert errands.pending() == 0


def test_threads_take_up_work_and_end_when_told(clock, eventually):
    """Items added before and after the start are done; stopping leaves no thread, started or not."""
    done = []

    def run(item: str) -> bool:
        done.append(item)
        return True

    errands = Errands(run, clock, Random(1), Backoff(), threads=2)
    errands.add("before")
    errands.start()
    errands.add("after")
    eventually(lambda: errands.pending() == 0)
    errands.stop()
    assert sorted(done) == ["after", "before"]
    Errands(run, clock, Random(1), Backoff(), threads=2).stop()


def test_pending_counts_what_is_under_way(clock):
    """An item is pending until its attempt has ended well."""
    seen = []
    errands = Errands(lambda item: seen.append(errands.pending()) is None, clock, Random(1), Backoff(), threads=1)
    errands.add("a")
    errands.run_due()
    assert seen == [1]
    assert errands.pending() == 0
