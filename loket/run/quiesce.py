"""Quiescence: after the healing the service gets time to finish what it promised, and no longer."""

import time
from collections.abc import Callable

from loket.records import Bill, Entry
from loket.stack.probe import Probe, Unanswered

PERIOD_S = 0.5
# Two quiet looks in a row: one may fall between two steps of the same payment.
QUIET_LOOKS = 2


def unsettled_money(bills: list[Bill], ledger: list[Entry]) -> int:
    """Debits at the bank that are neither returned nor known to the gateway as paid or refunded."""
    returned = {entry.ntb for entry in ledger if entry.type in ("returned", "refunded")}
    settled = {bill.ntb for bill in bills if bill.state in ("paid", "refunded")}
    return sum(entry.type == "debited" and entry.ntb not in returned | settled for entry in ledger)


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


def service_pending(service: str, token: str) -> Callable[[], dict[str, int]]:
    """A question for `await_quiet`: what the service says it still owes; an unanswered question counts as one."""
    probe = Probe()

    def ask() -> dict[str, int]:
        try:
            answer = probe.get_json(f"{service}/audit/pending", token)
        except (Unanswered, ValueError):
            return {"service_unreachable": 1}
        return {name: count for name, count in answer.items() if isinstance(count, int)}

    return ask
