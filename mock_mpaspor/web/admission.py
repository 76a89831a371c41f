"""Overload is refused early: who would wait too long for a thread is told to come back, at the price of a refusal.

A queue that only grows serves nobody: those at its end have given up before their turn. Refusing costs a fraction of
serving, so the queue is short again within moments; systems and operators are never refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from flask import Flask, request

from mock_mpaspor.domain.errors import ErrorCode, Refusal

# Assumption: told to come back, people are spread over so many seconds.
COME_BACK_WITHIN_S = 5


@dataclass(frozen=True)
class Admission:
    """`wait_s` tells how long a request waits for a thread now; above `longest_s` people are refused."""

    wait_s: Callable[[], float]
    longest_s: float
    rng: Random

    def check(self) -> None:
        """Raises Refusal(OVERLOADED)."""
        if self.wait_s() > self.longest_s:
            raise Refusal(ErrorCode.OVERLOADED, retry_after_s=self.rng.randint(1, COME_BACK_WITHIN_S))


def install(app: Flask, admission: Admission) -> None:
    """Stand at the door that people come in by."""

    def stand() -> None:
        if request.path.startswith("/v1/") and not request.path.startswith("/v1/callbacks/"):
            admission.check()

    app.before_request(stand)
