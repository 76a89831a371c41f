"""The engine: proxies by name, the leases on their faults, and every change the control API can ask for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from chaos.engine.census import Census
from chaos.engine.clock import Clock
from chaos.engine.decision_log import DecisionLog, Happening
from chaos.engine.errors import CannotListen, ProxyExists, ProxyNotFound, ToxicExists, ToxicNotFound
from chaos.engine.leases import Claim, Lease, Leases
from chaos.engine.proxy import Proxy
from chaos.engine.requests import NewProxy, NewToxic, ProxyChange, ToxicChange
from chaos.engine.series import Series
from chaos.engine.toxic import Toxic

REBIND_AGAIN_S = 0.1
REBIND_PATIENCE_S = 1.0


class Engine:
    """One engine a process. All methods run on its event loop; those that refuse raise a Refusal."""

    def __init__(self, clock: Clock, log: DecisionLog, census: Census, seed: int, series: Series) -> None:
        """`series` is what `/metrics` has beside the engine's own."""
        self.series = series
        self.proxies: dict[str, Proxy] = {}
        self.clock = clock
        self.log = log
        self.leases_expired = 0
        # (route, status) → answers
        self.control_requests: Counter[tuple[str, int]] = Counter()
        self.leases = Leases(clock, self._lease_expired)
        self._seed = seed
        self._census = census
        self._rebinding: dict[str, asyncio.Task[None]] = {}

    def proxy(self, name: str) -> Proxy:
        if name not in self.proxies:
            raise ProxyNotFound
        return self.proxies[name]

    def toxic(self, proxy: str, name: str) -> Toxic:
        toxics = self.proxy(proxy).toxics
        if name not in toxics:
            raise ToxicNotFound
        return toxics[name]

    async def create(self, wanted: NewProxy) -> Proxy:
        if wanted.name in self.proxies:
            raise ProxyExists
        proxy = self._make(wanted)
        if wanted.enabled:
            await proxy.start()
        if wanted.name in self.proxies:
            proxy.drop()
            raise ProxyExists
        self.proxies[wanted.name] = proxy
        return proxy

    async def populate(self, wanted: Sequence[NewProxy], made: list[Proxy]) -> None:
        """Create each; one that exists with the same addresses stays, another is replaced. `made` grows on the way."""
        for one in wanted:
            former = self.proxies.get(one.name)
            if former is not None and former.upstream == one.upstream and await former.listens_on(one.listen):
                made.append(former)
                continue
            if former is not None:
                await self.delete(one.name)
            made.append(await self.create(one))

    async def update(self, name: str, change: ProxyChange) -> Proxy:
        """Without a lease, setting `enabled` ends the lease that was on the proxy."""
        proxy = self.proxy(name)
        await proxy.move(
            proxy.listen if change.listen is None else change.listen,
            proxy.upstream if change.upstream is None else change.upstream,
        )
        self._still_there(proxy)
        if change.claim is not None:
            # A heal that still waits for its port is the state to go back to, as if it were done.
            self.leases.claim_proxy(change.claim, name, proxy.enabled or name in self._rebinding)
        if change.enabled is not None:
            await self._switch(proxy, change.enabled, leased=change.claim is not None)
        return proxy

    async def delete(self, name: str) -> None:
        proxy = self.proxy(name)
        del self.proxies[name]
        self._stop_rebinding(name)
        self.leases.release_proxy(name)
        for toxic in proxy.toxics:
            self.leases.release_toxic(name, toxic)
        await proxy.stop()

    def add_toxic(self, proxy_name: str, wanted: NewToxic) -> Toxic:
        proxy = self.proxy(proxy_name)
        if wanted.name in proxy.toxics:
            raise ToxicExists
        toxic = Toxic(
            wanted.name,
            wanted.type,
            wanted.stream,
            wanted.toxicity,
            wanted.settings,
            f"{self._seed}/{proxy_name}",
        )
        proxy.add_toxic(toxic)
        self._claim(wanted.claim, proxy_name, toxic)
        return toxic

    def update_toxic(self, proxy_name: str, name: str, change: ToxicChange) -> Toxic:
        toxic = self.toxic(proxy_name, name)
        toxic.settings = replace(toxic.settings, **change.attributes)
        if change.toxicity is not None:
            toxic.toxicity = change.toxicity
        self.proxies[proxy_name].update_toxic(toxic)
        self._claim(change.claim, proxy_name, toxic)
        return toxic

    def remove_toxic(self, proxy_name: str, name: str) -> None:
        toxic = self.toxic(proxy_name, name)
        self.leases.release_toxic(proxy_name, name)
        self.proxies[proxy_name].remove_toxic(toxic)

    async def reset(self) -> None:
        """Remove every toxic and enable every proxy. Raises CannotListen after having done all it could."""
        failures = []
        for name, proxy in self.proxies.items():
            for toxic in list(proxy.toxics):
                self.remove_toxic(name, toxic)
        for proxy in list(self.proxies.values()):
            try:
                self._still_there(proxy)
                await self._switch(proxy, True, leased=False)
            except ProxyNotFound:
                continue  # deleted while another was waited for
            except CannotListen as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    async def end_lease(self, holder: str) -> None:
        """Heal all that the holder has, now. A port that someone took meanwhile is waited for in the background."""
        lease = self.leases.end(holder)
        self._heal(lease)
        rebinding = [self._rebinding[name] for name in lease.proxies if name in self._rebinding]
        if rebinding:
            await asyncio.wait(rebinding, timeout=REBIND_PATIENCE_S)

    def close(self) -> None:
        """Drop everything."""
        for name in list(self._rebinding):
            self._stop_rebinding(name)
        for proxy in self.proxies.values():
            proxy.drop()

    def _make(self, wanted: NewProxy) -> Proxy:
        return Proxy(wanted.name, wanted.listen, wanted.upstream, self.clock, self.log, self._census)

    def _still_there(self, proxy: Proxy) -> None:
        """Raises ProxyNotFound for one that was deleted while it was waited for."""
        if self.proxies.get(proxy.name) is not proxy:
            proxy.drop()
            raise ProxyNotFound

    async def _switch(self, proxy: Proxy, enabled: bool, leased: bool) -> None:
        """Enable or disable. Unless `leased`, the proxy then leaves its lease, and no heal that waits goes on."""
        if not enabled:
            self._stop_rebinding(proxy.name)
            if not leased:
                self.leases.release_proxy(proxy.name)
            await proxy.stop()
        else:
            await proxy.start()
            # Not before: as long as the port cannot be had, the lease is what heals the proxy.
            if not leased:
                self.leases.release_proxy(proxy.name)
        self._still_there(proxy)

    def _claim(self, claim: Claim | None, proxy: str, toxic: Toxic) -> None:
        if claim is not None:
            self.leases.claim_toxic(claim, proxy, toxic.name)

    def _lease_expired(self, lease: Lease) -> None:
        self.leases_expired += 1
        self.log.write(Happening.LEASE_EXPIRED, detail=lease.holder)
        self._heal(lease)

    def _heal(self, lease: Lease) -> None:
        for name, toxic in lease.toxics:
            self.proxies[name].remove_toxic(self.toxic(name, toxic))
        for name, enabled in lease.proxies.items():
            proxy = self.proxies[name]
            if not enabled:
                proxy.drop()
            elif not proxy.enabled:
                self._rebind(proxy)

    def _rebind(self, proxy: Proxy) -> None:
        if proxy.name in self._rebinding:
            return
        task = asyncio.get_running_loop().create_task(self._rebind_until_held(proxy))
        self._rebinding[proxy.name] = task

    def _stop_rebinding(self, name: str) -> None:
        task = self._rebinding.pop(name, None)
        if task is not None:
            task.cancel()

    async def _rebind_until_held(self, proxy: Proxy) -> None:
        """Someone may have taken the port meanwhile: a heal does not give up before someone else decides."""
        while True:
            try:
                await proxy.start()
            except CannotListen:
                await asyncio.sleep(REBIND_AGAIN_S)
            else:
                self._rebinding.pop(proxy.name, None)
                return
