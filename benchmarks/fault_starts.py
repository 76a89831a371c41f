"""How exactly faults begin: the instant asked for by the timeline, and confirmed by the network, against the plan.

`python benchmarks/fault_starts.py [runs]` reads the runs below a folder (`runs` by default) and prints, over all of
their faults that were bound to a time, how late each was asked for and confirmed. Wanted: asked for within 50 ms at
p99.
"""

import argparse
import json
import sys
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.durations import Instant

WANTED_MS = 50.0


def starts(runs: Path) -> list[tuple[float, float]]:
    """(asked for, confirmed) in milliseconds after the plan, for each fault of each run."""
    found = []
    for root in sorted(runs.glob("2*")):
        try:
            experiment = json.loads((root / "plan.json").read_text())["experiment"]
            verdict = json.loads((root / "verdict.json").read_text())
        except (OSError, ValueError, KeyError):
            continue
        planned = {fault["name"]: Instant.parse(fault["at"]) for fault in experiment["faults"]}
        for span in verdict["faults"]:
            due_s = planned[span["fault"]].resolve(experiment["load"]["opens_at_s"])
            if due_s is not None and span.get("confirmed_s") is not None:
                found.append(((span["requested_s"] - due_s) * 1000, (span["confirmed_s"] - due_s) * 1000))
    return found


def nearest_rank(values: list[float], percent: float) -> float:
    return sorted(values)[max(1, ceil(percent / 100 * len(values))) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=Path, default=Path("runs"), help="folder of the runs (%(default)s)")
    found = starts(parser.parse_args().runs)
    if not found:
        print("No run with a fault was found there.")
        return
    for name, errors in (("asked for", [asked for asked, _ in found]), ("confirmed", [done for _, done in found])):
        p50, p99 = nearest_rank(errors, 50), nearest_rank(errors, 99)
        ratio = f"  {p99 / WANTED_MS:.2f} of the {WANTED_MS:.0f} ms wanted" if name == "asked for" else ""
        print(
            f"{name:10} {len(errors):5} faults  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  max {max(errors):6.1f} ms{ratio}"
        )


if __name__ == "__main__":
    main()
