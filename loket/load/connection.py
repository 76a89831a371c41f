"""One keep-alive connection to one host, as a phone has it, that never repeats a request by itself.

geventhttpclient's own client resends reads and PUTs when a connection breaks; a journal that says what was sent,
how often and when can have none of that. Its parser and gevent's sockets are used, its client is not.
"""

import errno
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

import gevent
from gevent import socket
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketResponse

from loket.load.answers import Loss

READ_BLOCK = 16_384
# Errors of this host: it has no open file, port or buffer left. They are no news about the service.
LACKS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True)
class Timeouts:
    """Seconds until a person's app gives an attempt up."""

    # Assumption: a mobile HTTP stack waits 5 s for a connection, the app 15 s for a whole answer.
    connect_s: float = 5.0
    total_s: float = 15.0


class Received(NamedTuple):
    """A whole answer; `retry_after_s` where it says so in seconds."""

    status: int
    body: bytes
    retry_after_s: float | None = None


class Lost(Exception):
    """No whole answer came; `loss` says why."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.value)
        self.loss = loss


class Connection:
    """At most one socket to `base_url`, opened when first needed and again after it broke."""

    def __init__(self, base_url: str, timeouts: Timeouts) -> None:
        parts = urlsplit(base_url)
        self._address = (parts.hostname or "", parts.port or 80)
        self.host = parts.netloc
        self._timeouts = timeouts
        self._socket: socket.socket | None = None
        self._sending = False

    def exchange(self, method: str, request: bytes) -> Received:
        """Send the request (head and body) once and return the answer. Raises Lost."""
        deadline = gevent.Timeout.start_new(self._timeouts.total_s)
        try:
            connected = self._connected()
            return self._converse(connected, method, request)
        except gevent.Timeout as timeout:
            self.close()
            if timeout is not deadline:
                raise
            raise Lost(Loss.TIMEOUT if self._sending else Loss.CONNECT_TIMEOUT) from None
        except BaseException:
            self.close()
            raise
        finally:
            deadline.close()

    def open(self, within_s: float) -> None:
        """Be connected, if that can be had in so many seconds; who is not tries again with their next request."""
        deadline = gevent.Timeout.start_new(within_s)
        try:
            self._connected()
        except gevent.Timeout as timeout:
            if timeout is not deadline:
                raise
        except Lost:
            pass
        finally:
            deadline.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        self._sending = False
        if self._socket is not None and self._stale(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._connect()
        return self._socket

    def _connect(self) -> socket.socket:
        try:
            fresh = socket.create_connection(self._address, timeout=self._timeouts.connect_s)
        except TimeoutError:
            raise Lost(Loss.CONNECT_TIMEOUT) from None
        except OSError as error:
            raise Lost(Loss.NO_SOCKET if error.errno in LACKS else Loss.CONNECT_REFUSED) from None
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fresh.settimeout(None)
        return fresh

    def _converse(self, connected: socket.socket, method: str, request: bytes) -> Received:
        self._sending = True
        try:
            connected.sendall(request)
            response = HTTPSocketResponse(connected, block_size=READ_BLOCK, method=method)
            body = response.read()
        except HTTPConnectionClosed:
            raise Lost(Loss.RESET) from None
        except HTTPParseError:
            raise Lost(Loss.CUT) from None
        except OSError:
            raise Lost(Loss.RESET) from None
        if response.should_close():
            self.close()
        return Received(response.status_code, body, _seconds(response.get("retry-after")))

    @staticmethod
    def _stale(idle: socket.socket) -> bool:
        """An idle connection with something to read was closed by the other side."""
        idle.settimeout(0)
        try:
            idle.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            idle.settimeout(None)
        return True


def _seconds(header: object) -> float | None:
    """Of a Retry-After; its other form, a date, is not read, nor is one that is said twice."""
    text = header.strip() if isinstance(header, str) else ""
    return float(text) if text.isascii() and text.isdigit() else None
