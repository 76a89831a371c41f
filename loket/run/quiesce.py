"""Quiescence: after the healing the service gets time to finish what it promised, and no longer."""

import time
from collections.abc import Callable

from loket.run.money import money_on_its_way
from loket.stack.probe import Probe, Unanswered
from loket.stack.settings import Feed, Feeds

PERIOD_S = 0.5
# Two quiet looks in a row: one may fall between two steps of the same payment.
QUIET_LOOKS = 2


def await_quiet(
    pending: Callable[[], dict[str, int]],
    deadline_s: float,
    interrupted: Callable[[float], bool],
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, int]:
    """Ask `pending` until nothing is, twice in a row, or the deadline passes.

    `interrupted(seconds)` waits and says whether to give up. Returns what was still pending, empty when all is quiet.
    """
    end = clock() + deadline_s
    quiet = 0
    while True:
        left = {name: count for name, count in pending().items() if count}
        quiet = 0 if left else quiet + 1
        if quiet >= QUIET_LOOKS or clock() >= end or interrupted(PERIOD_S):
            return left


def pending_at(service: Feed, feeds: Feeds) -> Callable[[], dict[str, int]]:
    """A question for `await_quiet`: what the service says it still owes, and once that is nothing, money on its way.

    An unanswered question counts as one.
    """
    probe = Probe()
    money = money_on_its_way(feeds)

    def ask() -> dict[str, int]:
        try:
            answer = probe.get_json(f"{service.url}/audit/pending", service.token)
        except (Unanswered, ValueError):
            return {"service_unreachable": 1}
        owed = {name: count for name, count in answer.items() if isinstance(count, int)}
        return owed if any(owed.values()) else money()

    return ask
