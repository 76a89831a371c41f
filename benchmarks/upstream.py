"""What stands behind the relays that are measured: one event loop in a process of its own, one port a way of serving.

Nothing is sent before the client has sent something, so that a connection can be open and idle.
"""

import asyncio
import contextlib
import multiprocessing
import socket
from collections.abc import Iterator
from ctypes import c_long
from dataclasses import dataclass
from functools import partial
from multiprocessing.sharedctypes import Synchronized
from typing import TypeAlias, cast

import uvloop

FLOOD_CHUNK = b"x" * 65_536
TRICKLE_CHUNK = b"x" * 2_000
TRICKLE_EVERY_S = 0.1
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n" + b'{"state":"OPEN"}'
# What a slow relay leaves behind, times a thousand connections, should not fill the kernel's memory.
SEND_BUFFER_BYTES = 65_536
BACKLOG = 4096

Count: TypeAlias = "Synchronized[int]"


@dataclass(frozen=True)
class Upstream:
    """`host:port` by way of serving, and how many connections have come and have been reset so far."""

    addresses: dict[str, str]
    accepted: Count
    resets: Count


class Echo(asyncio.Protocol):
    """Sends back what comes."""

    def __init__(self, accepted: Count, resets: Count) -> None:
        self._accepted = accepted
        self._resets = resets
        self.writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._accepted.value += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._resets.value += isinstance(exc, ConnectionResetError)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True


class Page(Echo):
    """Answers every HTTP request without a body."""

    def data_received(self, data: bytes) -> None:
        self.transport.write(PAGE * data.count(b"\r\n\r\n"))


class Flood(Echo):
    """Sends as fast as it is taken."""

    def data_received(self, data: bytes) -> None:
        while self.writable and not self.transport.is_closing():
            self.transport.write(FLOOD_CHUNK)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.data_received(b"")


class Trickle(Echo):
    """Sends a little ten times a second."""

    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(TRICKLE_CHUNK)
            asyncio.get_running_loop().call_later(TRICKLE_EVERY_S, self.data_received, b"")


WAYS = {"echo": Echo, "page": Page, "flood": Flood, "trickle": Trickle}


@contextlib.contextmanager
def upstream() -> Iterator[Upstream]:
    """A process that serves in every way."""
    listeners = {way: socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) for way in WAYS}
    addresses = {way: f"127.0.0.1:{listener.getsockname()[1]}" for way, listener in listeners.items()}
    accepted, resets = multiprocessing.Value(c_long), multiprocessing.Value(c_long)
    process = multiprocessing.Process(target=run, args=(listeners, accepted, resets), daemon=True)
    process.start()
    for listener in listeners.values():
        listener.close()
    try:
        yield Upstream(addresses, accepted, resets)
    finally:
        process.terminate()
        process.join()


def as_address(text: str) -> tuple[str, int]:
    host, port = text.split(":")
    return host, int(port)


def run(listeners: dict[str, socket.socket], accepted: Count, resets: Count) -> None:
    uvloop.run(serve(listeners, accepted, resets))


async def serve(listeners: dict[str, socket.socket], accepted: Count, resets: Count) -> None:
    loop = asyncio.get_running_loop()
    for way, listener in listeners.items():
        await loop.create_server(partial(WAYS[way], accepted, resets), sock=listener, backlog=BACKLOG)
    await asyncio.Event().wait()
