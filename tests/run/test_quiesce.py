"""Quiescence: the service gets time to finish, and no longer."""

from collections.abc import Callable, Iterator

from loket.run.quiesce import await_quiet


class FakeTime:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False


def answers(*rounds: dict[str, int]) -> Callable[[], dict[str, int]]:
    """A question that gets these answers in turn, the last one for ever."""
    turns: Iterator[dict[str, int]] = iter(rounds[:-1])
    return lambda: next(turns, rounds[-1])


def test_it_ends_as_soon_as_nothing_is_pending_twice_in_a_row() -> None:
    """One quiet look is not enough: it may fall between two steps of the same payment."""
    time = FakeTime()
    left = await_quiet(answers({"outbox": 2}, {"outbox": 0}, {"outbox": 1}, {"outbox": 0}), 60, time.wait, time.clock)
    assert left == {}
    assert time.now == 2.0


def test_what_is_still_owed_at_the_deadline_is_named() -> None:
    """A code that never comes does not keep the run waiting for ever."""
    time = FakeTime()
    left = await_quiet(answers({"awaiting_code": 3, "outbox": 0}), 10, time.wait, time.clock)
    assert left == {"awaiting_code": 3}
    assert time.now >= 10


def test_an_interruption_ends_the_waiting() -> None:
    """Ctrl-C while the service settles is heard at once."""
    assert await_quiet(answers({"outbox": 1}), 60, lambda seconds: True) == {"outbox": 1}
