"""Whether a server that somebody else started can carry an experiment: asked before anything is started."""

from dataclasses import dataclass

from chaos.control import Network
from chaos.errors import NetworkError
from chaos.faults import PLAIN, Fault
from chaos.links import LINKS, link_of
from loket.experiment import Experiment
from loket.load.target import is_loopback

FLAG = "--toxiproxy-url"


class CannotCarry(Exception):
    """What is wrong with the server named, or with what it is to carry; one line."""


@dataclass(frozen=True)
class Server:
    """A server with Toxiproxy's API, at `url`; `name` is what the report calls it."""

    url: str
    name: str


def find_server(url: str, experiment: Experiment) -> Server:
    """The server at `url`, found to be free for the links of the experiment and able to make its faults.

    Raises CannotCarry.
    """
    if not is_loopback(url):
        raise CannotCarry(f"{FLAG}: found {url!r}, expected an address of this machine: the parts listen on no other")
    try:
        network = Network(url, "preflight")
        name = f"{'fault engine' if network.knows_leases() else 'Toxiproxy'} {network.version()} at {url}"
        taken = sorted(name for name in network.proxy_names() if link_of(name) in LINKS)
    except (ValueError, NetworkError) as error:
        raise CannotCarry(f"{FLAG}: {error}") from error
    if taken:
        raise CannotCarry(f"{FLAG}: {name} has proxies of its own named {', '.join(taken)}, expected those names free")
    if not network.knows_leases():
        _require_plain(experiment.faults, name)
    return Server(url, name)


def _require_plain(faults: tuple[Fault, ...], name: str) -> None:
    beyond = [f"{fault.name} ({fault.kind})" for fault in faults if not fault.is_plain]
    if beyond:
        raise CannotCarry(
            f"{FLAG}: {name} cannot make {', '.join(beyond)}, expected faults that Toxiproxy has "
            f"({', '.join(PLAIN)}), or no {FLAG}: Loket's own engine can"
        )
