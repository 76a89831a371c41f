"""The network of one run, and its control: opens links, applies faults, heals them and makes sure that they are gone.

Works on the fault engine and on a real Toxiproxy alike. Every fault carries a lease: where the server knows leases,
a fault heals by itself once its holder is dead. All methods may be called from any thread.
"""

import threading
from typing import TypeVar
from urllib.parse import quote

import msgspec

from chaos.consumer import consumer_of
from chaos.errors import NetworkError, Refused, Unreachable
from chaos.faults import Fault
from chaos.links import branch_name, known_link
from chaos.profiles import TOXIC_PREFIX as PROFILE_PREFIX
from chaos.profiles import Profile

T = TypeVar("T")
LOOPBACK = "127.0.0.1"

# Three renewals may be lost before a lease runs out, even if the server lets each of them wait.
RENEWALS_PER_LEASE = 4


class _ToxicState(msgspec.Struct):
    name: str


class _ProxyState(msgspec.Struct):
    name: str
    listen: str
    enabled: bool
    toxics: list[_ToxicState]

    def holds(self, fault: Fault) -> bool:
        if fault.down:
            return not self.enabled
        return fault.toxic_name in {toxic.name for toxic in self.toxics}


class _Version(msgspec.Struct):
    version: str


# Described here, by one thread: two that describe a type at the same moment make msgspec 0.22 end the process.
for _kind in (_ProxyState, _Version):
    msgspec.json.Decoder(_kind)


