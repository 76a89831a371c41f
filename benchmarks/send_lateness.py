"""Open arrivals at given rates: how late requests leave, whether the ledger holds, and from which rate on it breaks.

`python benchmarks/send_lateness.py [requests a second] [seconds]`, or with `--until-it-breaks`, upwards from there.
Each person comes at an instant of a Poisson process, whatever became of the others, and sends two requests over a
connection of their own, to one small local server that has a core of its own. Each rate has a process of its own.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import monotonic_ns, process_time, time_ns

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
from desk import desk, keep_off_the_desk

from loket.load.answers import Step
from loket.load.arrivals import Rush
from loket.load.call import Call
from loket.load.crowd import Crowd
from loket.load.ledger import imbalance
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Ledger, OperationType, Origin, Outcome
from loket.run_directory import RunDirectory

ASK = Call(Step("ask", frozenset({200}), read=True), "GET", "/")
REQUESTS_A_PERSON = 2
# The numbers to reach.
TARGET_A_SECOND = 5_000
TARGET_P99_MS = 5.0
RISE = 1.1
# A rate breaks only when it does so this often: one hiccup of the machine is none of the client's.
TRIES = 3


@dataclass(frozen=True)
class Steady:
    """People who come evenly over the seconds given, ask, and leave."""

    requests: int
    name: str = "steady"

    def curve(self, plan: LoadPlan) -> Rush:
        return Rush(0.0, 0.0, plan.rush_s, tau_s=1.0, early_share=0.0, steady_share=1.0)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        for _ in range(self.requests):
            visitor.send(ASK)
        return Outcome.CONFIRMED


class Figures(msgspec.Struct, frozen=True):
    """What became of one rate: milliseconds, shares of a core, and the ledgers of people and requests."""

    rate: float
    core: float
    arrival_ms: tuple[float, float, float]
    send_ms: tuple[float, float, float]
    people: Ledger
    requests: Ledger

    @property
    def adds_up(self) -> bool:
        return imbalance(self.people) is None and imbalance(self.requests) is None

    @property
    def holds(self) -> bool:
        return self.adds_up and self.people.dropped == 0 and self.send_ms[1] <= TARGET_P99_MS


def run(url: str, rate: float, seconds: float, requests: int, folder: str) -> Figures:
    """Send the people and say what became of their requests."""
    plan = LoadPlan(
        scenario="steady", seed=1, office="", people=round(rate / requests * seconds), places=0, days=1,
        opens_at_s=0.0, rush_s=seconds, drain_s=10.0, patience_s=10.0, payment_deadline_s=0.0, profile=None,
        service_url=url, bank_url=url, direct_url=url, admin_token="", run_directory=folder,
    )  # fmt: skip
    origin = Origin(mono_ns=monotonic_ns() + 500_000_000, unix_ns=time_ns() + 500_000_000)
    crowd = Crowd(plan=plan, origin=origin, number=0, of=1, scenario=Steady(requests), listener=lambda *_: None)
    cpu_s = process_time()
    crowd.run()
    cpu_s = process_time() - cpu_s
    directory = RunDirectory(Path(folder))
    (*_, end) = directory.shifts("w0")
    invokes = [row for row in directory.operations("w0") if row.type is OperationType.INVOKE]
    arrivals = [row.mono_ns - row.intended_ns for row in directory.visits() if row.type == "arrive"]
    sends = [row.mono_ns - row.intended_ns for row in invokes]
    return Figures(
        rate=end.requests.sent / seconds,
        core=cpu_s / seconds,
        arrival_ms=quantiles_ms(arrivals),
        send_ms=quantiles_ms(sends),
        people=end.arrivals,
        requests=end.requests,
    )


def quantiles_ms(late_ns: list[int]) -> tuple[float, float, float]:
    """p50, p99 and the longest."""
    late_ns.sort()
    p50, p99 = (late_ns[ceil(len(late_ns) * share) - 1] / 1e6 for share in (0.5, 0.99))
    return p50, p99, late_ns[-1] / 1e6


def measured(url: str, rate: float, seconds: float, requests: int) -> Figures:
    """The figures of one rate, from a process of its own."""
    program = [sys.executable, __file__, str(rate), str(seconds), "--requests", str(requests), "--alone", url]
    said = subprocess.run(program, check=True, stdout=subprocess.PIPE).stdout
    return msgspec.json.decode(said, type=Figures)


def say(figures: Figures) -> None:
    print(f"{figures.rate:,.0f} requests/s, {figures.core:.0%} of a core", flush=True)
    for what, late in (("arrival", figures.arrival_ms), ("send", figures.send_ms)):
        print(f"  {what} lateness: p50 {late[0]:.2f} ms, p99 {late[1]:.2f} ms, longest {late[2]:.2f} ms")
    for what, ledger in (("people", figures.people), ("requests", figures.requests)):
        columns = ", ".join(f"{name} {getattr(ledger, name)}" for name in Ledger.__struct_fields__)
        print(f"  {what}: {columns}: {imbalance(ledger) or 'adds up'}")


def climb(url: str, rate: float, seconds: float, requests: int) -> None:
    """Raise the rate until it breaks, and print the last one that held."""
    held = 0.0
    while True:
        tries = []
        while len(tries) < TRIES and not any(figures.holds for figures in tries):
            tries.append(measured(url, rate, seconds, requests))
        best = min(tries, key=lambda figures: figures.send_ms[1])
        told = "holds" if best.holds else "breaks"
        late = f"send lateness p50 {best.send_ms[0]:.2f} ms, p99 {best.send_ms[1]:.2f} ms"
        adds_up = "the ledger adds up" if all(figures.adds_up for figures in tries) else "the ledger does NOT add up"
        print(f"{rate:8,.0f} requests/s {told}: {late}, {best.core:.0%} of a core, {adds_up}", flush=True)
        if not best.holds:
            break
        held = rate
        rate *= RISE
    print(f"breaks at {rate:,.0f} requests/s; ratio of the highest that held to the number to reach: ", end="")
    print(f"{held / TARGET_A_SECOND:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rate", nargs="?", type=float, default=TARGET_A_SECOND, help=f"a second ({TARGET_A_SECOND})")
    parser.add_argument("seconds", nargs="?", type=float, default=5.0, help="for so long (5)")
    parser.add_argument("--requests", type=int, default=REQUESTS_A_PERSON, help=f"of each ({REQUESTS_A_PERSON})")
    parser.add_argument("--until-it-breaks", action="store_true", help="raise the rate")
    parser.add_argument("--alone", metavar="URL", help="one rate, on a server that runs; figures as JSON")
    options = parser.parse_args()
    if options.alone:
        with tempfile.TemporaryDirectory() as folder:
            figures = run(options.alone, options.rate, options.seconds, options.requests, folder)
        print(msgspec.json.encode(figures).decode())
        return
    with desk() as url:
        keep_off_the_desk()
        if options.until_it_breaks:
            climb(url, options.rate, options.seconds, options.requests)
            return
        figures = measured(url, options.rate, options.seconds, options.requests)
    say(figures)
    print(f"ratio to the number to reach, requests/s: {figures.rate / TARGET_A_SECOND:.2f}")
    print(f"ratio to the number to reach, p99 of send lateness: {figures.send_ms[1] / TARGET_P99_MS:.2f}")


if __name__ == "__main__":
    main()
