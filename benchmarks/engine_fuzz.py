"""Whether the engine outlives whatever its control API is asked, while it carries traffic.

`python benchmarks/engine_fuzz.py [calls] [--seed N]`. Right and wrong calls, from `mutations.py`, go over one
connection that is kept and over fresh ones. Afterwards the same process must answer within 100 ms and carry traffic
through a new proxy; status 1 if it does not, or if any call met an error that the engine did not foresee.
"""

import argparse
import contextlib
import json
import multiprocessing
import re
import socket
import struct
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from pathlib import Path
from random import Random
from urllib.parse import quote

from mutations import Calls, Packet
from servers import Server, engine
from upstream import Upstream, as_address, upstream

CALLS = 100_000
PATIENCE_S = 10.0
PROMISE_MS = 100.0
TIDY_EVERY = 500
SHOWN = 5
# More than the control API lets stay: each that hangs pushes an older one out.
HANGING = 80
INTERNAL_ERROR = b"internal error"
STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Za-z -]*\r\n")
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")
REQUEST = b"GET /v1/page HTTP/1.1\r\nHost: loket\r\n\r\n"
LEADS = {"link0": "page", "link1": "page", "link2": "echo", "link3": "flood"}
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Caller:
    """Sends packets and counts what comes back."""

    def __init__(self, port: int, rng: Random) -> None:
        self.outcomes: Counter[str] = Counter()
        self.internal_errors: list[bytes] = []
        self._address = ("127.0.0.1", port)
        self._rng = rng
        self._kept: socket.socket | None = None
        self._hanging: deque[socket.socket] = deque(maxlen=HANGING)

    def send(self, packet: Packet) -> None:
        """Raises OSError where the engine is not there any more, or does not answer while we are patient."""
        for status, body in self._exchange(packet):
            self.outcomes[status] += 1
            if status == "500" and INTERNAL_ERROR in body:
                self.internal_errors.append(packet.data)

    def leave(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _exchange(self, packet: Packet) -> list[tuple[str, bytes]]:
        if packet.answers is None:
            return self._malformed(packet.data)
        fresh = self._rng.random() < 0.1
        if self._kept is None or fresh:
            self.leave()
            self._kept = socket.create_connection(self._address, timeout=PATIENCE_S)
        try:
            self._kept.sendall(packet.data)
            return read_answers(self._kept, packet.answers)
        except ConnectionError:
            # It may make room for a newcomer, and then has not begun to carry the packet out.
            self.outcomes["closed"] += 1
            self.leave()
            return []

    def _malformed(self, data: bytes) -> list[tuple[str, bytes]]:
        """Over a connection of its own. Some are neither ended nor read: the next of their kind push them out."""
        client = socket.create_connection(self._address, timeout=PATIENCE_S)
        with contextlib.suppress(ConnectionError):
            client.sendall(data)
            if self._rng.random() < 0.05:
                if len(self._hanging) == HANGING:
                    self._hanging.popleft().close()
                self._hanging.append(client)
                return [("left hanging", b"")]
        with client:
            answer = read_all(client)
        statuses = STATUS_LINE.findall(answer)
        return [(status.decode(), answer) for status in statuses] or [("no request", b"")]


def read_all(client: socket.socket) -> bytes:
    """What comes until the engine closes; it may have had enough before it has read all."""
    answer = b""
    with contextlib.suppress(ConnectionError, BrokenPipeError):
        with contextlib.suppress(OSError):  # reset already
            client.shutdown(socket.SHUT_WR)
        while chunk := client.recv(65_536):
            answer += chunk
    return answer


def read_answers(client: socket.socket, number: int) -> list[tuple[str, bytes]]:
    """Status and body of so many answers. Raises ConnectionError where fewer come."""
    answers: list[tuple[str, bytes]] = []
    buffer = b""
    while len(answers) < number:
        head, end, rest = buffer.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := LENGTH.search(head + b"\r\n")) else 0
        if end and len(rest) >= length:
            answers.append((head[9:12].decode(), rest[:length]))
            buffer = rest[length:]
        elif chunk := client.recv(65_536):
            buffer += chunk
        else:
            raise ConnectionError(f"closed after {len(answers)} of {number} answers")
    return answers


def carry_traffic(addresses: list[tuple[str, int]]) -> None:
    """Clients that ask, close their half, do not read, or reset, whatever the links do to them; until terminated."""
    threads = [threading.Thread(target=use_link, args=(address, seed)) for seed, address in enumerate(addresses)]
    for thread in threads:
        thread.start()


