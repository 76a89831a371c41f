"""The registry: every defect that can be planted, what it is, and how it changes the service's parts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from mock_mpaspor.defects.direct_billing import DualWriteBillingRequests, LongTransactionBillingRequests
from mock_mpaspor.defects.quota import CheckThenActHolds
from mock_mpaspor.kinds import Kinds


class Defect(StrEnum):
    """Names of docs/defects.md; DEFECTS says what each one is."""

    M1 = "M1"
    M6 = "M6"
    M20 = "M20"


@dataclass(frozen=True)
class Planting:
    """What a defect is, and the change that plants it."""

    what: str
    change: Callable[[Kinds], Kinds]


DEFECTS: dict[Defect, Planting] = {
    Defect.M1: Planting(
        "check-then-act quota: what was free is read before the transaction and written back in it",
        lambda kinds: replace(kinds, holds=CheckThenActHolds),
    ),
    Defect.M6: Planting(
        "dual write without outbox: the state is committed, then SIMPONI is called once, directly",
        lambda kinds: replace(kinds, billing_requests=DualWriteBillingRequests),
    ),
    Defect.M20: Planting(
        "transaction held across the gateway call: SIMPONI is asked before the commit",
        lambda kinds: replace(kinds, billing_requests=LongTransactionBillingRequests),
    ),
}


def plant(kinds: Kinds, defects: Collection[Defect]) -> Kinds:
    """`kinds` with these defects in it. They must not clash."""
    for defect in sorted(defects):
        kinds = DEFECTS[defect].change(kinds)
    return kinds


def parts_of(defect: Defect) -> frozenset[str]:
    """The parts that a defect substitutes, as fields of Kinds."""
    right = Kinds()
    planted = DEFECTS[defect].change(right)
    return frozenset(
        part.name for part in fields(Kinds) if getattr(planted, part.name) is not getattr(right, part.name)
    )


def clashes(defects: Collection[Defect]) -> list[str]:
    """Why these defects cannot be planted together: a line for each part that several of them substitute."""
    by_part: dict[str, list[str]] = {}
    for defect in sorted(defects, key=list(Defect).index):
        for part in sorted(parts_of(defect)):
            by_part.setdefault(part, []).append(defect)
    return [
        f"cannot plant {' and '.join(names)} together: each substitutes the part `{part}`"
        for part, names in by_part.items()
        if len(names) > 1
    ]
