"""A runner that is there to be killed: plays faults of every kind on a link, in a process of its own.

`python -m tests.chaos.doomed` reads lines `URL UPSTREAM SEED` and forks a runner for each, which has everything
imported already; it answers with the runner's process id and where its link listens.
"""

import os
import sys
import time
from random import Random

from chaos.control import Network
from chaos.faults import Fault
from chaos.timeline import Timeline

LEASE_S = 0.3
KINDS: tuple[dict[str, object], ...] = (
    {"latency": {"ms": 60_000}},
    {"latency": {"ms": 60_000}, "stream": "upstream"},
    {"timeout": {"ms": 0}},
    {"shared_bandwidth": {"kbps": 1}},
    {"bandwidth": {"kbps": 1}},
    {"reset": {"after_ms": 0}},
    {"refused": {}},
    {"unanswered": {}},
    {"unresolved": {}},
    {"down": True},
)


def faults(rng: Random) -> list[Fault]:
    """Several that begin within the first half second, overlap, and would last for a minute."""
    chosen = rng.sample(KINDS, k=rng.randint(1, 4))
    return [
        Fault.model_validate(
            {"name": f"f{number}", "link": "simponi", "at": f"{rng.randint(0, 500)}ms", "for": "1m"} | kind
        )
        for number, kind in enumerate(chosen)
    ]


def play(url: str, upstream: str, seed: str, answer: int) -> None:
    """Open the link, tell where it is, play until killed."""
    network = Network(url, f"doomed-{seed}", lease_ttl_s=LEASE_S)
    listens = network.open_link("simponi", upstream)
    timeline = Timeline(faults(Random(seed)), network, 0.0, time.monotonic_ns, time.monotonic_ns(), lambda row: None)
    timeline.start()
    os.write(answer, f"{os.getpid()} {listens}\n".encode())
    time.sleep(60)


if __name__ == "__main__":
    for line in sys.stdin:
        if os.fork() == 0:
            play(*line.split(), sys.stdout.fileno())
            os._exit(0)
