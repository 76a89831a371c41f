"""Open arrivals at a given rate: how late requests leave, and whether the ledger holds.

`python benchmarks/send_lateness.py [people a second] [seconds]`. Each person comes at an instant of a Poisson process,
whatever became of the others, and sends two requests over a connection of their own, to one small local server.
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
TARGET_A_CORE = 5_000
TARGET_P99_MS = 5.0


@dataclass(frozen=True)
class Steady:
    """People who come evenly over the seconds given, ask, and leave."""

    seconds: float
    name: str = "steady"

    def curve(self, plan: LoadPlan) -> Rush:
        return Rush(0.0, 0.0, self.seconds, tau_s=1.0, early_share=0.0, steady_share=1.0)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        for _ in range(REQUESTS_A_PERSON):
            visitor.send(ASK)
        return Outcome.CONFIRMED


def run(url: str, rate: float, seconds: float, folder: str) -> None:
    """Send the people and print what became of their requests."""
    plan = LoadPlan(
        scenario="steady", seed=1, office="", people=round(rate * seconds), places=0, days=1, opens_at_s=0.0,
        rush_s=seconds, drain_s=10.0, patience_s=10.0, payment_deadline_s=0.0, profile=None, service_url=url,
        bank_url=url, direct_url=url, admin_token="", run_directory=folder,
    )  # fmt: skip
    origin = Origin(mono_ns=monotonic_ns() + 500_000_000, unix_ns=time_ns() + 500_000_000)
    crowd = Crowd(plan=plan, origin=origin, number=0, of=1, scenario=Steady(seconds), listener=lambda *_: None)
    cpu_s = process_time()
    crowd.run()
    cpu_s = process_time() - cpu_s
    directory = RunDirectory(Path(folder))
    (*_, end) = directory.shifts("w0")
    invokes = [row for row in directory.operations("w0") if row.type is OperationType.INVOKE]
    arrivals = [row.mono_ns - row.intended_ns for row in directory.visits() if row.type == "arrive"]
    print(f"{rate:,.0f} people/s, {end.requests.sent / seconds:,.0f} requests/s, {cpu_s / seconds:.0%} of a core")
    say("arrival lateness", arrivals)
    p99_ms = say("send lateness", [row.mono_ns - row.intended_ns for row in invokes])
    say_ledger("people", end.arrivals)
    say_ledger("requests", end.requests)
    print(f"ratio to the number to reach, requests a core and second: {end.requests.sent / cpu_s / TARGET_A_CORE:.2f}")
    print(f"ratio to the number to reach, p99 of send lateness: {p99_ms / TARGET_P99_MS:.2f}")


def say(what: str, late_ns: list[int]) -> float:
    """Print the quantiles; gives the p99 in milliseconds."""
    late_ns.sort()
    p50, p99 = (late_ns[ceil(len(late_ns) * share) - 1] / 1e6 for share in (0.5, 0.99))
    print(f"  {what}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {late_ns[-1] / 1e6:.2f} ms")
    return p99


def say_ledger(what: str, ledger: Ledger) -> None:
    columns = ", ".join(f"{name} {getattr(ledger, name)}" for name in Ledger.__struct_fields__)
    print(f"  {what}: {columns}: {imbalance(ledger) or 'adds up'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rate", nargs="?", type=float, default=300.0, help="people a second (300)")
    parser.add_argument("seconds", nargs="?", type=float, default=5.0, help="for so long (5)")
    options = parser.parse_args()
    server = subprocess.Popen([sys.executable, Path(__file__).with_name("small_server.py")], stdout=subprocess.PIPE)
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(f"http://127.0.0.1:{int(server.stdout.readline())}", options.rate, options.seconds, folder)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
