"""Workers of other hosts: how many are to come, where the master listens for them, and how long it waits."""

import errno
import os
import socket
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from loket.experiment.blocks import Target
from loket.load.target import is_loopback
from loket.stack.probe import LOOPBACK

FLAG = "--remote-workers"
BIND_FLAG = "--bind"
# Locust's own.
DEFAULT_PORT = 5557


class BadGathering(Exception):
    """Where nobody can come to; one line."""


@dataclass(frozen=True)
class Gathering:
    """`host` is a numeric IPv4 address of this machine."""

    workers: int
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    patience_s: float = 120.0

    @property
    def command(self) -> str:
        """What is typed on each of the other hosts."""
        return f"loket worker --master {self.host}:{self.port}"

    @property
    def on_loopback(self) -> bool:
        """Whether only processes of this machine can come."""
        return IPv4Address(self.host).is_loopback


def require_reachable(gathering: Gathering, target: Target | None) -> None:
    """Raises BadGathering where workers of other hosts are to load what only this one can reach."""
    for url in (target.service, target.bank) if target and not gathering.on_loopback else ():
        if is_loopback(url):
            raise BadGathering(f"{BIND_FLAG}: found a target at {url}, expected one that other hosts can reach")


def gathering_at(workers: int, bind: str, patience_s: float) -> Gathering:
    """Where the workers come: `bind` is `ADDRESS[:PORT]`, free to listen on. Raises BadGathering."""
    host, _, port_text = bind.partition(":")
    try:
        address = IPv4Address(host)
        port = int(port_text) if port_text else DEFAULT_PORT
    except (AddressValueError, ValueError):
        port = 0
    if not 0 < port < 65_536:
        expected = f"expected ADDRESS or ADDRESS:PORT, as in 10.0.0.5:{DEFAULT_PORT}"
        raise BadGathering(f"{BIND_FLAG}: found {bind!r}, {expected}")
    if address.is_unspecified:
        raise BadGathering(f"{BIND_FLAG}: found {host}, expected the one address that the workers are to call")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            ours = "; expected an address of this machine" if error.errno == errno.EADDRNOTAVAIL else ""
            why = os.strerror(error.errno) if error.errno else str(error)
            raise BadGathering(f"{BIND_FLAG}: cannot listen at {host}:{port}: {why}{ours}") from error
    return Gathering(workers, host, port, patience_s)
