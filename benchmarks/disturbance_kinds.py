"""The kinds of disturbance of `disturbances.py`: how each is done, how large it may be, and what is a right reason."""

import os
import resource
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import sleep

import msgspec

from benchmarks.disturbed_run import Scene
from loket.load.room import files_for
from loket.records import Visit, read_rows

STILL = r"^worker w\d+ stood still"
TOO_LATE = r"^worker w\d+ (stood still|was behind|was saturated|sent too late)"
TURNED_AWAY = r"people were turned away"
NEVER_LEFT = r"requests never left"
HOLE = r"journal and ledger differ|arrivals and \d+ departures|series and ledger differ|record has a hole"
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
TRUTH = "truth"

# Does it to a scene, by its size and its dice; gives the second of the run in which it began.
Act = Callable[[Scene, float, Random], float]


@dataclass(frozen=True)
class Kind:
    """`sizes` are the smallest and the largest, in `unit`. `act` is done at its moment, `afterwards` to the records.

    `beforehand` is done while the processes start; a kind of which `afterwards` alone is given tells the truth there.
    """

    reasons: str
    sizes: tuple[float, float]
    unit: str
    workers: int = 1
    beforehand: Callable[[Scene, float], None] | None = None
    act: Act | None = None
    afterwards: Act | None = None
    whole_numbers: bool = False
    needs_own_network: bool = False


def stop_a_worker(scene: Scene, size: float, _: Random) -> float:
    began_s = scene.second()
    scene.pause([scene.worker("w0")], size)
    return began_s


def stop_the_host(scene: Scene, size: float, _: Random) -> float:
    """Everything at once, the server too, as when a virtual machine is not given its processors."""
    began_s = scene.second()
    scene.pause([scene.processes.master.pid, scene.worker("w0"), scene.worker("w1"), scene.server.pid], size)
    return began_s


def hog_the_core(scene: Scene, size: float, _: Random) -> float:
    """So many busy loops for two seconds, on the one core that the worker may use."""
    core = {min(os.sched_getaffinity(0))}
    os.sched_setaffinity(scene.worker("w0"), core)
    hogs: list[subprocess.Popen[bytes]] = []
    try:
        for _number in range(round(size)):
            # A session each: the scheduler shares a core among sessions first.
            hogs.append(subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True))
            os.sched_setaffinity(hogs[-1].pid, core)
        began_s = scene.second()
        sleep(2.0)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    return began_s


def kill_a_worker(scene: Scene, _: float, rng: Random) -> float:
    os.kill(scene.worker(rng.choice(["w0", "w1"])), 9)
    return scene.second()


def kill_the_master(scene: Scene, _: float, __: Random) -> float:
    os.kill(scene.processes.master.pid, 9)
    return scene.second()


def give_few_files(scene: Scene, size: float) -> None:
    """Open files for `size` people at once, from the beginning."""
    files = files_for(round(size))
    for worker in scene.processes.workers:
        resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (files, files))


def first_full(scene: Scene, size: float, _: Random) -> float:
    """The second in which as many were inside as there was room for."""
    inside = 0
    for row in read_rows(scene.directory.journal / "people-w0.ndjson", Visit):
        inside += 1 if row.type == "arrive" else -1
        if inside >= size:
            return scene.second_of(row.mono_ns)
    raise SystemExit("the disturbance did not happen: the worker was never full")


def take_files(scene: Scene, size: float, _: Random) -> float:
    """No more than `size` open files from now on."""
    resource.prlimit(scene.worker("w0"), resource.RLIMIT_NOFILE, (round(size), round(size)))
    return scene.second()


def take_ports(scene: Scene, size: float, _: Random) -> float:
    """No more than `size` ports from now on, for all of this network namespace."""
    PORT_RANGE.write_text(f"61000 {61000 + round(size) - 1}")
    return scene.second()


def await_it(scene: Scene, _: float, __: Random) -> float:
    """The worker does it to itself, and writes down when."""
    return scene.second_of(int((scene.directory.root / TRUTH).read_text()))


