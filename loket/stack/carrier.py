"""Who carries the links of a run: a fault engine of its own, or a server with Toxiproxy's API that is there already."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chaos.control import Network
from chaos.errors import NetworkError
from chaos.faults import OF_PEOPLE
from chaos.links import branch_name
from loket.stack.engine import Engine
from loket.stack.keeper import Keeper
from loket.stack.part import Part
from loket.stack.probe import LOOPBACK


class Carrier(Protocol):
    """`parts` are the processes that belong to it, by name."""

    @property
    def parts(self) -> Mapping[str, Part]: ...

    def start(self, interrupted: Callable[[], bool]) -> str:
        """Wait until it answers; the URL of its control. Raises StackError."""
        ...

    def open_link(self, network: Network, name: str, upstream: str, host: str = LOOPBACK) -> str:
        """Carry a link; where callers find it, on the address given. Raises NetworkError."""
        ...

    def open_branch(self, network: Network, link: str, branch: str, upstream: str, host: str = LOOPBACK) -> str:
        """Carry a branch of a link; where its callers find it, on the address given. Raises NetworkError."""
        ...

    def leave(self, network: Network) -> None:
        """Take the run's links away, where the carrier stays."""
        ...


class OwnEngine:
    """An engine of the run's own: it ends with the run, and all its links with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.parts = {engine.part.name: engine.part}

    def start(self, interrupted: Callable[[], bool]) -> str:
        return self._engine.start(interrupted)

    def open_link(self, network: Network, name: str, upstream: str, host: str = LOOPBACK) -> str:
        return network.open_link(name, upstream, host)

    def open_branch(self, network: Network, link: str, branch: str, upstream: str, host: str = LOOPBACK) -> str:
        return network.open_branch(link, branch, upstream, host)

    def leave(self, network: Network) -> None:
        """Nothing stays of it."""


class Borrowed:
    """A server that somebody else started, at `url`: the run takes its own links off it again, and nothing else.

    Should the runner vanish the keeper takes them off, for such a server may know no leases.
    """

    parts: Mapping[str, Part] = {}

    def __init__(self, url: str, keeper: Keeper) -> None:
        self._url = url
        self._keeper = keeper

    def start(self, interrupted: Callable[[], bool]) -> str:
        return self._url

    def open_link(self, network: Network, name: str, upstream: str, host: str = LOOPBACK) -> str:
        # Before it is there: what is not there is no error to whoever takes it away.
        self._keeper.delete_later(network.link_url(name))
        return network.open_link(name, upstream, host)

    def open_branch(self, network: Network, link: str, branch: str, upstream: str, host: str = LOOPBACK) -> str:
        self._keeper.delete_later(network.link_url(branch_name(link, branch)))
        return network.open_branch(link, branch, upstream, host)

    def leave(self, network: Network) -> None:
        # Whether it is healed was asked before; a server that is gone by now carries nothing any more.
        with suppress(NetworkError):
            network.close_links()


def carrier_of(url: str | None, logs: Path, decisions: Path, seed: int, keeper: Keeper) -> Carrier:
    """The server at `url`, or an engine of the run's own."""
    return Borrowed(url, keeper) if url else OwnEngine(Engine(logs, decisions, seed, keeper))


def open_edges(
    carrier: Carrier, network: Network, profiles: Collection[str], upstream: str, host: str = LOOPBACK
) -> dict[str, str]:
    """A way in to `upstream` of its own for the people of each network; their URLs. Raises NetworkError."""
    opened = {profile: carrier.open_branch(network, OF_PEOPLE, profile, upstream, host) for profile in profiles}
    return {profile: f"http://{listens}" for profile, listens in opened.items()}
