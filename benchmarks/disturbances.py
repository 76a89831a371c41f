"""Whether disturbances of the generator are seen: seeded disturbances of short real loads, and clean ones beside them.

`python benchmarks/disturbances.py [disturbances] [clean runs] [--seed N] [--keep FOLDER]`. Each disturbance comes at a
random moment with a random size beyond the limits that docs/decisions state. It is caught where a doubt with a right
reason names a second within 1.5 s of the truth. Ends with status 1 where one escapes or a clean run is doubted.
"""

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.disturbance_kinds import KINDS, PORT_RANGE, Kind
from benchmarks.disturbed_run import await_end, await_origin, judged, load, nearest
from loket.load.arrivals import Wave
from loket.verdict import Doubt

CLONE_NEWNET = 0x4000_0000
MOST_OFF_S = 1.5
# Late enough for the people to be there, early enough for the disturbance to be felt before they leave.
EARLIEST_S, LATEST_S = 0.8, 2.2
# In which the people of a burst come.
BURST_S = 1.0
CLEAN = "none"


@dataclass(frozen=True)
class Case:
    """One run of the campaign."""

    number: int
    kind: str
    at_s: float
    size: float
    seed: int


def drawn(count: int, clean: int, seed: int, own_network: bool) -> list[Case]:
    """Every kind once before any comes again, in an order of the dice, and the clean runs spread among them."""
    rng = Random(f"{seed}:disturbances")
    usable = [name for name, kind in KINDS.items() if own_network or not kind.needs_own_network]
    names: list[str] = []
    while len(names) < count:
        names += rng.sample(usable, len(usable))
    names = [*names[:count], *[CLEAN] * clean]
    rng.shuffle(names)
    cases = []
    for number, name in enumerate(names):
        low, high = KINDS[name].sizes if name in KINDS else (0.0, 0.0)
        size = rng.uniform(low, high)
        size = round(size) if name in KINDS and KINDS[name].whole_numbers else round(size, 2)
        cases.append(Case(number, name, round(rng.uniform(EARLIEST_S, LATEST_S), 2), size, rng.randrange(10**6)))
    return cases


def played(case: Case, folder: Path) -> tuple[list[Doubt], float]:
    """The doubts about the run, and the second in which it was disturbed."""
    # A clean run has as many workers as the disturbed ones have, now one and now two.
    kind = KINDS.get(case.kind, Kind("", (0, 0), "", workers=1 + case.number % 2))
    rng = Random(case.seed)
    ends_s = case.at_s + BURST_S
    rate = case.size / BURST_S
    waves = (Wave(knots=((case.at_s, rate), (ends_s, rate))),) if case.kind == "burst" else ()
    told = {"kind": case.kind, "at_s": case.at_s, "size": case.size}
    os.environ["DISTURBANCE"] = msgspec.json.encode(told).decode()
    truth_s = 0.0
    with load(folder, waves, kind.workers, case.seed) as scene:
        if kind.beforehand:
            kind.beforehand(scene, case.size)
        await_origin(scene)
        scene.at(case.at_s)
        if kind.act:
            truth_s = kind.act(scene, case.size, rng)
        facts = await_end(scene)
    if kind.afterwards:
        truth_s = kind.afterwards(scene, case.size, rng)
    return judged(scene, facts), truth_s


def right(case: Case, folder: Path) -> bool:
    """Play the case and print its line; whether it was caught, or rightly not doubted."""
    found, truth_s = played(case, folder)
    if case.kind == CLEAN:
        say(case, "-", "no" if not found else "FLAGGED", "; ".join(doubt.reason for doubt in found), "")
        return not found
    kind = KINDS[case.kind]
    match nearest(found, kind.reasons, truth_s):
        case (doubt, off_s) if abs(off_s) <= MOST_OFF_S:
            say(case, f"{case.size:g} {kind.unit}", "yes", doubt.reason, f"{off_s:+.2f} s")
            return True
        case (doubt, off_s):
            say(case, f"{case.size:g} {kind.unit}", "ELSEWHERE", doubt.reason, f"{off_s:+.2f} s")
        case None:
            other = "; ".join(doubt.reason for doubt in found)
            say(case, f"{case.size:g} {kind.unit}", "ESCAPED", other or "no doubt at all", "")
    return False


def say(case: Case, size: str, flagged: str, reason: str, off: str) -> None:
    at = "" if case.kind == CLEAN else f"{case.at_s:.2f}"
    print(f"{case.number + 1:3d}  {case.kind:18} {size:14} {at:>5}  {flagged:9} {off:>8}  {reason[:150]}", flush=True)


def take_own_network() -> bool:
    """Leave the host's network for one with nothing but loopback, where ports can be taken away; False: not allowed."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("disturbances", nargs="?", type=int, default=len(KINDS), help="how many (each kind once)")
    parser.add_argument("clean", nargs="?", type=int, default=3, help="how many clean runs beside them (3)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments and sizes (1)")
    parser.add_argument("--only", choices=[*KINDS, CLEAN], help="this kind alone")
    parser.add_argument("--keep", type=Path, help="keep the runs in this folder")
    options = parser.parse_args()
    own_network = take_own_network()
    if not own_network:
        print("skipped: ports taken away (this user may not make a network of its own)")
    ports = PORT_RANGE.read_text()
    cases = drawn(options.disturbances, options.clean, options.seed, own_network)
    cases = [case for case in cases if options.only in (None, case.kind)]
    print(f"  #  {'disturbance':18} {'size':14} {'at s':>5}  {'flagged':9} {'off by':>8}  reason")
    well = dict.fromkeys(cases, False)
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases:
            well[case] = right(case, (options.keep or Path(scratch)).resolve() / f"{case.number + 1:02d}")
            if own_network:
                PORT_RANGE.write_text(ports)
    disturbed = [well[case] for case in cases if case.kind != CLEAN]
    clean = [well[case] for case in cases if case.kind == CLEAN]
    print(f"{sum(disturbed)} of {len(disturbed)} disturbances caught, each within {MOST_OFF_S:g} s of its second")
    print(f"{len(clean) - sum(clean)} of {len(clean)} clean runs flagged")
    return 0 if all(well.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
