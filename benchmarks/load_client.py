"""Loket's client beside Locust's FastHttpUser and HttpUser: requests per CPU-second on one small local server.

`python benchmarks/load_client.py [seconds for each figure]`. Each client has a process of its own, ten people who
ask again as soon as they are answered, and its own bookkeeping switched on; Loket's is its
journal on disk and Locust's statistics too.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic, process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROUNDS = 3
SECONDS = 1.5
PEOPLE = 10
LOKET, FAST, PLAIN = "loket", "FastHttpUser", "HttpUser"


def ours(url: str, until: float) -> int:
    """Requests answered to Loket's visitors: journal, ledger, series and all."""
    from loket.load.answers import Step
    from loket.load.arrivals import Arrival
    from loket.load.call import Call
    from loket.load.connection import Timeouts
    from loket.load.journal import Journal
    from loket.load.recorder import Recorder
    from loket.load.series import Series
    from loket.load.visitor import Visitor
    from loket.records import Origin
    from loket.run_directory import RunDirectory

    with tempfile.TemporaryDirectory() as folder:
        origin = Origin(mono_ns=round(monotonic() * 1e9), unix_ns=0)
        journal = Journal(RunDirectory(Path(folder)), "w0")
        recorder = Recorder("w0", journal, Series("w0", origin.mono_ns), shown_to_locust())
        call = Call(Step("ask", frozenset({200})), "GET", "/")
        plan = plan_for(url, folder)

        def ask(number: int) -> None:
            visitor = Visitor(Arrival(number, 0.0), plan, origin, recorder, Timeouts())
            while monotonic() < until:
                visitor.send(call)
            visitor.leave()

        everybody(ask)
        for row in recorder.seconds():
            journal.second(row)
        journal.close()
        return recorder.requests.ok


def shown_to_locust():
    """What a run does besides: every answer goes into Locust's own statistics too."""
    from locust.env import Environment

    environment = Environment()
    environment.create_local_runner()

    def show(attempt, answer, response_ns):
        environment.events.request.fire(
            request_type=attempt.call.method, name=attempt.call.step.name, response_time=response_ns / 1e6,
            response_length=0, exception=None, context={},
        )  # fmt: skip

    return show


def locusts(url: str, until: float, kind: str) -> int:
    """Requests answered to one of Locust's own users, with its statistics."""
    import locust
    from locust.env import Environment

    def ask(_: int) -> None:
        user = crowd(environment)
        while monotonic() < until:
            user.client.get("/")

    crowd = type("Asker", (getattr(locust, kind),), {"host": url})
    environment = Environment(user_classes=[crowd])
    environment.create_local_runner()  # it is what counts the requests
    everybody(ask)
    return environment.stats.total.num_requests - environment.stats.total.num_failures


def everybody(ask):
    import gevent

    gevent.joinall([gevent.spawn(ask, number) for number in range(PEOPLE)], raise_error=True)


def plan_for(url, folder):
    from loket.load.plan import LoadPlan

    return LoadPlan(
        scenario="benchmark", seed=1, office="", people=PEOPLE, places=0, days=1, opens_at_s=0, rush_s=0, drain_s=0,
        patience_s=0, payment_deadline_s=0, profile=None, service_url=url, bank_url=url, direct_url=url,
        admin_token="", run_directory=folder,
    )  # fmt: skip


def measure(kind: str, url: str, seconds: float) -> None:
    """Print the requests answered in a CPU-second; the program's own start is left out."""
    import locust.env  # noqa: F401 - its patching comes before anything else, for every client alike

    client = ours if kind == LOKET else lambda url, until: locusts(url, until, kind)
    client(url, monotonic() + 0.3)
    cpu_s = process_time()
    print(client(url, monotonic() + seconds) / (process_time() - cpu_s))


def compare(seconds: float) -> None:
    server = subprocess.Popen([sys.executable, Path(__file__).with_name("small_server.py")], stdout=subprocess.PIPE)
    figures: dict[str, list[float]] = {LOKET: [], FAST: [], PLAIN: []}
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        for _ in range(ROUNDS):
            for kind, found in figures.items():
                program = [sys.executable, __file__, str(seconds), "--alone", kind, url]
                found.append(float(subprocess.run(program, check=True, capture_output=True, text=True).stdout))
    finally:
        server.kill()
        server.wait()
    base = median(figures[FAST])
    for kind, found in figures.items():
        spread = f"{min(found):,.0f} to {max(found):,.0f}"
        print(f"{kind:<13} {median(found):8,.0f} requests/CPU-second ({spread}), {median(found) / base:.2f} x {FAST}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    parser.add_argument("--alone", nargs=2, metavar=("CLIENT", "URL"), help="one client only, on a server that runs")
    options = parser.parse_args()
    if options.alone:
        measure(*options.alone, options.seconds)
    else:
        compare(options.seconds)


if __name__ == "__main__":
    main()
