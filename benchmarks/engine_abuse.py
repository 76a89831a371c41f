"""How fast the engine's control API answers while its traffic is abused, beside the same without abuse.

`python benchmarks/engine_abuse.py [changes]`. The abuse: a hundred clients that do not read what a flood sends them,
and a hundred whose upstream never accepts nor reads. A change adds a toxic, alters it or removes it, on both in turn.
"""

import argparse
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 100
CHANGES = 2_000
TIMEOUT_S = 10.0
CHUNK = b"x" * 262_144
LINKS = ("flooded", "hung")
TOXIC = json.dumps({"name": "it", "type": "latency", "attributes": {"latency": 50}})
CHANGE = json.dumps({"attributes": {"latency": 100}})


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


@contextlib.contextmanager
def engine() -> Iterator[int]:
    """An engine in its own process; the port of its control API."""
    command = [sys.executable, "-m", "chaos.engine", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["ready"]["port"])
        finally:
            process.terminate()


def ask(port: int, method: str, path: str, body: str | None = None) -> bytes:
    """One request over a connection of its own, as toxiproxy-python sends it. Raises where it is refused."""
    control = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        control.request(method, path, body)
        answer = control.getresponse()
        content = answer.read()
    finally:
        control.close()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content.decode()}")
    return content


def abuse(stack: contextlib.ExitStack, address: tuple[str, int], sends: bool) -> None:
    """A hundred clients that read nothing, and send all that is taken from them if `sends`."""
    for _ in range(CLIENTS):
        client = stack.enter_context(socket.create_connection(address, timeout=TIMEOUT_S))
        client.setblocking(False)
        if sends:
            with contextlib.suppress(BlockingIOError):
                while True:
                    client.send(CHUNK)


def changes(port: int, number: int) -> list[float]:
    """Milliseconds that each of `number` changes took."""
    steps = [("POST", "", TOXIC), ("PATCH", "/it", CHANGE), ("DELETE", "/it", None)]
    took = []
    for count in range(number):
        method, name, body = steps[count % len(steps)]
        link = LINKS[count // len(steps) % len(LINKS)]
        began = time.perf_counter()
        ask(port, method, f"/proxies/{link}/toxics{name}", body)
        took.append((time.perf_counter() - began) * 1000)
    return took


def measure(number: int, abused: bool) -> list[float]:
    with upstreams() as leads, engine() as port, contextlib.ExitStack() as clients:
        for name, upstream in leads.items():
            body = json.dumps({"name": name, "listen": "127.0.0.1:0", "upstream": upstream})
            host, listens = json.loads(ask(port, "POST", "/proxies", body))["listen"].split(":")
            if abused:
                abuse(clients, (host, int(listens)), sends=name == "hung")
        return changes(port, number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=CHANGES, help=f"how many changes ({CHANGES})")
    number = parser.parse_args().changes
    p99 = {}
    for name, abused in (("without abuse", False), ("under abuse", True)):
        centiles = quantiles(measure(number, abused), n=100)
        p99[abused] = centiles[98]
        print(f"{name:14} {number:6,} changes  p50 {centiles[49]:7.2f} ms  p99 {centiles[98]:7.2f} ms", flush=True)
    print(f"ratio of the p99: {p99[True] / p99[False]:.2f}; the promise is 100 ms under abuse")


if __name__ == "__main__":
    main()