class Network:
    """The links of one run on the fault engine at `url`, whose faults `holder` holds on a lease of `lease_ttl_s`.

    `leases_supported` is None until the first `renew`. Every method raises `Unreachable` or `Refused`; making one
    with an address or a holder that could not be used raises ValueError.
    """

    def __init__(self, url: str, holder: str, lease_ttl_s: float = 2.0, timeout_s: float = 2.0) -> None:
        if not holder or "/" in holder:
            # Toxiproxy's router takes even an escaped slash for the end of a name.
            raise ValueError(f"expected a holder's name without a slash, found {holder!r}")
        self.url = url
        self.holder = holder
        self.lease_ttl_s = lease_ttl_s
        self.leases_supported: bool | None = None
        self._server = consumer_of(url, timeout_s)
        self._renewal_timeout_s = min(timeout_s, lease_ttl_s / RENEWALS_PER_LEASE)
        # link → the proxies that carry it: one of its own name, or a branch for each network of the people
        self._links: dict[str, list[str]] = {}
        self._held: dict[str, Fault] = {}
        # Re-entrant, because a signal handler may heal while its own thread is in the middle of a change.
        self._changing = threading.RLock()

    def version(self) -> str:
        """The server's version, such as "2.12.0"."""
        return self._read(self._server.get("/version").content, _Version).version

    def open_link(self, name: str, upstream: str, host: str = LOOPBACK) -> str:
        """Carry the link to `upstream` ("host:port"); where callers find it, as "host:port" on the address given."""
        return self._open(known_link(name), name, upstream, host)

    def open_branch(self, link: str, branch: str, upstream: str, host: str = LOOPBACK) -> str:
        """Carry a branch of the link beside it; where its callers find it. Faults of the link are on all branches."""
        return self._open(known_link(link), branch_name(link, branch), upstream, host)

    def _open(self, link: str, proxy_name: str, upstream: str, host: str) -> str:
        body = {"name": proxy_name, "listen": f"{host}:0", "upstream": upstream, "enabled": True}
        with self._changing:
            proxy = self._read(self._server.post("/proxies", json=body).content, _ProxyState)
            self._links.setdefault(link, []).append(proxy_name)
        return proxy.listen

    def link_url(self, name: str) -> str:
        """Where the server has the link's proxy."""
        return self._server.url() + _proxy_path(name)

    def proxy_names(self) -> list[str]:
        """Every proxy that the server has, whoever made it."""
        return sorted(self._proxies())

    def knows_leases(self) -> bool:
        """Whether the server is a fault engine of ours, and no plain Toxiproxy."""
        if self.leases_supported is None:
            self.leases_supported = self._knows_leases()
        return self.leases_supported

    def close_links(self) -> None:
        """Take away every link that this network opened; one already gone is no error."""
        with self._changing:
            for link, proxies in sorted(self._links.items()):
                for name in proxies:
                    self._remove(_proxy_path(name))
                del self._links[link]

    def set_profile(self, link: str, profile: Profile) -> None:
        """Make `link`, or a branch, the client network of `profile` in place of the one before; healing leaves it."""
        with self._changing:
            for toxic in self._read(self._server.get(f"{_proxy_path(link)}/toxics").content, list[_ToxicState]):
                if toxic.name.startswith(PROFILE_PREFIX):
                    self._remove(_toxic_path(link, toxic.name))
            for wanted in profile.toxics():
                self._server.post(f"{_proxy_path(link)}/toxics", json=wanted.body())

    def apply(self, fault: Fault) -> None:
        """Apply the fault now. An error that is not `definite` may have applied it: heal it then."""
        lease = {"lease": {"holder": self.holder, "ttl_ms": self._ttl_ms}}
        toxic = fault.toxic()
        with self._changing:
            self._held[fault.name] = fault
            for place, proxy in enumerate(self._carriers(fault)):
                try:
                    if toxic is None:
                        self._server.post(_proxy_path(proxy), json={"enabled": False} | lease)
                    else:
                        self._server.post(f"{_proxy_path(proxy)}/toxics", json=toxic.body() | lease)
                except NetworkError as error:
                    # On the branches before it stands.
                    error.definite = error.definite and place == 0
                    if error.definite:
                        del self._held[fault.name]
                    raise

    def heal(self, fault: Fault) -> None:
        """Heal the fault; one that is not there is healed. A link stays down while another fault keeps it down."""
        with self._changing:
            for proxy in self._carriers(fault):
                if not fault.down:
                    self._remove(_toxic_path(proxy, fault.toxic_name))
                elif not self._kept_down_by_another(fault, proxy):
                    self._server.post(_proxy_path(proxy), json={"enabled": True})
            self._held.pop(fault.name, None)

    def heal_all(self) -> None:
        """Heal every fault that this network holds. Tries each of them, then raises the first error met."""
        errors: list[NetworkError] = []
        with self._changing:
            try:
                self._remove(self._lease_path)
            except NetworkError as error:
                errors.append(error)
            for fault in list(self._held.values()):
                try:
                    self.heal(fault)
                except NetworkError as error:
                    errors.append(error)
        if errors:
            raise errors[0]

    def verify_healed(self) -> list[str]:
        """What the server says still disturbs this network's links, a line each; empty when all is healed."""
        proxies = self._proxies()
        standing = []
        with self._changing:
            links = sorted(name for names in self._links.values() for name in names)
        for link in links:
            proxy = proxies.get(link)
            if proxy is None or not proxy.enabled:
                standing.append(f"link {link} is {'down' if proxy else 'gone'}")
            for toxic in proxy.toxics if proxy else ():
                if not toxic.name.startswith(PROFILE_PREFIX):
                    standing.append(f"{toxic.name} on link {link}")
        return standing

    def lost(self) -> list[str]:
        """Names of the faults that this network holds and the server no longer has (their lease ran out, say)."""
        proxies = self._proxies()
        with self._changing:
            return [
                fault.name
                for fault in self._held.values()
                if any(name not in proxies or not proxies[name].holds(fault) for name in self._carriers(fault))
            ]

    def renew(self) -> bool:
        """Renew the lease for another `lease_ttl_s`; False where there is none: nothing held, or not supported."""
        if self.leases_supported is False:
            return False
        try:
            self._server.put(self._lease_path, json={"ttl_ms": self._ttl_ms}, timeout=self._renewal_timeout_s)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            self.leases_supported = self._knows_leases()
            return False
        self.leases_supported = True
        return True

    def _knows_leases(self) -> bool:
        try:
            self._server.get("/leases", timeout=self._renewal_timeout_s)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return False
        return True

    @property
    def _lease_path(self) -> str:
        return f"/leases/{_escaped(self.holder)}"

    @property
    def _ttl_ms(self) -> int:
        return round(self.lease_ttl_s * 1000)

    def _carriers(self, fault: Fault) -> list[str]:
        """The proxies that the fault is on."""
        if fault.profile:
            return [branch_name(fault.link, fault.profile)]
        return list(self._links.get(fault.link, [fault.link]))

    def _kept_down_by_another(self, fault: Fault, proxy: str) -> bool:
        others = (other for other in self._held.values() if other.name != fault.name)
        return any(other.down and proxy in self._carriers(other) for other in others)

    def _proxies(self) -> dict[str, _ProxyState]:
        return self._read(self._server.get("/proxies").content, dict[str, _ProxyState])

    def _remove(self, path: str) -> None:
        try:
            self._server.delete(path)
        except Refused as refusal:
            if refusal.status != 404:
                raise

    def _read(self, content: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError as error:
            reason = f"it answers, but not as Toxiproxy does ({error})"
            raise Unreachable(self._server.url(), reason, definite=False) from error


def _escaped(name: str) -> str:
    return quote(name, safe="")


def _proxy_path(link: str) -> str:
    return f"/proxies/{_escaped(link)}"


def _toxic_path(link: str, toxic_name: str) -> str:
    return f"{_proxy_path(link)}/toxics/{_escaped(toxic_name)}"
