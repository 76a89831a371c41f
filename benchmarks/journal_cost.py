"""What the journal costs the load: a client at the limit of its core with its lines on disk, and without.

`python benchmarks/journal_cost.py [seconds for each figure]`. `nowhere` has every row made and handed to the journal,
which throws it away; `unwritten` has it encoded too; `disk` is a run's own. The rounds go forth and back. A second part
sends an open schedule that the core can carry, as a run does, and counts what comes through in a second.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from desk import desk, keep_off_the_desk

ROUNDS = 4
SECONDS = 1.5
WARM_UP_S = 0.3
DISK, UNWRITTEN, NOWHERE = "disk", "unwritten", "nowhere"
WAYS = (DISK, UNWRITTEN, NOWHERE)
TARGET = 0.02
OPEN_RATE = 4_000.0


def measure(way: str, kind: str, url: str, seconds: float) -> None:
    """Print requests in a CPU-second (`closed`) or in a second (`open`)."""
    import asking
    import send_lateness

    divert(way)
    with tempfile.TemporaryDirectory() as warm, tempfile.TemporaryDirectory() as folder:
        if kind == "closed":
            asking.ours(url, "bare", WARM_UP_S, warm)
            cpu_s = process_time()
            requests = asking.ours(url, "bare", seconds, folder)
            print(requests / (process_time() - cpu_s))
        else:
            print(send_lateness.run(url, OPEN_RATE, seconds, 2, folder).rate)


def divert(way: str) -> None:
    """Have the lines of operations go where `way` says; the shift, by which the benchmark counts, goes to disk."""
    from loket.load.journal import Shard
    from loket.records import Operation, encode

    to_disk = Shard.write

    def write(shard: Shard, row: Any) -> None:
        if not isinstance(row, Operation):
            to_disk(shard, row)
        elif way == UNWRITTEN:
            encode(row)

    if way != DISK:
        Shard.write = write


def figure(way: str, kind: str, url: str, seconds: float) -> float:
    program = [sys.executable, __file__, str(seconds), "--alone", way, kind, url]
    return float(subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout)


def compare(seconds: float, rounds: int) -> None:
    for kind, unit in (("closed", "requests/CPU-second"), ("open", "requests/s")):
        figures: dict[str, list[float]] = defaultdict(list)
        with desk(awake=kind == "closed") as url:
            keep_off_the_desk()
            for number in range(rounds):
                for way in WAYS if number % 2 == 0 else reversed(WAYS):
                    figures[way].append(figure(way, kind, url, seconds))
        for way in WAYS:
            lost = [1 - one / free for one, free in zip(figures[way], figures[NOWHERE], strict=True)]
            spread = f"({min(figures[way]):,.0f} to {max(figures[way]):,.0f})"
            took = f"{median(lost):.1%} of throughput ({min(lost):.1%} to {max(lost):.1%})"
            each = f", {1e6 / median(figures[way]):.1f} µs each" if kind == "closed" else ""
            print(f"{kind:<7} {way:<10} {median(figures[way]):8,.0f} {unit} {spread}{each}; the journal took {took}")
    print(f"the number to reach: at most {TARGET:.0%} of throughput")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"figures of each way ({ROUNDS})")
    parser.add_argument("--alone", nargs=3, metavar=("WAY", "KIND", "URL"), help="one, on a server that runs")
    options = parser.parse_args()
    if options.alone:
        measure(*options.alone, options.seconds)
    else:
        compare(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
