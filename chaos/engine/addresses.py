"""`host:port` as Go writes it: the empty host is every interface, IPv6 hosts stand in brackets."""

import asyncio
import contextlib
import errno
import os
import socket
from dataclasses import dataclass

from chaos.engine.errors import CannotListen

BACKLOG = 1024
LARGEST_PORT = 65535
# Accepted connections inherit it. A client that has closed for good looks like one that has closed its own half, and
# an upstream that says nothing would keep its connection for ever: probes every quarter of a minute tell.
PROBING = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), 15)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL")
    if hasattr(socket, name)  # macOS calls the first by the second's name
]


@dataclass(frozen=True)
class Address:
    """Where to listen or whom to call; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(text: str) -> Address:
    """The address written as `text`. Raises CannotListen where the port is missing or no number."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not text:
        return Address("", 0)
    if not colon or ("]" in port):
        raise CannotListen(f"address {text}: missing port in address")
    if ":" in host and not bracketed:
        raise CannotListen(f"address {text}: too many colons in address")
    digits = port.lstrip("0") or port[:1]
    # Python reads no number of thousands of digits.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= LARGEST_PORT):
        raise CannotListen(f"address {text}: invalid port")
    return Address(host.strip("[]"), int(digits))


async def resolve(text: str) -> Address:
    """The numeric address to bind for `text`; IPv4 is preferred for names. Raises CannotListen."""
    address = parse(text)
    if not address.host:
        return Address("::" if socket.has_ipv6 else "0.0.0.0", address.port)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise CannotListen(f"lookup {address.host}: {failure.strerror}") from failure
    except UnicodeError as failure:
        raise CannotListen(f"lookup {address.host}: no name of a host") from failure
    _, _, _, _, where = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return Address(str(where[0]), int(where[1]))


def bind(address: Address) -> socket.socket:
    """A listening, non-blocking socket on a numeric address; `::` takes IPv4 too. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with contextlib.ExitStack() as undo:
        try:
            listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            for level, option, value in PROBING:
                listener.setsockopt(level, option, value)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((address.host, address.port))
            listener.listen(BACKLOG)
            listener.setblocking(False)
        except OSError as failure:
            reason = os.strerror(failure.errno or errno.EIO).lower()
            raise CannotListen(f"listen tcp {address}: bind: {reason}") from failure
        undo.pop_all()
    return listener


def bound(listener: socket.socket) -> str:
    """The address a listening socket has, as text."""
    host, port = listener.getsockname()[:2]
    return str(Address(host, port))
