"""The registry: every invariant that is checked today, by its number in docs/invariants.md."""

from loket.audit import (
    acknowledgement,
    code_liveness,
    code_uniqueness,
    conservation,
    money,
    overbooking,
    payable_bills,
    repetition,
)
from loket.audit.check import Check

CHECKS: dict[int, Check] = {
    1: overbooking.CHECK,
    2: conservation.CHECK,
    3: acknowledgement.CHECK,
    5: repetition.CHECK,
    9: code_uniqueness.CHECK,
    10: payable_bills.CHECK,
    11: code_liveness.CHECK,
    13: money.CHECK,
}
