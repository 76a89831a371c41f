"""The latency that a relay adds, and the memory that a connection takes: the engine beside a real Toxiproxy.

`python benchmarks/engine_latency.py [seconds for each figure]`. Round trips of a small message at a fixed, modest rate,
over 1, 100 and 1,000 connections that are open all the while; the same without a relay is taken off, and is the floor
of what this program can measure. It is the load's own process; servers and upstream have theirs.
"""

import argparse
import contextlib
import gc
import socket
import time
from statistics import median

from round_trips import open_clients, p50_and_p99, round_trips
from servers import Address, Server, side_by_side
from upstream import Upstream, as_address, upstream

CONNECTIONS = (1, 100, 1_000)
MESSAGES_A_SECOND = 500
ROUNDS = 5
SECONDS = 1.0
DIRECT = "direct"
CARRIED_BYTES = 32_768
PATIENCE_S = 30.0


def latencies(targets: dict[str, Address], number: int, seconds: float) -> dict[str, tuple[float, float]]:
    """p50 and p99 in ms: of the way without a relay, and what each relay adds. Medians of rounds that take turns."""
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
    with contextlib.ExitStack() as stack:
        clients = {name: open_clients(stack, address, number) for name, address in targets.items()}
        for _ in range(ROUNDS):
            floor = (0.0, 0.0)
            for name, some in clients.items():
                p50, p99 = p50_and_p99(round_trips(some, MESSAGES_A_SECOND, seconds))
                rounds[name].append((p50 - floor[0], p99 - floor[1]))
                floor = (p50, p99) if name == DIRECT else floor
    return {name: (median(p50 for p50, _ in some), median(p99 for _, p99 in some)) for name, some in rounds.items()}


def tell_latencies(number: int, figures: dict[str, tuple[float, float]]) -> None:
    parts = []
    for name, (p50, p99) in figures.items():
        parts.append(f"{name}{'' if name == DIRECT else ' adds'} p50 {p50:.3f} p99 {p99:.3f} ms")
    if "toxiproxy" in figures:
        mine, theirs = figures["engine"], figures["toxiproxy"]
        parts.append(f"ratio p50 {mine[0] / theirs[0]:.2f} p99 {mine[1] / theirs[1]:.2f}")
    print(f"{number:5,} open: {'; '.join(parts)}", flush=True)


def memory(server: Server, behind: Upstream, number: int) -> tuple[int, float, float]:
    """KiB: resident without connections; a connection that is idle; a connection that has carried something."""
    address = server.proxy(behind.addresses["echo"], "memory")
    with contextlib.ExitStack() as stack:
        open_clients(stack, address, 1)
    empty = server.resident_kib()
    with contextlib.ExitStack() as stack:
        before = behind.accepted.value
        sockets = [stack.enter_context(socket.create_connection(address, timeout=PATIENCE_S)) for _ in range(number)]
        deadline = time.monotonic() + PATIENCE_S
        while behind.accepted.value - before < number:
            if time.monotonic() > deadline:
                raise TimeoutError("the relay did not dial for every connection")
            time.sleep(0.01)
        idle = server.resident_kib()
        for client in sockets:
            client.sendall(b"x" * CARRIED_BYTES)
            missing = CARRIED_BYTES
            while missing:
                missing -= len(client.recv(missing))
        carried = server.resident_kib()
    return empty, (idle - empty) / number, (carried - empty) / number


def tell_memory(servers: dict[str, Server], behind: Upstream) -> None:
    number, grown = CONNECTIONS[-1], {}
    for name, server in servers.items():
        empty, idle, carried = memory(server, behind, number)
        grown[name] = (idle, carried)
        print(
            f"memory of {name}: {empty / 1024:.1f} MiB without connections; of {number:,}, each {idle:.1f} KiB idle, "
            f"{carried:.1f} KiB once it has carried {CARRIED_BYTES // 1024} KiB each way",
            flush=True,
        )
    if "toxiproxy" in grown:
        idle, carried = (mine / theirs for mine, theirs in zip(grown["engine"], grown["toxiproxy"], strict=True))
        print(f"ratio of the memory a connection: {idle:.2f} idle, {carried:.2f} once it has carried")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    seconds = parser.parse_args().seconds
    gc.disable()  # its pauses would be taken for the relay's
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(upstream())
        servers = side_by_side(stack)
        # Before anything else has made them grow.
        tell_memory(servers, behind)
        targets = {DIRECT: as_address(behind.addresses["echo"])}
        targets |= {name: server.proxy(behind.addresses["echo"]) for name, server in servers.items()}
        for number in CONNECTIONS:
            tell_latencies(number, latencies(targets, number, seconds))


if __name__ == "__main__":
    main()
