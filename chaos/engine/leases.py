"""Leases: a fault that someone must keep alive. When the holder falls silent its faults heal by themselves.

One lease a holder, with one deadline for all it holds; the newest time to live counts. A toxic or proxy has at most
one holder: the last one that claimed it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.engine.clock import Appointment, Clock
from chaos.engine.errors import LeaseNotFound


@dataclass(frozen=True)
class Claim:
    """What a request's `lease` says."""

    holder: str
    ttl_s: float


@dataclass
class Lease:
    """`toxics` are (proxy, toxic) names in the order claimed; `proxies` remember whether each was enabled before."""

    holder: str
    expires_at: float
    toxics: dict[tuple[str, str], None] = field(default_factory=dict)
    proxies: dict[str, bool] = field(default_factory=dict)

    def as_json(self, now: float) -> dict[str, object]:
        return {
            "holder": self.holder,
            "expires_in_ms": max(0, round((self.expires_at - now) * 1000)),
            "toxics": [f"{proxy}/{toxic}" for proxy, toxic in self.toxics],
            "proxies": list(self.proxies),
        }


class Leases:
    """Who holds what until when. `expired` is called with each lease that ran out; it is no longer listed then."""

    def __init__(self, clock: Clock, expired: Callable[[Lease], None]) -> None:
        self._clock = clock
        self._expired = expired
        self._leases: dict[str, Lease] = {}
        self._timers: dict[str, Appointment] = {}

    def claim_toxic(self, claim: Claim, proxy: str, toxic: str) -> None:
        self.release_toxic(proxy, toxic)
        self._extend(claim).toxics[proxy, toxic] = None

    def claim_proxy(self, claim: Claim, proxy: str, enabled: bool) -> None:
        """`enabled` is the state to go back to; while a lease is on the proxy, the first one's stays."""
        before = self.release_proxy(proxy)
        self._extend(claim).proxies[proxy] = enabled if before is None else before

    def release_toxic(self, proxy: str, toxic: str) -> None:
        for lease in list(self._leases.values()):
            lease.toxics.pop((proxy, toxic), None)
            self._drop_if_empty(lease)

    def release_proxy(self, proxy: str) -> bool | None:
        """Take the proxy out of its lease; the state it would have gone back to, None when it had no lease."""
        before = None
        for lease in list(self._leases.values()):
            if proxy in lease.proxies:
                before = lease.proxies.pop(proxy)
            self._drop_if_empty(lease)
        return before

    def renew(self, claim: Claim) -> Lease:
        """Move the deadline of all that the holder has. Raises LeaseNotFound when it has nothing."""
        if claim.holder not in self._leases:
            raise LeaseNotFound
        return self._extend(claim)

    def end(self, holder: str) -> Lease:
        """Take the lease off the list, for its faults to be healed now. Raises LeaseNotFound."""
        lease = self._leases.pop(holder, None)
        if lease is None:
            raise LeaseNotFound
        self._timers.pop(holder).cancel()
        return lease

    def all(self) -> list[Lease]:
        return list(self._leases.values())

    def _extend(self, claim: Claim) -> Lease:
        expires_at = self._clock.now() + claim.ttl_s
        lease = self._leases.setdefault(claim.holder, Lease(claim.holder, expires_at))
        lease.expires_at = expires_at
        self._arm(lease)
        return lease

    def _arm(self, lease: Lease) -> None:
        timer = self._timers.pop(lease.holder, None)
        if timer is not None:
            timer.cancel()
        self._timers[lease.holder] = self._clock.call_at(lease.expires_at, lambda: self._look(lease))

    def _look(self, lease: Lease) -> None:
        if lease.expires_at > self._clock.now():
            self._arm(lease)
        else:
            self._expired(self.end(lease.holder))

    def _drop_if_empty(self, lease: Lease) -> None:
        if not lease.toxics and not lease.proxies:
            self.end(lease.holder)
