"""The ledger being counted: every planned arrival or request ends in exactly one column."""

from dataclasses import dataclass

from loket.records import Ledger


@dataclass(slots=True)
class Tally:
    """Counters that grow while the load runs; `ledger` is their state as a row carries it."""

    scheduled: int = 0
    sent: int = 0
    dropped: int = 0
    cancelled: int = 0
    ok: int = 0
    failed: int = 0
    unknown: int = 0

    def ledger(self) -> Ledger:
        return Ledger(
            scheduled=self.scheduled,
            sent=self.sent,
            dropped=self.dropped,
            cancelled=self.cancelled,
            ok=self.ok,
            failed=self.failed,
            unknown=self.unknown,
        )


def imbalance(ledger: Ledger) -> str | None:
    """What does not add up in a closed ledger, as a sentence; None where everything does.

    >>> imbalance(Ledger(scheduled=3, sent=2, dropped=1, ok=1, unknown=1)) is None
    True
    >>> imbalance(Ledger(scheduled=3, sent=2))
    'scheduled 3 is not sent 2 + dropped 0 + cancelled 0'
    """
    if ledger.scheduled != ledger.sent + ledger.dropped + ledger.cancelled:
        return (
            f"scheduled {ledger.scheduled} is not sent {ledger.sent} + dropped {ledger.dropped}"
            f" + cancelled {ledger.cancelled}"
        )
    if ledger.sent != ledger.ok + ledger.failed + ledger.unknown:
        return f"sent {ledger.sent} is not ok {ledger.ok} + failed {ledger.failed} + unknown {ledger.unknown}"
    return None
