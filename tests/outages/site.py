"""The whole of M-Paspor as processes, each hop between them through a fault engine of its own."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loket.stack import recipes
from loket.stack.engine import Engine
from loket.stack.keeper import Keeper
from loket.stack.part import Part, await_ready
from loket.stack.probe import Probe, free_ports
from loket.stack.settings import Secrets, StackSettings
from tests.outages.far_app import FarApp
from tests.outages.links import Links
from tests.service.house import Service

HOPS = ("dukcapil", "simponi", "simkim", "callback", "bank")
PLACES = 5_000
# A bill is asked about from half its deadline on: short enough that a test can wait for it.
SETTINGS = StackSettings(
    payment_deadline_s=20, hold_ttl_s=600, code_patience_s=600, dukcapil_median_ms=1, threads=8, seed=7,
    simkim_staff="manual",
)  # fmt: skip
# The verbs of tests/service know these.
TOKENS = Secrets(admin="adm", audit="aud", office="off", callback="a secret with SIMPONI")
OURS = {
    "MPASPOR_DUKCAPIL_TIMEOUT_S": "1",
    "MPASPOR_SIMPONI_TIMEOUT_S": "1",
    "MPASPOR_SIMKIM_TIMEOUT_S": "1",
    "MPASPOR_PASSWORD_COST": "2",
}
CHANGES = {
    "service": OURS,
    "jobs": OURS,
    "dukcapil": {f"DUKCAPIL_{fate}_SHARE": "0" for fate in ("MISMATCH", "NOT_FOUND", "ERROR")},
    "simponi": {"OUTSIDE_TIMEOUT_S": "1"},
    "bank": {"OUTSIDE_TIMEOUT_S": "1"},
}


class Site:
    """Begun by `start`; whatever of it has begun, `close` ends. `database_port` is that of a PostgreSQL, or 0."""

    def __init__(self, folder: Path, database_port: int = 0) -> None:
        self.folder = folder
        self.parts: dict[str, Part] = {}
        self.ports = recipes.Ports(*free_ports(6), database_port)
        self._app = FarApp(recipes.base_url(self.ports.service))
        self.people = Service(self._app, None, None, None, None, None, None, [])
        self._keeper = Keeper(folder / "keeper.log")
        self._engine = Engine(folder, folder / "decisions.ndjson", SETTINGS.seed, self._keeper)

    def start(self) -> None:
        """Start every process, wait until each serves, and release places."""
        self.links = Links(self._engine.start(_never))
        carried = [*HOPS, "database"] if self.ports.database else HOPS
        hops = {hop: self.links.open(hop, self.ports.upstream_of(hop)) for hop in carried}
        settings = replace(SETTINGS, clock_epoch_s=time.time())
        for recipe in recipes.parts(self.ports, hops, self.folder, settings, TOKENS, Probe()):
            changed = replace(recipe, environment={**recipe.environment, **CHANGES.get(recipe.name, {})})
            self.parts[recipe.name] = Part(changed, self.folder / f"{recipe.name}.log", self._keeper)
            self.parts[recipe.name].start()
        await_ready(list(self.parts.values()), 60.0, _never)
        opened = datetime.now(UTC) - timedelta(minutes=1)
        self.slots = self.people.release(PLACES, days=5, opens_at=opened.isoformat())
        self.capacity = self.people.free()

    def healthy(self) -> bool:
        """Whether the service says that it is there."""
        return bool(self._app.get("/healthz").status_code == 200)

    def outside(self, system: str) -> FarApp:
        """One of the systems around the service, reached directly."""
        return FarApp(recipes.base_url(getattr(self.ports, system)))

    def pay(self, bill: Mapping[str, object], key: str = ""):
        """Pay a bill at the bank; the same bill with the same key is the same payment."""
        order = {"billing_code": bill["billing_code"], "amount_idr": bill["amount_idr"], "channel": "atm"}
        bank = self.outside("bank")
        answer = bank.post("/pay", json=order, headers={"Idempotency-Key": f"pay-{bill['billing_code']}{key}"})
        bank.close()
        return answer

    def worker(self) -> Path:
        """Where the kernel tells of the process that serves requests: granian's only child that listens."""
        parent = self.parts["service"].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return Path("/proc") / children[-1]

    def places_conserved(self) -> bool:
        """Whether free places and those that the trail says are held make up all that were released."""
        taken = len(self.people.events("held")) - len(self.people.events("released"))
        return self.people.free() + taken == self.capacity

    def close(self) -> None:
        self._app.close()
        for part in self.parts.values():
            part.ask_to_stop()
        for part in (*self.parts.values(), self._engine.part):
            part.stop()
        self._keeper.dismiss()
        if hasattr(self, "links"):
            self.links.close()


def _never() -> bool:
    return False
