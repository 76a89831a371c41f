"""Loket's client beside Locust's FastHttpUser and HttpUser, wrk and hey: requests per CPU-second of the client.

`python benchmarks/load_client.py [seconds for each figure]`. Each client has a process of its own, ten people who
ask again as soon as they are answered, and its own bookkeeping switched on; Loket's is its journal on disk, its pulse
and Locust's statistics too. The rounds go forth and back, so that what else the machine does meets all alike, and each
ratio is one of figures of the same round. The server has a core of its own and, unless told otherwise, never sleeps.
"""

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desk import desk, keep_off_the_desk

ROUNDS = 4
SECONDS = 1.5
WARM_UP_S = 0.3
LOKET, FAST, PLAIN = "loket", "FastHttpUser", "HttpUser"
WRK, HEY = "wrk", "hey"
CLIENTS = {"bare": (LOKET, FAST, PLAIN, WRK, HEY), "journey": (LOKET, FAST, PLAIN)}
PROGRAMS = {
    WRK: (["-t1", "-c10"], "-d{:.0f}s", re.compile(r"(\d+) requests in")),
    HEY: (["-cpus", "1", "-c", "10"], "-z={}s", re.compile(r"\[200\]\s+(\d+) responses")),
}


def measure(kind: str, journey: str, url: str, seconds: float) -> None:
    """Print the requests answered in a CPU-second; the program's own start is left out."""
    from asking import locusts, ours

    def ask(seconds: float) -> int:
        if kind != LOKET:
            return locusts(url, journey, seconds, kind)
        with tempfile.TemporaryDirectory() as folder:
            return ours(url, journey, seconds, folder)

    ask(WARM_UP_S)
    cpu_s = process_time()
    print(ask(seconds) / (process_time() - cpu_s))


def figure(kind: str, journey: str, url: str, seconds: float) -> float:
    """Requests in a CPU-second of one client, run in a process of its own."""
    if kind in PROGRAMS:
        return figure_of_program(kind, url, seconds)
    program = [sys.executable, __file__, str(seconds), "--alone", kind, journey, url]
    return float(subprocess.run(program, check=True, capture_output=True, text=True).stdout)


def figure_of_program(kind: str, url: str, seconds: float) -> float:
    arguments, duration, count = PROGRAMS[kind]
    whole_s = max(1, round(seconds))
    before_s = cpu_of_children_s()
    program = [kind, *arguments, duration.format(whole_s), f"{url}/"]
    said = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    found = count.search(said)
    assert found is not None, said
    return int(found[1]) / (cpu_of_children_s() - before_s)


def cpu_of_children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def compare(seconds: float, rounds: int, *, awake: bool) -> None:
    present = {journey: [kind for kind in kinds if is_there(kind)] for journey, kinds in CLIENTS.items()}
    with desk(awake=awake) as url:
        keep_off_the_desk()
        for journey, kinds in present.items():
            figures: dict[str, list[float]] = defaultdict(list)
            for number in range(rounds):
                for kind in kinds if number % 2 == 0 else reversed(kinds):
                    figures[kind].append(figure(kind, journey, url, seconds))
            say(journey, kinds, figures)


def is_there(kind: str) -> bool:
    if kind in PROGRAMS and shutil.which(kind) is None:
        print(f"skipped: {kind} is not on the PATH")
        return False
    return True


def say(journey: str, kinds: list[str], figures: dict[str, list[float]]) -> None:
    for kind in kinds:
        found = figures[kind]
        spread = f"({min(found):,.0f} to {max(found):,.0f})"
        ratios = [one / base for one, base in zip(found, figures[FAST], strict=True)]
        print(
            f"{journey:<8} {kind:<13} {median(found):9,.0f} requests/CPU-second {spread},"
            f" {median(ratios):.2f} x {FAST} ({min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"figures of each client ({ROUNDS})")
    parser.add_argument("--asleep", action="store_true", help="let the server sleep where it has nothing to do")
    parser.add_argument("--alone", nargs=3, metavar=("CLIENT", "JOURNEY", "URL"), help="one, on a server that runs")
    options = parser.parse_args()
    if options.alone:
        measure(*options.alone, options.seconds)
    else:
        compare(options.seconds, options.rounds, awake=not options.asleep)


if __name__ == "__main__":
    main()
