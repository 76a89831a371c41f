"""The real systems around the service, in this process: Dukcapil, SIMPONI, the bank and SIMKIM on sockets of their
own and on the test's clock, which nobody but the test moves."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.outside.bank.app import open_system as open_bank
from mock_mpaspor.outside.dukcapil.app import open_system as open_dukcapil
from mock_mpaspor.outside.settings import BankSettings, DukcapilSettings, Front, SimkimSettings, SimponiSettings
from mock_mpaspor.outside.simkim.app import open_system as open_simkim
from mock_mpaspor.outside.simponi.app import open_system as open_simponi
from mock_mpaspor.outside.system import System
from mock_mpaspor.settings import read_settings
from tests.service.cast import FakeDukcapil, FakeSimkim, FakeSimponi, HandClock
from tests.service.house import Service
from tests.service.openapi import hold_to_document
from tests.service.premises import close_service

FRONT = Front(instance="this-run", token="feed", threads=4)
TIMEOUT_S = 30.0
SEVEN_DAYS_S = 7 * 86_400
NAMES = ("dukcapil", "simponi", "bank", "simkim")


class TownClock(HandClock):
    """Whoever waits makes the time pass."""

    def sleep(self, seconds: float) -> None:
        self.pass_s(seconds)


@dataclass
class Town:
    """The service among the real systems, with the verbs of a payer and of the office's clerks."""

    service: Service
    systems: dict[str, System]

    def pay(self, code: str, amount_idr: int, channel: str = "atm") -> TestResponse:
        """Somebody pays a code at the bank, by a channel."""
        order = {"billing_code": code, "amount_idr": amount_idr, "channel": channel}
        return self._ask("bank", "POST", "/pay", order, {"Idempotency-Key": f"{code}-{channel}"})

    def deliver(self) -> None:
        """SIMPONI tells of the payments that it has not told of yet."""
        for work in self.systems["simponi"].background:
            work.run_due()  # type: ignore[attr-defined]

    def ledger(self) -> bytes:
        """What the bank wrote down."""
        return self._ask("bank", "GET", "/feed/ledger", None, {"Authorization": "Bearer feed"}).data

    def clerk(self, method: str, path: str, body: object = None) -> TestResponse:
        """A clerk asks SIMKIM."""
        return self._ask("simkim", method, path, body, {"Authorization": "Bearer staff"})

    def step(self, application: str, word: str, **body: object) -> TestResponse:
        """A clerk takes a case one step further, and the service hears of it."""
        taken = self.clerk("POST", f"/cases/{application}/{word}", body)
        self.service.hear_office()
        return taken

    def _ask(self, system: str, method: str, path: str, body: object, headers: Mapping[str, str]) -> TestResponse:
        return self.systems[system].app.test_client().open(path, method=method, json=body, headers=dict(headers))


@contextmanager
def open_town(environ: Mapping[str, str], folder: Path) -> Iterator[Town]:
    """The service of that environment among the real systems, which keep their books in the folder."""
    clock, apps = TownClock(), {}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(_served(_late(apps, name))) for name in (*NAMES, "mpaspor")}
        systems = _open_systems(folder, urls, clock)
        for name, system in systems.items():
            apps[name] = system.app
            stack.callback(system.stop)
        service = _open_service(environ, urls, clock)
        apps["mpaspor"] = service.app
        stack.callback(close_service, service)
        yield Town(service, systems)


def _open_systems(folder: Path, urls: Mapping[str, str], clock: TownClock) -> dict[str, System]:
    callback = f"{urls['mpaspor']}/v1/callbacks/simponi"
    simponi = SimponiSettings(
        FRONT, folder / "simponi.db", callback, "a secret with SIMPONI", urls["bank"], SEVEN_DAYS_S, TIMEOUT_S
    )
    return {
        "dukcapil": open_dukcapil(DukcapilSettings(FRONT, 0.0, 0.0, 0.0, 0.0, 0.0, "1"), clock, Random(1)),
        "simponi": open_simponi(simponi, clock, Random(2)),
        "bank": open_bank(BankSettings(FRONT, folder / "ledger.ndjson", urls["simponi"], TIMEOUT_S), clock, Random(3)),
        "simkim": open_simkim(SimkimSettings(FRONT, folder / "simkim.db", "service", "staff", 5, False, "1"), clock),
    }


def _open_service(environ: Mapping[str, str], urls: Mapping[str, str], clock: TownClock) -> Service:
    around = {f"MPASPOR_{name.upper()}_URL": urls[name] for name in ("dukcapil", "simponi", "simkim")}
    settings = read_settings({**environ, **around, "MPASPOR_SIMKIM_TOKEN": "service"})
    app = create_app(settings, clock.unix_ns)
    hold_to_document(app)
    jobs = create_jobs(settings, clock.unix_ns, clock.monotonic_s, Random(4))
    # The fakes are of the house's verbs, and nobody asks them here.
    return Service(app, jobs, clock, FakeSimponi(), FakeDukcapil(), FakeSimkim(clock.unix_ns), settings, [0.0])


def _late(apps: Mapping[str, Flask], name: str) -> Callable[..., object]:
    """The app of that name, which is there once somebody asks."""
    return lambda environ, start_response: apps[name](environ, start_response)


@contextmanager
def _served(app: Callable[..., object]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)  # type: ignore[arg-type]
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
