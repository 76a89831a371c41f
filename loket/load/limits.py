"""The limits beyond which a run is not trusted, and why they stand where they stand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Beyond these a run is not trusted (docs/decisions/0002-send-lateness.md, 0008-limits-of-the-generator.md)."""

    # Assumption: people's reactions to the opening differ by hundreds of milliseconds; a generator that makes one
    # person in twenty a tenth of a second late does not change the shape of their rush. Over the whole run the limit
    # is wider, because a late request counts from its intended start.
    opening_lateness_p95_ms: float = 100.0
    opening_s: float = 5.0
    send_lateness_p99_ms: float = 250.0
    # Assumption: a worker whose loop stood still for this long delayed everyone in it by as much.
    loop_lag_ms: float = 500.0
    # A p99 over a long run forgets a bad second, and a lag makes answers look late without making a request late:
    # so no second may be spent this far behind from its first tick to its last.
    behind_ms: float = 250.0
    behind_s: float = 1.0
    # Assumption: from this share of one core on, for so long, requests queue inside the generator.
    cpu_share: float = 0.95
    busy_s: float = 3.0
    # A 95 % upper bound for a p95 needs 59 samples.
    fewest_requests: int = 59


LIMITS = Limits()
