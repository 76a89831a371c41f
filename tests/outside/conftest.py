"""What the tests of the outside systems share: the systems, opened in the test's own process or started as another."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from mock_mpaspor.outside.bank.app import open_system as open_bank
from mock_mpaspor.outside.clock import UNHURRIED, Pace
from mock_mpaspor.outside.dukcapil.app import create_app as create_dukcapil
from mock_mpaspor.outside.settings import BankSettings, DukcapilSettings, Front, SimkimSettings, SimponiSettings
from mock_mpaspor.outside.simkim.app import open_system as open_simkim
from mock_mpaspor.outside.simponi.app import open_system as open_simponi
from tests.outside.neighbour import FakeClock, Neighbour, a_neighbour
from tests.outside.running import Running, a_free_port

FRONT = Front(instance="this-run", token="feed-token", threads=8)
PATIENCE_S = 20.0
ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def mpaspor() -> Iterator[Neighbour]:
    """Stands for M-Paspor: takes every callback unless told otherwise."""
    with a_neighbour() as neighbour:
        yield neighbour


@pytest.fixture
def other_bank() -> Iterator[Neighbour]:
    """Stands for the bank at SIMPONI's side: confirms every refund unless told otherwise."""
    with a_neighbour() as neighbour:
        yield neighbour


@pytest.fixture
def gateway() -> Iterator[Neighbour]:
    """Stands for SIMPONI at the bank's side: takes every payment unless told otherwise."""
    with a_neighbour() as neighbour:
        neighbour.reply = lambda seen: (201, b'{"ntpn":"ABCDEFGH12345678","paid_at":"2023-01-30T01:00:00Z"}')
        yield neighbour


@dataclass
class Opened:
    """A system in this process: `call` sends a request, `errands` is its background, run by hand."""

    system: object
    close: Callable[[], None]

    @property
    def errands(self):
        return self.system.background[0]

    def call(self, method: str, path: str, body: object = None, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.system.app.test_client().open(path, method=method, json=body, headers=named)


@pytest.fixture
def opening() -> Iterator[Callable[[Callable[[], object]], Opened]]:
    """Opens systems and closes those that a test has not closed."""
    opened: list[object] = []

    def open_one(make: Callable[[], object]) -> Opened:
        system = make()
        opened.append(system)

        def close() -> None:
            opened.remove(system)
            system.stop()

        return Opened(system, close)

    yield open_one
    for system in list(opened):
        system.stop()


@pytest.fixture
def open_a_simponi(opening, tmp_path, clock, mpaspor, other_bank) -> Callable[..., Opened]:
    """SIMPONI over one database: opened again, it is the same SIMPONI after a restart."""

    def open_it(seed: int = 1, pace: Pace = UNHURRIED) -> Opened:
        settings = SimponiSettings(
            front=FRONT,
            database_path=tmp_path / "simponi.db",
            callback_url=mpaspor.url + "/v1/callbacks/simponi",
            callback_secret="callback-secret",
            bank_url=other_bank.url,
            validity_s=3600,
            timeout_s=5.0,
            pace=pace,
        )
        return opening(lambda: open_simponi(settings, clock, Random(seed)))

    return open_it


@pytest.fixture
def simponi(open_a_simponi) -> Opened:
    return open_a_simponi()


@pytest.fixture
def open_a_bank(opening, tmp_path, clock, gateway) -> Callable[..., Opened]:
    """The bank over one ledger: opened again, it is the same bank after a restart."""

    def open_it(simponi_url: str = "", timeout_s: float = 5.0) -> Opened:
        settings = BankSettings(FRONT, tmp_path / "ledger.ndjson", simponi_url or gateway.url, timeout_s)
        return opening(lambda: open_bank(settings, clock, Random(2)))

    return open_it


@pytest.fixture
def bank(open_a_bank) -> Opened:
    return open_a_bank()


@pytest.fixture
def open_a_simkim(opening, tmp_path, clock) -> Callable[..., Opened]:
    """SIMKIM over one database; its own clerks, where it has some, work by hand."""

    def open_it(**given: object) -> Opened:
        chosen = {"blanks": 5, "auto": False, "seed": "1"} | given
        made = SimkimSettings(FRONT, tmp_path / "simkim.db", "service-token", "staff-token", **chosen)
        return opening(lambda: open_simkim(made, clock))

    return open_it


@pytest.fixture
def desk(open_a_simkim, clock):
    """SIMKIM's counter, from both sides."""
    from tests.outside.simkim_desk import Desk

    return Desk(open_a_simkim(), clock)


@pytest.fixture
def open_a_dukcapil(clock):
    """Dukcapil with the settings that matter to a test; all else confirms at once."""

    def open_it(rng: Random | None = None, **given: float):
        settings = {
            "median_ms": 0.0,
            "not_found_share": 0.0,
            "mismatch_share": 0.0,
            "blocked_share": 0.0,
            "error_share": 0.0,
            "seed": "1",
        }
        made = DukcapilSettings(front=FRONT, **(settings | given))
        return create_dukcapil(made, clock, rng or Random(3)).test_client()

    return open_it


@pytest.fixture
def at_once():
    """Run one function in 16 threads that start together; the results in no order."""

    def run(action: Callable[[], object]) -> list[object]:
        gate, results = threading.Barrier(16), []

        def work() -> None:
            gate.wait()
            results.append(action())

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run


def wait_for(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    return wait_for


@pytest.fixture
def free_port() -> int:
    return a_free_port()


@pytest.fixture
def another_free_port(free_port) -> int:
    return a_free_port()


@pytest.fixture
def run_system(free_port) -> Iterator[Callable[..., Running]]:
    """Starts `python -m mock_mpaspor.outside`, waits for its health, ends what is left."""
    started: list[subprocess.Popen] = []

    def start(name: str, port: int = free_port, **environ: str) -> Running:
        argv = [sys.executable, "-m", "mock_mpaspor.outside", name, "--port", str(port)]
        process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | {"OUTSIDE_TOKEN": "feed-token"} | environ)
        started.append(process)
        running = Running(process, f"http://127.0.0.1:{port}")
        wait_for(lambda: process.poll() is not None or running.answers())
        assert process.poll() is None
        return running

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE_S)
