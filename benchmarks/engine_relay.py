"""The engine beside a real Toxiproxy, in one run: bulk MB/s, requests/s on kept connections, connections/s; and what it
costs that it follows HTTP, for a fault that means other requests than these.

`python benchmarks/engine_relay.py [seconds for each figure]`. The real one is found as `servers.py` says. Upstream and
load are one process each.
"""

import argparse
import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from servers import Address, engine, side_by_side

BULK_CHUNK = b"x" * 262_144
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + b"y" * 1024
REQUEST = b"GET / HTTP/1.1\r\nHost: loket\r\n\r\n"
CLIENTS = 8
ROUNDS = 3
SECONDS = 1.0


def serve(listener: socket.socket) -> None:
    """Answers `B` with bytes without end, and each request of REQUEST's size with a page."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=attend, args=(connection,), daemon=True).start()


def attend(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, contextlib.suppress(OSError):
        while asked := connection.recv(4096):
            while asked == b"B":
                connection.sendall(BULK_CHUNK)
            connection.sendall(PAGE)


def bulk(address: Address, until: float) -> int:
    """Bytes received on one connection, in millions."""
    received, buffer = 0, bytearray(1 << 20)
    with socket.create_connection(address) as client:
        client.sendall(b"B")
        while time.monotonic() < until:
            received += client.recv_into(buffer)
    return received // 1_000_000


def requests(address: Address, until: float) -> int:
    """Requests answered, over connections that are kept."""
    done = [0] * CLIENTS

    def ask(place: int) -> None:
        with socket.create_connection(address) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < until:
                request(client)
                done[place] += 1

    in_threads(ask)
    return sum(done)


def connections(address: Address, until: float) -> int:
    """Requests answered, each over a connection of its own."""
    done = [0] * CLIENTS

    def ask(place: int) -> None:
        while time.monotonic() < until:
            with socket.create_connection(address) as client:
                request(client)
            done[place] += 1

    in_threads(ask)
    return sum(done)


def request(client: socket.socket) -> None:
    client.sendall(REQUEST)
    missing = len(PAGE)
    while missing:
        missing -= len(client.recv(missing))


def in_threads(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


FIGURES: dict[str, Callable[[Address, float], int]] = {
    "bulk, MB/s": bulk,
    "requests/s": requests,
    "connections/s": connections,
}


@contextlib.contextmanager
def following(upstream: str) -> Iterator[Address]:
    """A link through an engine that has to follow every request, for a fault of requests that nobody here makes."""
    with engine() as server:
        address = server.proxy(upstream)
        server.toxic("http_status", path="/elsewhere")
        yield address


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    seconds = parser.parse_args().seconds
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    upstream = multiprocessing.Process(target=serve, args=(listener,), daemon=True)
    upstream.start()
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    with contextlib.ExitStack() as stack:
        relays = {name: server.proxy(address) for name, server in side_by_side(stack).items()}
        for name, measure in FIGURES.items():
            compare(name, relays, partial(rate, measure, seconds))
        with following(address) as followed:
            both = {"followed": followed, "engine": relays["engine"]}
            compare("HTTP requests/s", both, partial(rate, requests, seconds))
    upstream.terminate()
    upstream.join()


def rate(measure: Callable[[Address, float], int], seconds: float, address: Address) -> float:
    return measure(address, time.monotonic() + seconds) / seconds


def compare(name: str, relays: dict[str, Address], measure: Callable[[Address], float]) -> None:
    """Medians of rounds that take turns, and the ratio of the first to the second."""
    rounds: dict[str, list[float]] = {relay_name: [] for relay_name in relays}
    for _ in range(ROUNDS):
        for relay_name, address in relays.items():
            rounds[relay_name].append(measure(address))
    medians = {relay_name: median(figures) for relay_name, figures in rounds.items()}
    line = "  ".join(f"{relay_name} {figure:10,.0f}" for relay_name, figure in medians.items())
    first, *others = medians.values()
    ratio = f"  ratio {first / others[0]:.2f}" if others else ""
    print(f"{name:15} {line}{ratio}", flush=True)


if __name__ == "__main__":
    main()
