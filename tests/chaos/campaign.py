"""Runs that die one after the other, each at a random moment, and traffic that asks what they left behind."""

import json
import os
import re
import socket
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.chaos.conftest import Caller, running_engine
from tests.chaos.deaths import BLOWS, PACE_S, Cradle, Doomed, Way, cradle, mortal
from tests.chaos.doomed import LINK

# The first faults begin at once, the last after half a second.
MOMENTS_S = 0.8
# What the product promises: nothing is left so long after the lease.
AFTER_THE_LEASE_S = 2.0
# The narrowest of the faults lets it pass in four seconds, the others never; a healthy link needs a millisecond.
PAYLOAD = bytes(4096)
PATIENCE_S = 0.1


@dataclass(frozen=True)
class Death:
    """How one run ended: whether a fault was under way, and the seconds from the blow to the first good answer."""

    way: Way
    stood: bool
    healed_s: float


class Campaign:
    """One engine that outlives its runs, and as many runs as there are `ways`; `rng` draws the moments."""

    def __init__(self, folder: Path, upstream: str, ways: Sequence[Way], rng: Random) -> None:
        self._folder, self._upstream, self._ways, self._rng = folder, upstream, ways, rng
        folder.mkdir()

    def deaths(self) -> list[Death]:
        """All of them; fails where one left something behind."""
        with running_engine(self._folder) as (url, _), cradle() as runners:
            return [self._death(number, way, url, runners) for number, way in enumerate(self._ways)]

    def _death(self, number: int, way: Way, url: str, runners: Cradle) -> Death:
        outliving = () if way is Way.ENGINE_KILLED else (url, way.lease_s)
        with runners.bear(self._folder / f"{self._folder.name}-{number}", self._upstream, *outliving) as doomed:
            time.sleep(self._rng.uniform(0, MOMENTS_S))  # the random moment
            if way is Way.ENGINE_KILLED:
                healed_s = _engine_killed(doomed, self._upstream)
            else:
                healed_s = _runner_ended(doomed, way, url)
            doomed.assert_died(way)
            return Death(way, doomed.stood(), healed_s)


def _runner_ended(doomed: Doomed, way: Way, url: str) -> float:
    """Seconds from the blow to the first good answer, through the engine at `url`, which goes on."""
    expired = leases_expired(url)
    struck_s = time.monotonic()
    os.kill(doomed.runner.pid, BLOWS[way])
    healed_s = _until_carried(doomed, way, struck_s)
    # Whoever can heal has done so, and did not leave it to the lease.
    assert way is Way.RUNNER_KILLED or leases_expired(url) == expired, f"left to the lease after {way}: {doomed.root}"
    # The link goes, so that the next run can have it.
    with urllib.request.urlopen(urllib.request.Request(f"{url}/proxies/{LINK}", method="DELETE"), timeout=10) as answer:
        assert answer.status == 204
    return healed_s


def _until_carried(doomed: Doomed, way: Way, struck_s: float) -> float:
    """Seconds until a new connection is answered and every later one too, as long as anything may still come.

    The lease and two seconds are all it may take.
    """
    healed_s = None
    while healed_s is None or not _is_over(doomed, way, struck_s):
        asked_s = time.monotonic() - struck_s
        assert asked_s < way.lease_s + AFTER_THE_LEASE_S, f"still disturbed after {way}: {doomed.root}"
        if not answered(doomed.link):
            healed_s = None
        elif healed_s is None:
            healed_s = time.monotonic() - struck_s
        doomed.runner.ended(PACE_S)
    return healed_s


def _is_over(doomed: Doomed, way: Way, struck_s: float) -> bool:
    """The runner has gone, and where it was killed so has the lease of the change that it was just asking for."""
    return doomed.runner.ended() and (way is not Way.RUNNER_KILLED or time.monotonic() - struck_s > 2 * way.lease_s)


def _engine_killed(doomed: Doomed, upstream: str) -> float:
    """Seconds from the blow to the first answer of the engine that was then started in the place of the dead one.

    Meanwhile whoever calls is refused, and whoever was connected is told, at once; and the runner ends by itself.
    """
    pid, port = doomed.own_engine()
    with mortal(pid) as engine, ExitStack() as undo:
        waiting = None
        with suppress(OSError):  # what stands may refuse it
            waiting = undo.enter_context(Caller(doomed.link).socket)
        struck_s = time.monotonic()
        os.kill(engine.pid, BLOWS[Way.ENGINE_KILLED])
        engine.await_end()
        with pytest.raises(ConnectionRefusedError):
            Caller(doomed.link)
        assert waiting is None or _ends(waiting), f"left hanging by a dead engine: {doomed.root}"
    doomed.runner.await_end()
    with engine_again(doomed.root, port, doomed.link, upstream):
        assert answered(doomed.link, AFTER_THE_LEASE_S), f"disturbed by a new engine: {doomed.root}"
        return time.monotonic() - struck_s


@contextmanager
def engine_again(folder: Path, port: int, link: str, upstream: str) -> Iterator[None]:
    """An engine in the place of a dead one: its control port, and in its config file the link where it was."""
    config = folder / "engine.json"
    config.write_text(json.dumps([{"name": LINK, "listen": link, "upstream": upstream, "enabled": True}]))
    with running_engine(folder, "--port", str(port), "--config", str(config)):
        yield


def _ends(connection: socket.socket) -> bool:
    """Whether its other side is heard to be gone."""
    connection.settimeout(AFTER_THE_LEASE_S)
    with suppress(ConnectionError):
        return connection.recv(1) == b""
    return True


def answered(link: str, patience_s: float = PATIENCE_S) -> bool:
    """Whether a new connection gets back all that it sends."""
    try:
        caller = Caller(link)
    except OSError:
        return False
    with caller.socket:
        try:
            return caller.exchange(PAYLOAD, patience_s) == PAYLOAD
        except OSError:
            return False


def leases_expired(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        found = re.search(rb"^loket_engine_leases_expired_total (\d+)$", answer.read(), re.MULTILINE)
    assert found is not None
    return int(found[1])
