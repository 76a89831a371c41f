"""Round trips of a small message over many open connections, at a fixed rate: the clients of the benchmarks of latency.

One thread and one selector. A message leaves when the schedule says so, however late the answers are, and is timed
from when it left: what is measured is latency, and not throughput.
"""

import contextlib
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from statistics import quantiles

from servers import Address

MESSAGE = b"m" * 64
PATIENCE_S = 10.0


class Client:
    """One connection, and when the messages left that wait for their answer."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left_at: deque[float] = deque()
        self._surplus = 0

    def send(self) -> None:
        self._left_at.append(time.perf_counter())
        self.socket.sendall(MESSAGE)

    def take(self) -> list[float]:
        """Milliseconds that each message took whose answer is whole now. Raises ConnectionError at the end."""
        received = self.socket.recv(65_536)
        now = time.perf_counter()
        if not received:
            raise ConnectionError("closed before the answer")
        whole, self._surplus = divmod(self._surplus + len(received), len(MESSAGE))
        return [(now - self._left_at.popleft()) * 1000 for _ in range(whole)]


def open_clients(stack: contextlib.ExitStack, address: Address, number: int) -> list[Client]:
    """So many, each of which has had one answer: the way to the upstream stands."""
    clients = []
    for _ in range(number):
        clients.append(Client(address))
        stack.enter_context(clients[-1].socket)
    for client in clients:
        client.send()
    for client in clients:
        while not client.take():
            continue
    return clients


def round_trips(clients: Sequence[Client], rate: float, seconds: float) -> list[float]:
    """Milliseconds of each of `rate` messages a second, which the connections send in turn."""
    took: list[float] = []
    total, sent = max(1, round(rate * seconds)), 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        while len(took) < total:
            wait_s = PATIENCE_S if sent == total else began + sent / rate - time.perf_counter()
            ready = selector.select(max(0.0, wait_s))
            if sent == total and not ready:
                raise TimeoutError(f"{total - len(took)} of {total} messages were not answered in {PATIENCE_S:g} s")
            for key, _ in ready:
                took += key.data.take()
            if sent < total and time.perf_counter() >= began + sent / rate:
                clients[sent % len(clients)].send()
                sent += 1
    return took


def p50_and_p99(figures: Sequence[float]) -> tuple[float, float]:
    centiles = quantiles(figures, n=100)
    return centiles[49], centiles[98]
