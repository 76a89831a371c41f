"""What the civil registry finds and how long it takes: a function of the NIK and the seed, the same every time.

Outcomes and latency are DOMAIN §5: "Identitas Tidak Valid" where the birth date differs or the NIK is not known.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from random import Random

from mock_mpaspor.outside.dukcapil import nik as nik_rules

# Log-normal with p95 five times the median: 1.645 standard deviations of the logarithm make ln 5.
SIGMA = math.log(5) / 1.6448536269514722
# Assumption: the registry gives up on its own side after 5 s.
LATENCY_CAP_S = 5.0


class Mismatch(StrEnum):
    NOT_FOUND = "not_found"
    MISMATCH = "mismatch"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Identity:
    nik: str
    birth_date: date
    sex: nik_rules.Sex


@dataclass(frozen=True)
class Shares:
    """Which share of well-formed NIKs the registry does not confirm, by reason; together at most 1."""

    not_found: float
    mismatch: float
    blocked: float


@dataclass(frozen=True)
class Finding:
    """`reason` is None where the identity matches."""

    reason: Mismatch | None
    latency_s: float


def look_up(identity: Identity, shares: Shares, median_s: float, seed: str) -> Finding:
    """The registry's finding; latency at most LATENCY_CAP_S, exactly 0 for a median of 0."""
    rng = Random(f"{seed}:{identity.nik}")
    latency_s = min(LATENCY_CAP_S, median_s * rng.lognormvariate(0.0, SIGMA))
    return Finding(_reason(identity, shares, fate=rng.random()), latency_s)


def _reason(identity: Identity, shares: Shares, fate: float) -> Mismatch | None:
    if not nik_rules.is_valid(identity.nik) or fate < shares.not_found:
        return Mismatch.NOT_FOUND
    if fate < shares.not_found + shares.mismatch:
        return Mismatch.MISMATCH
    if fate < shares.not_found + shares.mismatch + shares.blocked:
        return Mismatch.BLOCKED
    if not nik_rules.agrees(identity.nik, identity.birth_date, identity.sex):
        return Mismatch.MISMATCH
    return None
