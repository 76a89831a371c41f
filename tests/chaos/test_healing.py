"""Healing is guaranteed: a hundred runners are killed at random moments, and traffic says that nothing is left."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tests.chaos.conftest import REPOSITORY, Caller, running_engine
from tests.chaos.doomed import LEASE_S

KILLS = 100
AT_ONCE = 4
# What the product promises: nothing is left so long after the lease.
AFTER_THE_LEASE_S = 2.0


class Campaign:
    """One engine, and runners on it that are killed one after the other."""

    def __init__(self, folder: Path, upstream: str, seed: int) -> None:
        self._folder, self._upstream, self._seed = folder, upstream, seed
        folder.mkdir()

    def kill(self, times: int) -> tuple[list[float], int]:
        """Seconds from each death to the first answer through the link; how many had left a fault behind."""
        rng = Random(self._seed)
        command = [sys.executable, "-m", "tests.chaos.doomed"]
        with (
            running_engine(self._folder) as (url, _),
            subprocess.Popen(
                command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            ) as zygote,
        ):
            assert zygote.stdin is not None
            assert zygote.stdout is not None
            healed = []
            for number in range(times):
                zygote.stdin.write(f"{url} {self._upstream} {self._seed}-{number}\n")
                pid, listens = zygote.stdout.readline().split()
                time.sleep(rng.uniform(0, 0.7))  # the random moment
                os.kill(int(pid), signal.SIGKILL)
                healed.append(until_answered(listens))
                delete(f"{url}/proxies/simponi")
            zygote.stdin.close()
            return healed, leases_expired(url)


def delete(url: str) -> None:
    """The link goes, so that the next runner can have it."""
    with urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10) as answer:
        assert answer.status == 204


def leases_expired(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        found = re.search(rb"^loket_engine_leases_expired_total (\d+)$", answer.read(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def until_answered(listens: str) -> float:
    """Seconds until a new connection is answered; the lease and two seconds are all it may take."""
    killed_s = time.monotonic()
    while not answered(listens):
        assert time.monotonic() - killed_s < LEASE_S + AFTER_THE_LEASE_S, f"still disturbed: {listens}"
    return time.monotonic() - killed_s


def answered(listens: str) -> bool:
    try:
        caller = Caller(listens)
    except OSError:
        return False
    with caller.socket:
        try:
            return caller.exchange(patience_s=0.1) == b"ping"
        except OSError:
            return False


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments_leave_nothing(echo: str, tmp_path: Path) -> None:
    """Whatever stood, whatever was being asked: within two seconds of the lease the link carries as if nothing was."""
    campaigns = [Campaign(tmp_path / str(seed), echo, seed) for seed in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one: one.kill(KILLS // AT_ONCE), campaigns))
    assert sum(len(healed) for healed, _ in found) == KILLS
    # Most of them were killed while something stood: or else nothing was tried.
    assert sum(expired for _, expired in found) > KILLS / 2
