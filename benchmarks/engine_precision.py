"""How exactly a thousand connections feel what was asked for: the engine beside a real Toxiproxy, and the goals.

`python benchmarks/engine_precision.py [seconds for each figure]`. The delay of a `latency` toxic, the rate of a
`bandwidth` toxic, and who sees the reset of a `reset_peer` that is added while half of the connections carry data.
Every figure has a server of its own.
"""

import argparse
import contextlib
import gc
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

from round_trips import open_clients, p50_and_p99, round_trips
from servers import Server, kinds
from upstream import Upstream, as_address, upstream

CONNECTIONS = 1_000
SECONDS = 5.0
PATIENCE_S = 3.0

LATENCY_MS = 100
MESSAGES_A_SECOND = 1_000
LATENCY_GOAL_MS = 2.0

RATE_KB_A_SECOND = 20
RATE_GOAL_PERCENT = 3.0
# Until every connection has its first slice, and what was let through at once has passed.
SETTLING_S = 1.0


class Arrivals:
    """What has come over one connection, from its first arrival to its last."""

    def __init__(self) -> None:
        self.bytes = 0
        self.first_at = self.last_at = 0.0

    def add(self, size: int, at: float) -> None:
        """What the first arrival brings was under way before, and does not count."""
        if self.first_at:
            self.bytes += size
        else:
            self.first_at = at
        self.last_at = at

    def error_percent(self) -> float:
        """The rate's, against the one asked for; -100 where nothing came."""
        if self.last_at <= self.first_at:
            return -100.0
        return (self.bytes / (self.last_at - self.first_at) / (RATE_KB_A_SECOND * 1000) - 1) * 100


def opened(stack: contextlib.ExitStack, address: tuple[str, int], number: int) -> list[socket.socket]:
    return [stack.enter_context(socket.create_connection(address, timeout=PATIENCE_S)) for _ in range(number)]


def latency(server: Server, behind: Upstream, seconds: float) -> str:
    """The delay's error: what was observed, less what was asked for, less what the way takes without a relay."""
    address = server.proxy(behind.addresses["echo"], "latency")
    with contextlib.ExitStack() as stack:
        direct = open_clients(stack, as_address(behind.addresses["echo"]), CONNECTIONS)
        floor = median(round_trips(direct, MESSAGES_A_SECOND, min(seconds, 1.0)))
    with contextlib.ExitStack() as stack:
        clients = open_clients(stack, address, CONNECTIONS)
        server.toxic("latency", "latency", latency=LATENCY_MS)
        errors = [took - LATENCY_MS - floor for took in round_trips(clients, MESSAGES_A_SECOND, seconds)]
    p50, _ = p50_and_p99(errors)
    _, p99 = p50_and_p99([abs(error) for error in errors])
    return f"error p50 {p50:+.2f} ms, p99 {p99:.2f} ms either way, of {len(errors):,} (goal: {LATENCY_GOAL_MS:g} ms)"


def bandwidth(server: Server, behind: Upstream, seconds: float) -> str:
    """The rate's error on each connection, while all are flooded."""
    address = server.proxy(behind.addresses["flood"], "bandwidth")
    server.toxic("bandwidth", "bandwidth", rate=RATE_KB_A_SECOND)
    with contextlib.ExitStack() as stack:
        clients = opened(stack, address, CONNECTIONS)
        for client in clients:
            client.sendall(b"!")
        receive(clients, SETTLING_S)
        errors = [arrivals.error_percent() for arrivals in receive(clients, seconds)]
    total_mb = sum(1 + error / 100 for error in errors) * RATE_KB_A_SECOND / 1000
    within = sum(abs(error) <= RATE_GOAL_PERCENT for error in errors)
    return (
        f"error p50 {median(errors):+.2f} %, worst {max(errors, key=abs):+.2f} %, {total_mb:.1f} MB/s together, "
        f"{within:,} of {CONNECTIONS:,} within the goal of {RATE_GOAL_PERCENT:g} %"
    )


def receive(clients: Sequence[socket.socket], seconds: float) -> list[Arrivals]:
    """All that comes in so many seconds. Raises ConnectionError where a connection ends."""
    arrivals = [Arrivals() for _ in clients]
    until = time.perf_counter() + seconds
    with selectors.DefaultSelector() as selector:
        for client, mine in zip(clients, arrivals, strict=True):
            selector.register(client, selectors.EVENT_READ, (client, mine))
        while (left := until - time.perf_counter()) > 0:
            for key, _ in selector.select(left):
                client, mine = key.data
                if not (size := len(client.recv(65_536))):
                    raise ConnectionError("closed under a bandwidth toxic")
                mine.add(size, time.perf_counter())
    return arrivals


def reset_peer(server: Server, behind: Upstream, seconds: float) -> str:
    """How many were reset, at either end."""
    address = server.proxy(behind.addresses["trickle"], "reset_peer")
    with contextlib.ExitStack() as stack:
        before, resets = behind.accepted.value, behind.resets.value
        live, idle = opened(stack, address, CONNECTIONS // 2), opened(stack, address, CONNECTIONS // 2)
        for client in live:
            client.sendall(b"!")
        receive(live, min(seconds, 1.0))
        while behind.accepted.value - before < CONNECTIONS:
            time.sleep(0.01)
        server.toxic("reset_peer", "reset_peer", timeout=0)
        ends = how_they_end(live + idle)
        at_upstream = behind.resets.value - resets
    seen = {name: Counter(ends[client] for client in some) for name, some in (("live", live), ("idle", idle))}
    told = "; ".join(
        f"of {counts.total()} {name} {counts['reset']} reset, {counts['closed']} closed, {counts['nothing']} left alone"
        for name, counts in seen.items()
    )
    return f"{told}; at the upstream {at_upstream:,} reset (goal: all {CONNECTIONS:,})"


def how_they_end(clients: Sequence[socket.socket]) -> dict[socket.socket, str]:
    """`reset`, `closed`, or `nothing` where neither happens while we are patient."""
    ends = dict.fromkeys(clients, "nothing")
    until = time.perf_counter() + PATIENCE_S
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ, client)
        while selector.get_map() and (left := until - time.perf_counter()) > 0:
            for key, _ in selector.select(left):
                try:
                    if key.data.recv(65_536):
                        continue
                    ends[key.data] = "closed"
                except ConnectionResetError:
                    ends[key.data] = "reset"
                selector.unregister(key.data)
    return ends


FIGURES = {
    f"latency of {LATENCY_MS} ms": latency,
    f"bandwidth of {RATE_KB_A_SECOND} KB/s": bandwidth,
    "reset_peer": reset_peer,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    seconds = parser.parse_args().seconds
    gc.disable()  # its pauses would be taken for the relay's
    starters = kinds()
    with upstream() as behind:
        for figure, measure in FIGURES.items():
            for name, start in starters.items():
                with start() as server:
                    print(f"{figure}, {name}: {attempt(measure, server, behind, seconds)}", flush=True)


def attempt(measure: Callable[[Server, Upstream, float], str], server: Server, behind: Upstream, seconds: float) -> str:
    """The figure, or why there is none: Toxiproxy's control API may stop answering for good."""
    try:
        return measure(server, behind, seconds)
    except OSError as failure:
        return f"not measured, {type(failure).__name__}: {failure}"


if __name__ == "__main__":
    main()
