"""What the journal costs the load: a client at the limit of its core with its lines on disk, and without.

`python benchmarks/journal_cost.py [seconds for each figure]`. `disk` is a run's own way; `unwritten` has every row made
and encoded, but not written; `nowhere` has it made only. The rounds go forth and back, and each share is one of figures
of the same round.
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


def measure(way: str, url: str, seconds: float) -> None:
    """Print requests in a CPU-second."""
    from asking import ours

    divert(way)
    with tempfile.TemporaryDirectory() as warm, tempfile.TemporaryDirectory() as folder:
        ours(url, "bare", WARM_UP_S, warm)
        cpu_s = process_time()
        requests = ours(url, "bare", seconds, folder)
        print(requests / (process_time() - cpu_s))


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


def figure(way: str, url: str, seconds: float) -> float:
    program = [sys.executable, __file__, str(seconds), "--alone", way, url]
    return float(subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout)


def compare(seconds: float, rounds: int) -> None:
    figures: dict[str, list[float]] = defaultdict(list)
    with desk(awake=True) as url:
        keep_off_the_desk()
        for number in range(rounds):
            for way in WAYS if number % 2 == 0 else reversed(WAYS):
                figures[way].append(figure(way, url, seconds))
    for way in WAYS:
        lost = [1 - one / free for one, free in zip(figures[way], figures[NOWHERE], strict=True)]
        spread = f"({min(figures[way]):,.0f} to {max(figures[way]):,.0f})"
        each = f"{1e6 / median(figures[way]):.1f} µs each"
        took = f"{median(lost):.1%} ({min(lost):.1%} to {max(lost):.1%}) below {NOWHERE}"
        print(f"{way:<10} {median(figures[way]):8,.0f} requests/CPU-second {spread}, {each}: {took}")
    print(f"the number to reach: at most {TARGET:.0%} of throughput")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS, help=f"for each figure ({SECONDS:g})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"figures of each way ({ROUNDS})")
    parser.add_argument("--alone", nargs=2, metavar=("WAY", "URL"), help="one, on a server that runs")
    options = parser.parse_args()
    if options.alone:
        measure(*options.alone, options.seconds)
    else:
        compare(options.seconds, options.rounds)


if __name__ == "__main__":
    main()
