"""A target: a service of one's own on the stage, with nothing of ours but the fault engine in front of it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chaos.control import Network
from loket.stack.carrier import carrier_of, open_edges
from loket.stack.keeper import Keeper
from loket.stack.part import StackError
from loket.stack.probe import LOOPBACK, is_reached
from loket.stack.settings import Entrance, Feed, Feeds

DEFAULT_PORT = 80


@dataclass(frozen=True)
class TargetSettings:
    """Base URLs of the service and of the bank, and the tokens given for it; without `audit_token` no feed is read.

    `host` is the address of this machine at which people find the way in.
    """

    service: str
    bank: str
    admin_token: str
    audit_token: str | None
    seed: int
    office_token: str = ""
    host: str = LOOPBACK


class TargetStage:
    """Only the link `edge` is carried: how the target's own parts reach each other is its own affair."""

    network: Network

    def __init__(
        self,
        directory: Path,
        settings: TargetSettings,
        keeper: Keeper,
        holder: str,
        decisions: Path,
        interrupted: Callable[[], bool] = lambda: False,
        toxiproxy_url: str | None = None,
    ) -> None:
        self._settings = settings
        self._holder = holder
        self._interrupted = interrupted
        self._carrier = carrier_of(toxiproxy_url, directory / "logs", decisions, settings.seed, keeper)
        self._opened = False
        self._edge = ""

    @property
    def entrance(self) -> Entrance:
        """Where the load goes in."""
        settings = self._settings
        return Entrance(self._edge, settings.service, settings.bank, settings.admin_token, settings.office_token)

    @property
    def feeds(self) -> Feeds:
        """The service's events where a token opens them; bills and ledger are read of the embedded stack only."""
        token = self._settings.audit_token
        return Feeds(service=Feed(self._settings.service, token) if token else None)

    def start(self) -> None:
        """Put the engine in front of the target. Raises StackError where nobody listens there, or NetworkError."""
        host, port = address_of(self._settings.service)
        if not is_reached(host, port):
            raise StackError(f"nobody listens at the target, {self._settings.service}")
        self.network = Network(self._carrier.start(self._interrupted), self._holder)
        self._opened = True
        edge = self._carrier.open_link(self.network, "edge", upstream_of(host, port), self._settings.host)
        self._edge = f"http://{edge}"

    def open_edges(self, profiles: Collection[str]) -> Mapping[str, str]:
        """A way in of its own for the people of each network; their URLs. Raises NetworkError."""
        upstream = upstream_of(*address_of(self._settings.service))
        return open_edges(self._carrier, self.network, profiles, upstream, self._settings.host)

    def stop(self) -> None:
        """Take the network away; the target is left alone. Idempotent."""
        if self._opened:
            self._carrier.leave(self.network)
        for part in self._carrier.parts.values():
            part.stop()

    def dead(self) -> dict[str, str]:
        """The engine, where it ended by itself."""
        return {name: part.ending() for name, part in self._carrier.parts.items() if not part.alive()}

    def restart(self, name: str) -> None:
        """Raises StackError: the engine's links are gone with it, and nothing else is ours."""
        raise StackError("the fault engine died, and the link to the target with it")


def address_of(url: str) -> tuple[str, int]:
    """Host and port of an `http://` URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or DEFAULT_PORT


def upstream_of(host: str, port: int) -> str:
    """`host:port` as the fault engine takes it: the colons of an IPv6 address stand in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