def at_its_moment(scene: Scene, _: float, __: Random) -> float:
    """The schedule itself is the disturbance."""
    return scene.second()


def files_of(scene: Scene, worker: str) -> list[Path]:
    names = [f"journal/{name}-{worker}.ndjson" for name in ("operations", "people", "shift")]
    return [scene.directory.root / name for name in [*names, f"series/load-{worker}.ndjson"]]


def lose_lines(scene: Scene, size: float, rng: Random) -> float:
    """So many lines of one file are not there."""
    path, lines, at = a_place(scene, rng)
    path.write_bytes(b"".join(lines[:at] + lines[at + round(size) :]))
    return when(scene, lines[at])


def tear_a_line(scene: Scene, size: float, rng: Random) -> float:
    """So many bytes in the middle of one line are not what was written."""
    path, lines, at = a_place(scene, rng)
    line = lines[at]
    torn = line[:10] + b"\0" * round(size) + line[10 + round(size) :]
    path.write_bytes(b"".join([*lines[:at], torn, *lines[at + 1 :]]))
    return when(scene, line)


def lose_a_shard(scene: Scene, _: float, rng: Random) -> float:
    """Everything that one of the workers wrote is not there."""
    for path in files_of(scene, rng.choice(["w0", "w1"])):
        path.unlink()
    return 0.0


def a_place(scene: Scene, rng: Random) -> tuple[Path, list[bytes], int]:
    path = rng.choice(files_of(scene, "w0"))
    lines = path.read_bytes().splitlines(keepends=True)
    return path, lines, rng.randrange(1, len(lines) - 4)


class _Dated(msgspec.Struct):
    mono_ns: int | None = None
    second: float = 0.0


def when(scene: Scene, line: bytes) -> float:
    """The second of the run that the line speaks of."""
    row = msgspec.json.decode(line, type=_Dated)
    return row.second if row.mono_ns is None else scene.second_of(row.mono_ns)


KINDS = {
    "stopped worker": Kind(STILL, (0.6, 1.5), "s", act=stop_a_worker),
    "stopped host": Kind(STILL, (0.6, 1.5), "s", workers=2, act=stop_the_host),
    "blocking call": Kind(STILL, (0.6, 1.5), "s", afterwards=await_it),
    "hoard of objects": Kind(STILL, (0.6, 1.5), "s", afterwards=await_it),
    "write that hangs": Kind(STILL, (0.6, 1.5), "s", afterwards=await_it),
    "slow disk": Kind(TOO_LATE, (1.5, 2.5), "s", afterwards=await_it),
    "toilsome journey": Kind(TOO_LATE, (1.5, 2.5), "s", afterwards=await_it),
    "hogs on the core": Kind(TOO_LATE, (30, 60), "processes", act=hog_the_core, whole_numbers=True),
    "burst": Kind(f"{TOO_LATE}|{TURNED_AWAY}", (7_000, 10_000), "people more", act=at_its_moment, whole_numbers=True),
    "few open files": Kind(
        TURNED_AWAY, (10, 25), "people", beforehand=give_few_files, afterwards=first_full, whole_numbers=True
    ),
    "files taken away": Kind(NEVER_LEFT, (5, 30), "left", act=take_files, whole_numbers=True),
    "ports taken away": Kind(NEVER_LEFT, (3, 12), "left", act=take_ports, whole_numbers=True, needs_own_network=True),
    "killed worker": Kind(r"^worker w\d+ was lost", (1, 1), "of 2", workers=2, act=kill_a_worker),
    "killed master": Kind(r"^locust-master ended by signal SIGKILL", (1, 1), "of 1", workers=2, act=kill_the_master),
    "lines lost": Kind(HOLE, (1, 3), "lines", afterwards=lose_lines, whole_numbers=True),
    "line torn": Kind(r"ndjson, line \d+", (1, 8), "bytes", afterwards=tear_a_line, whole_numbers=True),
    "shard lost": Kind(r"^no record of worker w\d+", (1, 1), "of 2", workers=2, afterwards=lose_a_shard),
}
