"""The registry: every defect that can be planted, what it is, and how it changes the service's parts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from mock_mpaspor.defects import (
    acknowledgement,
    deadlines,
    direct_billing,
    keys,
    money,
    quota,
    relays,
    staleness,
    strain,
    tickets,
    uniqueness,
)
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.store.schema import APPLICATIONS, TICKETS


class Defect(StrEnum):
    """Names of docs/defects.md; DEFECTS says what each one is."""

    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M4 = "M4"
    M5 = "M5"
    M6 = "M6"
    M7 = "M7"
    M8 = "M8"
    M9 = "M9"
    M10 = "M10"
    M11 = "M11"
    M12 = "M12"
    M13 = "M13"
    M14 = "M14"
    M15 = "M15"
    M16 = "M16"
    M17 = "M17"
    M18 = "M18"
    M19 = "M19"
    M20 = "M20"
    M21 = "M21"
    M22 = "M22"
    M23 = "M23"
    M24 = "M24"
    M25 = "M25"
    M26 = "M26"
    M27 = "M27"
    M28 = "M28"
    M29 = "M29"
    M30 = "M30"
    M31 = "M31"


@dataclass(frozen=True)
class Planting:
    """What a defect is, and the change that plants it."""

    what: str
    change: Callable[[Kinds], Kinds]


DEFECTS: dict[Defect, Planting] = {
    Defect.M1: Planting(
        "check-then-act quota: what was free is read before the transaction and written back in it",
        lambda kinds: replace(kinds, holds=quota.CheckThenActHolds),
    ),
    Defect.M2: Planting(
        "idempotency key ignored: a hold sent again takes another place",
        lambda kinds: replace(kinds, holds=keys.KeylessHolds),
    ),
    Defect.M3: Planting(
        "billing not idempotent: each attempt orders a bill under a reference of its own",
        lambda kinds: replace(kinds, relay=relays.ReorderingRelay),
    ),
    Defect.M4: Planting(
        "expiry races the payment: what was over when the sweep began is ended, paid meanwhile or not",
        lambda kinds: replace(kinds, expiry=deadlines.RacingExpiry),
    ),
    Defect.M5: Planting(
        "acknowledge before commit: a hold is confirmed first and written later",
        lambda kinds: replace(kinds, holds=acknowledgement.HastyHolds),
    ),
    Defect.M6: Planting(
        "dual write without outbox: the state is committed, then SIMPONI is called once, directly",
        lambda kinds: replace(kinds, billing_requests=direct_billing.DualWriteBillingRequests),
    ),
    Defect.M7: Planting(
        "double release: a place that comes back is counted twice",
        lambda kinds: replace(kinds, expiry=deadlines.DoubleReleaseExpiry),
    ),
    Defect.M8: Planting(
        "quota leak: the place of what expired or lapsed does not come back",
        lambda kinds: replace(kinds, expiry=deadlines.LeakingExpiry),
    ),
    Defect.M9: Planting(
        "cached availability trusted: a hold decides by what was free up to a second ago",
        lambda kinds: replace(kinds, holds=quota.CachedAvailabilityHolds),
    ),
    Defect.M10: Planting(
        "duplicate callback credited twice",
        lambda kinds: replace(kinds, payments=money.DoubleCreditPayments),
    ),
    Defect.M11: Planting(
        "key reused: whoever sends a used key gets the first one's answer",
        lambda kinds: replace(kinds, holds=keys.SharedKeyHolds),
    ),
    Defect.M12: Planting(
        "colliding codes: ten that come one after another are kept as the first of them, and the table does not mind",
        lambda kinds: replace(
            kinds, bills=uniqueness.CollidingBills, schema=uniqueness.tables_without(APPLICATIONS, "billing_code")
        ),
    ),
    Defect.M13: Planting(
        "callback dropped: half of them are acknowledged and not written down, and nobody asks SIMPONI",
        lambda kinds: replace(kinds, payments=money.ForgettingPayments, reconciliation=money.BlindReconciliation),
    ),
    Defect.M14: Planting(
        "false 409 after commit: who took a slot's last place is told that it is full",
        lambda kinds: replace(kinds, holds=acknowledgement.DoubtingHolds),
    ),
    Defect.M15: Planting(
        "relay dies silently: its thread ends after some messages, and the process says that it is well",
        lambda kinds: replace(kinds, relay=relays.MortalRelay),
    ),
    Defect.M16: Planting(
        "late payment neither honoured nor refunded",
        lambda kinds: replace(kinds, payments=money.ShruggingPayments),
    ),
    Defect.M17: Planting(
        "no gateway time-out: a SIMPONI that hangs holds every thread",
        lambda kinds: replace(kinds, simponi=relays.PatientSimponi),
    ),
    Defect.M18: Planting(
        "unlimited, unjittered retries, and no breaker",
        lambda kinds: replace(kinds, relay=relays.StormingRelay, breaker=relays.OpenGate),
    ),
    Defect.M19: Planting(
        "connection-pool leak: now and then a connection does not go back",
        lambda kinds: replace(kinds, database=strain.LeakingDatabase),
    ),
    Defect.M20: Planting(
        "transaction held across the gateway call: SIMPONI is asked before the commit",
        lambda kinds: replace(kinds, billing_requests=direct_billing.LongTransactionBillingRequests),
    ),
    Defect.M21: Planting(
        "cache stampede at opening: all who find the cache ended count every slot, at once",
        lambda kinds: replace(kinds, releases=strain.StampedingReleases),
    ),
    Defect.M22: Planting(
        "idempotency key forgotten after a second",
        lambda kinds: replace(kinds, holds=keys.ForgetfulHolds),
    ),
    Defect.M23: Planting(
        "in-flight duplicate answered with an empty 200",
        lambda kinds: replace(kinds, front=keys.EmptyToDuplicates),
    ),
    Defect.M24: Planting(
        "stale read after write: an application is shown as it was up to two seconds ago",
        lambda kinds: replace(kinds, applications=staleness.LaggingApplications),
    ),
    Defect.M25: Planting(
        "clock skew in expiry: its clock is three seconds ahead",
        lambda kinds: replace(kinds, expiry=deadlines.EarlyExpiry),
    ),
    Defect.M26: Planting(
        "sold-out flag never cleared: an office that was sold out once stays so",
        lambda kinds: replace(kinds, holds=quota.FlaggingHolds),
    ),
    Defect.M27: Planting(
        "queue position given twice: all who come in the same moment get the same number",
        lambda kinds: replace(
            kinds,
            waiting_room=tickets.RepeatingRoom,
            schema=uniqueness.tables_without(TICKETS, "office", "opens_ns", "position"),
        ),
    ),
    Defect.M28: Planting(
        "one slow worker: the first thread, and one in eight of the later ones, adds half a second to each request",
        lambda kinds: replace(kinds, front=strain.SlowThread),
    ),
    Defect.M29: Planting(
        "no uniqueness per applicant: a person may hold several places",
        lambda kinds: replace(
            kinds, holds=uniqueness.GenerousHolds, schema=uniqueness.tables_without(APPLICATIONS, "applicant")
        ),
    ),
    Defect.M30: Planting(
        "forged or wrong-amount callback accepted",
        lambda kinds: replace(kinds, callback_signature=money.TrustingSignature, payments=money.UncountedPayments),
    ),
    Defect.M31: Planting(
        "a stale run writes into this one: now and then a place is held under a key that nobody here sent",
        lambda kinds: replace(kinds, holds=staleness.HauntedHolds),
    ),
}


def plant(kinds: Kinds, defects: Collection[Defect]) -> Kinds:
    """`kinds` with these defects in it. They must not clash."""
    for defect in defects:
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
    for defect in Defect:
        for part in sorted(parts_of(defect)) if defect in defects else ():
            by_part.setdefault(part, []).append(defect)
    return [
        f"cannot plant {' and '.join(names)} together: each substitutes the part `{part}`"
        for part, names in by_part.items()
        if len(names) > 1
    ]