def use_link(address: tuple[str, int], seed: int) -> None:
    rng = Random(seed)
    while True:
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=0.2) as client:
            for _ in range(rng.randint(1, 3)):
                client.sendall(REQUEST)
                if rng.random() < 0.8:
                    client.recv(65_536)
            if rng.random() < 0.3:
                client.shutdown(socket.SHUT_WR)
                client.recv(65_536)
            elif rng.random() < 0.3:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        time.sleep(0.005)


def tidy(server: Server, links: dict[str, tuple[str, str]]) -> None:
    """Take away what the calls have left, and make the links anew."""
    for name in json.loads(server.ask("GET", "/proxies")):
        server.ask("DELETE", f"/proxies/{quote(name, safe='')}")
    wanted = [{"name": name, "listen": listen, "upstream": leads} for name, (listen, leads) in links.items()]
    server.ask("POST", "/populate", wanted)


def lasting_port(rng: Random) -> int:
    """A port that stays free while its link is gone: systems give those below 32,768 to nobody who does not ask."""
    while True:
        port = rng.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def fuzz(server: Server, links: dict[str, tuple[str, str]], number: int, seed: int) -> tuple[Caller, list[int]]:
    """All calls; and the memory before, halfway and after, in KiB."""
    rng = Random(seed)
    calls, caller = Calls(rng, links), Caller(server.port, rng)
    sent, tidied, resident = 0, 0, [server.resident_kib()]
    with contextlib.ExitStack() as stack:
        stack.callback(caller.leave)
        while sent < number:
            packet = calls.packet()
            caller.send(packet)
            sent += packet.answers or 1
            if sent // TIDY_EVERY > tidied:
                tidied = sent // TIDY_EVERY
                tidy(server, links)
            if len(resident) == 1 and sent >= number / 2:
                resident.append(server.resident_kib())
    tidy(server, links)
    return caller, [*resident, server.resident_kib()]


def afterwards(server: Server, behind: Upstream) -> list[str]:
    """What is wrong with the engine now."""
    if server.process.poll() is not None:
        return [f"the engine has ended with status {server.process.returncode}"]
    try:
        return judge(server, behind)
    except OSError as failure:
        return [f"the engine is alive and does not serve: {type(failure).__name__}: {failure}"]


def judge(server: Server, behind: Upstream) -> list[str]:
    """What is wrong with an engine that is alive. Raises OSError where it does not answer."""
    wrong = []
    began = time.perf_counter()
    server.ask("GET", "/version")
    took_ms = (time.perf_counter() - began) * 1000
    if took_ms > PROMISE_MS:
        wrong.append(f"GET /version took {took_ms:.0f} ms")
    with socket.create_connection(server.proxy(behind.addresses["echo"], "afterwards"), timeout=PATIENCE_S) as client:
        client.sendall(REQUEST)
        if client.recv(4096) != REQUEST:
            wrong.append("a new proxy does not carry traffic")
    print(f"afterwards: process {server.process.pid} is alive and answered GET /version in {took_ms:.1f} ms")
    return wrong


def measure(number: int, seed: int, errors: Path) -> list[str]:
    """Print the figures; what went wrong."""
    with upstream() as behind, errors.open("w") as log, engine(log) as server:
        rng = Random(seed)
        links = {name: (f"127.0.0.1:{lasting_port(rng)}", behind.addresses[way]) for name, way in LEADS.items()}
        tidy(server, links)
        listens = [as_address(listen) for listen, _ in links.values()]
        traffic = multiprocessing.Process(target=carry_traffic, args=(listens,), daemon=True)
        traffic.start()
        began = time.perf_counter()
        try:
            caller, resident = fuzz(server, links, number, seed)
        except OSError as failure:
            return [f"the control API is gone: {failure}", *afterwards(server, behind)]
        finally:
            took_s = time.perf_counter() - began
            traffic.terminate()
            traffic.join()
        print(f"{number:,} calls of seed {seed} in {took_s:.1f} s: {number / took_s:,.0f} calls/s")
        print(f"{behind.accepted.value:,} connections reached the upstream meanwhile")
        print(", ".join(f"{outcome}: {count:,}" for outcome, count in sorted(caller.outcomes.items())))
        print("resident before, halfway, after: " + ", ".join(f"{kib / 1024:.1f}" for kib in resident) + " MiB")
        wrong = [f"internal error: {data[:300]!r}" for data in caller.internal_errors[:SHOWN]]
        return wrong + afterwards(server, behind)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", nargs="?", type=int, default=CALLS, help=f"how many ({CALLS})")
    parser.add_argument("--seed", type=int, default=1, help="of the calls (1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "stderr"
        wrong = measure(options.calls, options.seed, errors)
        if said := errors.read_text():
            wrong.append(f"the engine wrote to stderr:\n{said[:3000]}")
    for one in wrong:
        print(f"WRONG: {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
