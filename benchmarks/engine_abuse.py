"""How fast the engine's control API answers while its traffic is abused, beside the same without abuse.

`python benchmarks/engine_abuse.py [changes]`. The abuse: a hundred clients that do not read what a flood sends them,
and a hundred whose upstream never accepts nor reads. A change adds a toxic, alters it or removes it, on both in turn.
"""

import argparse
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from statistics import quantiles

from servers import ANSWER_TIMEOUT_S, Address, Server, engine

CLIENTS = 100
CHANGES = 10_000
PROMISE_MS = 100
CHUNK = b"x" * 262_144
LINKS = ("flooded", "hung")
TOXIC = {"name": "it", "type": "latency", "attributes": {"latency": 50}}
CHANGE = {"attributes": {"latency": 100}}


def flood(connection: socket.socket) -> None:
    """Send without end, until the connection is closed."""
    with connection, contextlib.suppress(OSError):
        while True:
            connection.sendall(CHUNK)


def accept_all(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=flood, args=(connection,), daemon=True).start()


@contextlib.contextmanager
def upstreams() -> Iterator[dict[str, str]]:
    """Where each link leads: to a flood, and to a listener that nobody attends to."""
    with contextlib.ExitStack() as stack:
        listeners = {name: stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512)) for name in LINKS}
        threading.Thread(target=accept_all, args=(listeners["flooded"],), daemon=True).start()
        yield {name: f"127.0.0.1:{listener.getsockname()[1]}" for name, listener in listeners.items()}


def abuse(stack: contextlib.ExitStack, address: Address, sends: bool) -> None:
    """A hundred clients that read nothing, and send all that is taken from them if `sends`."""
    for _ in range(CLIENTS):
        client = stack.enter_context(socket.create_connection(address, timeout=ANSWER_TIMEOUT_S))
        client.setblocking(False)
        if sends:
            with contextlib.suppress(BlockingIOError):
                while True:
                    client.send(CHUNK)


def changes(server: Server, number: int) -> list[float]:
    """Milliseconds that each of `number` changes took."""
    steps = [("POST", "", TOXIC), ("PATCH", "/it", CHANGE), ("DELETE", "/it", None)]
    took = []
    for count in range(number):
        method, name, body = steps[count % len(steps)]
        link = LINKS[count // len(steps) % len(LINKS)]
        began = time.perf_counter()
        server.ask(method, f"/proxies/{link}/toxics{name}", body)
        took.append((time.perf_counter() - began) * 1000)
    return took


def measure(number: int, abused: bool) -> list[float]:
    with upstreams() as leads, engine() as server, contextlib.ExitStack() as clients:
        for name, upstream in leads.items():
            address = server.proxy(upstream, name)
            if abused:
                abuse(clients, address, sends=name == "hung")
        return changes(server, number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=CHANGES, help=f"how many changes ({CHANGES})")
    number = parser.parse_args().changes
    p99 = {}
    for name, abused in (("without abuse", False), ("under abuse", True)):
        took = measure(number, abused)
        centiles = quantiles(took, n=100)
        p50, p99[abused] = centiles[49], centiles[98]
        late = sum(one > PROMISE_MS for one in took)
        print(
            f"{name:14} {number:6,} changes  p50 {p50:7.2f} ms  p99 {p99[abused]:7.2f} ms  max {max(took):7.2f} ms  "
            f"{late:,} over the promised {PROMISE_MS} ms",
            flush=True,
        )
    print(f"ratio of the p99: {p99[True] / p99[False]:.2f}")


if __name__ == "__main__":
    main()
