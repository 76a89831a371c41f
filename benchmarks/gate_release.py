"""A crowd released at one instant: how far from it its requests leave, and how far from it they arrive.

`python benchmarks/gate_release.py [people] [--rounds N]`. Everybody has come, looked once and waits armed; the server,
on a core of its own where there are two, notes the instant at which each request reaches it.
"""

import argparse
import asyncio
import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import monotonic_ns, process_time, time_ns

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import uvloop

from benchmarks.small_server import ANSWER
from loket.load.answers import Step
from loket.load.arrivals import Curve, Rates
from loket.load.call import Call
from loket.load.crowd import Crowd
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import OperationType, Origin, Outcome
from loket.run_directory import RunDirectory

LOOK = Call(Step("look", frozenset({200}), read=True), "GET", "/look")
TAP = Call(Step("tap", frozenset({200}), read=True), "GET", "/tap")
COMING_S, OPENS_S = 1.5, 4.0
# The number to reach.
TARGET_P99_MS = 100.0


@dataclass(frozen=True)
class Gate:
    """People who come, look, and tap at the opening; none of them hesitates."""

    name: str = "gate"

    def curve(self, plan: LoadPlan) -> Curve:
        return Rates.constant(1.0, 0.0, COMING_S)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        visitor.send(LOOK)
        visitor.wait_armed(visitor.plan.opens_at_s)
        visitor.send(TAP)
        return Outcome.CONFIRMED


class Turnstile(asyncio.Protocol):
    """One connection of the server: every tap is noted."""

    taps: list[int]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET /tap"):
            self.taps.append(monotonic_ns())
        self._transport.write(ANSWER)


def serve(report: Connection) -> None:
    """Tell the port, serve until asked, tell the instants of the taps."""

    async def serving() -> None:
        loop = asyncio.get_running_loop()
        Turnstile.taps = []
        server = await loop.create_server(Turnstile, "127.0.0.1", 0, backlog=4096)
        report.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, report.recv)
        report.send(Turnstile.taps)

    uvloop.run(serving())


def release(people: int, folder: str) -> tuple[list[float], list[float], float]:
    """Milliseconds after the opening at which requests left and arrived, sorted; and the seconds of a core used."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    server.start()
    try:
        url = f"http://127.0.0.1:{here.recv()}"
        plan = LoadPlan(
            scenario="gate", seed=1, office="", people=people, places=0, days=1, opens_at_s=OPENS_S, rush_s=1.0,
            drain_s=10.0, patience_s=10.0, payment_deadline_s=0.0, profile=None, service_url=url, bank_url=url,
            direct_url=url, admin_token="", run_directory=folder,
        )  # fmt: skip
        origin = Origin(mono_ns=monotonic_ns() + 500_000_000, unix_ns=time_ns() + 500_000_000)
        crowd = Crowd(plan=plan, origin=origin, number=0, of=1, scenario=Gate(), listener=lambda *_: None)
        cpu_s = process_time()
        crowd.run()
        cpu_s = process_time() - cpu_s
        here.send("stop")
        taps = here.recv()
    finally:
        server.join(5)
        server.kill()
    opens_ns = origin.mono_ns + round(OPENS_S * 1e9)
    rows = RunDirectory(Path(folder)).operations("w0")
    left = [row.mono_ns for row in rows if row.type is OperationType.INVOKE and row.step == "tap"]
    if len(taps) != people or len(left) != people:
        raise SystemExit(f"{len(left)} of {people} people tapped and {len(taps)} taps arrived")
    return offsets(left, opens_ns), offsets(taps, opens_ns), cpu_s


def offsets(instants_ns: list[int], opens_ns: int) -> list[float]:
    return sorted((instant_ns - opens_ns) / 1e6 for instant_ns in instants_ns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=1_000, help="who wait for the instant (1000)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is told (3)")
    options = parser.parse_args()
    p99s = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            left, arrived, cpu_s = release(options.people, folder)
        print(
            f"round {number + 1}: {options.people:,} people on one of {os.cpu_count()} cores, {cpu_s:.2f} s of it used"
        )
        for what, found in (("left", left), ("arrived", arrived)):
            p50, p99 = (found[ceil(len(found) * share) - 1] for share in (0.5, 0.99))
            print(f"  {what}: first {found[0]:.1f} ms, p50 {p50:.1f} ms, p99 {p99:.1f} ms, last {found[-1]:.1f} ms")
        p99s.append(p99)
    p99_ms = median(p99s)
    print(f"median p99 of the arrival offset {p99_ms:.1f} ms, {p99_ms / TARGET_P99_MS:.2f} of the number to reach")


if __name__ == "__main__":
    main()
