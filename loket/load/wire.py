"""A TCP socket that waits in gevent's loop, and only where there is something to wait for.

gevent's own socket reads once in vain before it waits, and has two watchers from the start; a crowd has many sockets
that are read once for each request.
"""

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import gevent.socket
from gevent import monkey
from gevent.hub import get_hub

READABLE, WRITABLE = 1, 2  # as the loop calls them
UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK})
POLLIN = 1
Address = tuple[int, tuple[Any, ...]]

# Locust puts gevent's in the place of the standard library's.
_Socket = monkey.get_original("socket", "socket")
_poll = monkey.get_original("select", "poll")


def resolved(host: str, port: int) -> tuple[Address, ...]:
    """Where to connect to, in the order to be tried. Raises OSError where the name has no address.

    A number needs no resolver, and gevent's would ask a thread.
    """
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return ((family, (host, port)),)
    found = gevent.socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    return tuple((family, address) for family, _, _, _, address in found)


class Wire:
    """An open connection, for one greenlet at a time. What goes wrong is an OSError."""

    __slots__ = ("_idle", "_readable", "_socket")

    def __init__(self, address: Address) -> None:
        """Connects; takes as long as that takes. Raises OSError, and leaves no socket open then."""
        family, where = address
        self._socket = _Socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            error = self._socket.connect_ex(where)
            if error in UNDER_WAY:
                self._wait_for(WRITABLE)
                error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, errno.errorcode.get(error, "no connection"))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            self._socket.close()
            raise
        self._readable = get_hub().loop.io(self._socket.fileno(), READABLE)
        self._idle = _poll()
        self._idle.register(self._socket.fileno(), POLLIN)

    def stale(self) -> bool:
        """An idle connection with something to read was closed by the other side."""
        return bool(self._idle.poll(0))

    def send(self, pieces: Sequence[bytes]) -> None:
        """All of them, one after the other, none copied."""
        try:
            sent = self._socket.send(pieces[0]) if len(pieces) == 1 else self._socket.sendmsg(pieces)
        except BlockingIOError:
            sent = 0
        if sent < sum(map(len, pieces)):
            self._send_rest(pieces, sent)

    def receive(self, most: int) -> bytes:
        """What comes next, once something comes; empty where the other side has closed."""
        while True:
            get_hub().wait(self._readable)
            # Linux may wake a reader for a packet that it then throws away.
            with suppress(BlockingIOError):
                received: bytes = self._socket.recv(most)
                return received

    def close(self) -> None:
        self._readable.stop()
        self._readable.close()
        self._socket.close()

    def _send_rest(self, pieces: Sequence[bytes], sent: int) -> None:
        for piece in pieces:
            rest = memoryview(piece)[sent:]
            sent = max(0, sent - len(piece))
            while rest:
                self._wait_for(WRITABLE)
                with suppress(BlockingIOError):
                    rest = rest[self._socket.send(rest) :]

    def _wait_for(self, event: int) -> None:
        watcher = get_hub().loop.io(self._socket.fileno(), event)
        try:
            get_hub().wait(watcher)
        finally:
            watcher.close()
