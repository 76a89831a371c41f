"""How much memory a person takes who is inside and waits, without a connection and with one.

`python benchmarks/waiting_people.py [people]`, 10,000 unless the limit of open files is lower. Each kind has a process
of its own; a person's share is what the process has grown by from before the crowd was made until all are waiting. What
the kernel keeps for a socket is not in it.
"""

import argparse
import gc
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic_ns, time_ns

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desk import desk, keep_off_the_desk

PEOPLE = 10_000
COMING_S = 10.0
WAITING_S = 600.0
OTHER_FILES = 200
KINDS = {"without a connection": 0, "with a connection": 1}


def measure(url: str, people: int, requests: int) -> None:
    """Print KiB a person, for people who send so many requests and then wait."""
    import gevent

    from loket.load.answers import Step
    from loket.load.arrivals import Rush
    from loket.load.call import Call
    from loket.load.crowd import Crowd
    from loket.load.plan import LoadPlan
    from loket.load.visitor import Visitor
    from loket.records import Origin, Outcome

    class Waiting:
        name = "waiting"
        inside = 0

        def curve(self, plan: LoadPlan) -> Rush:
            return Rush(0.0, 0.0, COMING_S, tau_s=1.0, early_share=0.0, steady_share=1.0)

        def visit(self, visitor: Visitor) -> Outcome:
            for _ in range(requests):
                assert visitor.send(Call(Step("ask", frozenset({200})), "GET", "/")).ok
            self.inside += 1
            visitor.pause(WAITING_S)
            return Outcome.CONFIRMED

    scenario = Waiting()
    with tempfile.TemporaryDirectory() as folder:
        plan = LoadPlan(
            scenario="waiting", seed=1, office="", people=people, places=0, days=1, opens_at_s=0.0, rush_s=WAITING_S,
            drain_s=0.0, patience_s=0.0, payment_deadline_s=0.0, profile=None, service_url=url, bank_url=url,
            direct_url=url, admin_token="", run_directory=folder,
        )  # fmt: skip
        gc.collect()
        before_kib = resident_kib()
        origin = Origin(mono_ns=monotonic_ns(), unix_ns=time_ns())
        crowd = Crowd(
            plan=plan, origin=origin, number=0, of=1, scenario=scenario, listener=lambda *_: None, most_inside=people
        )
        running = gevent.spawn(crowd.run)
        while scenario.inside < people and not running.ready():
            gevent.sleep(0.1)
        gc.collect()
        print((resident_kib() - before_kib) / scenario.inside)
        crowd.stop()
        running.get()


def resident_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def open_files() -> int:
    """Raise this process's limit as far as it goes; those that it starts have the same."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=PEOPLE, help=f"who wait ({PEOPLE})")
    parser.add_argument("--alone", nargs=2, metavar=("REQUESTS", "URL"), help="one kind, on a server that runs")
    options = parser.parse_args()
    if options.alone:
        measure(options.alone[1], options.people, int(options.alone[0]))
        return
    people = min(options.people, open_files() - OTHER_FILES)
    with desk() as url:
        keep_off_the_desk()
        for kind, requests in KINDS.items():
            program = [sys.executable, __file__, str(people), "--alone", str(requests), url]
            kib = float(subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout)
            print(f"{people:,} people waiting {kind}: {kib:.1f} KiB each, {kib * people / 1024:,.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
