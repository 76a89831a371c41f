"""Logical operations: all attempts of one key folded into one, with what the client can know about its outcome."""

from enum import StrEnum
from sys import intern

from loket.records import Operation, OperationType


class Resolution(StrEnum):
    """Any attempt answered ok: `ok`. Every attempt definitely refused: `fail`. Anything else may have happened."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


class LogicalOperation:
    """One write as one person meant it. Times are nanoseconds on the host's monotonic clock."""

    __slots__ = (
        "accepted",
        "application_id",
        "attempts",
        "billing_code",
        "invoked_ns",
        "key",
        "refused",
        "returned_ns",
        "slot",
        "step",
        "user",
        "worker",
    )

    def __init__(self, key: str, first: Operation) -> None:
        self.key = key
        # A handful of words, millions of times: each is kept once.
        self.step = intern(first.step)
        self.worker = intern(first.worker)
        self.user = first.user
        self.application_id = first.application_id
        self.slot = first.slot
        self.billing_code = first.billing_code
        self.invoked_ns = first.mono_ns
        self.returned_ns: int | None = None
        self.attempts = 0
        self.refused = 0
        self.accepted = False

    @property
    def resolution(self) -> Resolution:
        if self.accepted:
            return Resolution.OK
        return Resolution.FAIL if self.refused == self.attempts else Resolution.INFO

    def finish(self, answer: Operation) -> None:
        """Take in the line that closes one attempt."""
        self.returned_ns = answer.mono_ns
        self.application_id = self.application_id or answer.application_id
        self.slot = self.slot or answer.slot
        self.billing_code = self.billing_code or answer.billing_code
        if answer.type is OperationType.OK:
            self.accepted = True
        elif answer.type is OperationType.FAIL:
            self.refused += 1
