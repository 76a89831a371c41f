"""HTTP connections whose time-out bounds the whole answer.

urllib3's own bounds each read: an answer that drips, a byte now and then, would hold its thread for minutes.
"""

import socket
import time
from math import inf

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse


class _TimedSocket(socket.socket):
    """Reads until `ends_s` on the monotonic clock, TimeoutError afterwards."""

    ends_s = inf

    def recv_into(self, *arguments: object) -> int:
        left_s = self.ends_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer took too long")
        self.settimeout(None if left_s == inf else left_s)
        return super().recv_into(*arguments)  # type: ignore[arg-type]


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout_s = plain.gettimeout()
        timed = _TimedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        timed.settimeout(timeout_s)
        return timed

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        if isinstance(self.sock, _TimedSocket):
            self.sock.ends_s = inf if self.timeout is None else time.monotonic() + self.timeout
        return super().getresponse()


class PunctualPool(HTTPConnectionPool):
    """Connections to one address; the read time-out is the time for the whole answer, head and body."""

    ConnectionCls = _Connection


def punctual_pools(timeout_s: float, connections: int) -> urllib3.PoolManager:
    """Pools that never retry; connecting and answering may each take `timeout_s`. Over https it bounds each read."""
    manager = urllib3.PoolManager(
        maxsize=connections,
        block=False,
        retries=False,
        timeout=urllib3.Timeout(connect=timeout_s, read=timeout_s),
    )
    manager.pool_classes_by_scheme = {"http": PunctualPool, "https": HTTPSConnectionPool}
    return manager
