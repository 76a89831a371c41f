"""The embedded stack: every part of the reference system on loopback, every hop through the fault engine."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from chaos.control import Network
from chaos.faults import OF_PEOPLE
from chaos.links import LINKS
from loket.stack import postgres, recipes
from loket.stack.carrier import Carrier, carrier_of, open_edges
from loket.stack.keeper import Keeper
from loket.stack.part import Part, StackError, await_ready
from loket.stack.postgres import Cluster, find_programs
from loket.stack.probe import LOOPBACK, Probe, free_ports, port_is_taken
from loket.stack.settings import Addresses, Entrance, Feed, Feeds, Secrets, StackSettings

START_TIMEOUT_S = 60.0
# A port found free may be taken before its part binds it; then the whole stack moves to other ports.
ATTEMPTS = 3


class EmbeddedStack:
    """Start with `start`, look with `dead` and `restart`, end with `stop`; nothing stays behind after `stop`."""

    def __init__(
        self,
        directory: Path,
        settings: StackSettings,
        keeper: Keeper,
        holder: str,
        decisions: Path,
        interrupted: Callable[[], bool] = lambda: False,
        service_port: int = 0,
        toxiproxy_url: str | None = None,
    ) -> None:
        """`toxiproxy_url` is a server that carries the links in place of an engine of the stack's own."""
        self._logs = directory / "logs"
        self._state = directory / "state"
        self._settings = settings
        self._keeper = keeper
        self._holder = holder
        self._decisions = decisions
        self._interrupted = interrupted
        self._service_port = service_port
        self._toxiproxy_url = toxiproxy_url
        self._carrier: Carrier | None = None
        self._probe = Probe()
        self.tokens = Secrets()
        self.parts: dict[str, Part] = {}
        self._cluster: Cluster | None = None
        self.network: Network
        self.addresses: Addresses

    def start(self) -> None:
        """Start every part and wait until each serves. Raises StackError; what was started is then stopped."""
        if self._service_port and port_is_taken(self._service_port):
            raise StackError(
                f"port {self._service_port} of this machine is taken; stop what listens there or choose another port"
            )
        self._state.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        self._settings = replace(self._settings, clock_epoch_s=time.time())
        for attempt in range(1, ATTEMPTS + 1):
            ports = self._choose_ports()
            try:
                self._start_on(ports)
                return
            except StackError:
                self.stop()
                if attempt == ATTEMPTS or not any(port_is_taken(port, host) for host, port in ports.listening()):
                    raise

    def open_edges(self, profiles: Collection[str]) -> Mapping[str, str]:
        """A way in of its own for the people of each network; their URLs. Raises NetworkError."""
        assert self._carrier is not None
        upstream = self.addresses.service.removeprefix("http://")
        return open_edges(self._carrier, self.network, profiles, upstream, self._settings.host)

    @property
    def entrance(self) -> Entrance:
        """Where the load goes in."""
        addresses, tokens = self.addresses, self.tokens
        return Entrance(
            addresses.edge,
            addresses.service,
            addresses.bank,
            tokens.admin,
            tokens.office,
            addresses.simkim,
            tokens.staff,
        )

    @property
    def feeds(self) -> Feeds:
        """What every part tells of itself."""
        return Feeds(
            service=Feed(self.addresses.service, self.tokens.audit),
            simponi=Feed(self.addresses.simponi, self.tokens.outside),
            bank=Feed(self.addresses.bank, self.tokens.outside),
        )

    def stop(self) -> None:
        """End every part, all asked at once, but last those that the others say goodbye through. Idempotent."""
        last = [part for name, part in self.parts.items() if name in (postgres.NAME, "engine")]
        others = [part for part in self.parts.values() if part not in last]
        for part in others:
            part.ask_to_stop()
        for part in [*others, *last]:
            part.stop()
        if self._carrier:
            self._carrier.leave(self.network)
        if self._cluster:
            self._cluster.remove()

    def dead(self) -> dict[str, str]:
        """Parts that ended by themselves, each with how."""
        return {name: part.ending() for name, part in self.parts.items() if not part.alive()}

    def restart(self, name: str) -> None:
        """Start a dead part again on its old port and wait for it. Raises StackError, and for the engine always."""
        if name == "engine":
            raise StackError("the fault engine died, and every link with it")
        part = self.parts[name]
        part.stop()  # what is left of its group may still hold the port
        part.start()
        await_ready([part], START_TIMEOUT_S, self._interrupted)

    def _start_database(self, ports: recipes.Ports) -> None:
        self._cluster = Cluster(find_programs(os.environ), port=ports.database)
        part = Part(self._cluster.recipe(), self._logs / f"{postgres.NAME}.log", self._keeper)
        self.parts[part.name] = part
        part.start()
        await_ready([part], START_TIMEOUT_S, self._interrupted)

    def _choose_ports(self) -> recipes.Ports:
        service, jobs, dukcapil, simponi, bank, simkim, database = free_ports(7)
        return recipes.Ports(
            self._service_port or service, jobs, dukcapil, simponi, bank, simkim, database, self._settings.host
        )

    def _start_on(self, ports: recipes.Ports) -> None:
        settings = self._settings
        carrier = carrier_of(self._toxiproxy_url, self._logs, self._decisions, settings.seed, self._keeper)
        self.parts |= carrier.parts
        control = carrier.start(self._interrupted)
        self.network = Network(control, self._holder)
        self._carrier = carrier
        on_postgresql = settings.database == postgres.NAME
        if on_postgresql:
            self._start_database(ports)
        carried = [name for name in LINKS if on_postgresql or name != "database"]
        links = {
            name: carrier.open_link(
                self.network, name, ports.upstream_of(name), settings.host if name == OF_PEOPLE else LOOPBACK
            )
            for name in carried
        }
        made = recipes.parts(ports, links, self._state, settings, self.tokens, self._probe)
        for recipe in made:
            self.parts[recipe.name] = Part(recipe, self._logs / f"{recipe.name}.log", self._keeper)
            self.parts[recipe.name].start()
        await_ready([self.parts[recipe.name] for recipe in made], START_TIMEOUT_S, self._interrupted)
        self.addresses = _addresses(control, links, ports)


def _addresses(control: str, links: Mapping[str, str], ports: recipes.Ports) -> Addresses:
    return Addresses(
        control=control,
        edge=f"http://{links['edge']}",
        service=recipes.base_url(ports.service, ports.host),
        jobs=recipes.base_url(ports.jobs),
        dukcapil=recipes.base_url(ports.dukcapil),
        simponi=recipes.base_url(ports.simponi),
        bank=recipes.base_url(ports.bank, ports.host),
        simkim=recipes.base_url(ports.simkim, ports.host),
    )
