"""How each part of the embedded stack is started: its command line, its environment, its proof of readiness."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loket.stack import postgres
from loket.stack.part import Recipe
from loket.stack.probe import LOOPBACK, Probe
from loket.stack.settings import Secrets, StackSettings

# Assumption: people on a rehearsal machine are not worth attacking; the service's own default is sixteen times this.
PASSWORD_COST = 1024


@dataclass(frozen=True)
class Ports:
    """Where each part listens: the service, the bank and SIMKIM, whom the load meets, on `host`; others: loopback."""

    service: int
    jobs: int
    dukcapil: int
    simponi: int
    bank: int
    simkim: int
    database: int
    host: str = LOOPBACK

    def listening(self) -> list[tuple[str, int]]:
        """Address and port of each part."""
        met, near = (self.service, self.bank, self.simkim), (self.jobs, self.dukcapil, self.simponi, self.database)
        return [*((self.host, port) for port in met), *((LOOPBACK, port) for port in near)]

    def upstream_of(self, link: str) -> str:
        """`host:port` that a link leads to; the link's name says who answers at its far end."""
        port = {
            "edge": self.service,
            "callback": self.service,
            "dukcapil": self.dukcapil,
            "simponi": self.simponi,
            "database": self.database,
            "simkim": self.simkim,
            "bank": self.simponi,
        }[link]
        return f"{self.host if port in (self.service, self.simkim) else LOOPBACK}:{port}"


def base_url(port: int, host: str = LOOPBACK) -> str:
    return f"http://{host}:{port}"


def engine(seed: int, decisions: Path, log: Path) -> Recipe:
    """The fault engine, on a port of its own choice: ready once it has said which on its output."""
    argv = [sys.executable, "-m", "chaos.engine", "--host", LOOPBACK, "--port", "0"]
    argv += ["--seed", str(seed), "--decision-log", str(decisions)]
    return Recipe("engine", argv, ready=lambda: bool(_ready_lines(log)))


def control_url(log: Path) -> str:
    """Where a ready engine says it listens: the last `{"ready": …}` line of its output."""
    return base_url(json.loads(_ready_lines(log)[-1])["ready"]["port"])


def _ready_lines(log: Path) -> list[str]:
    """The whole lines by which the engine said that it listens."""
    lines = log.read_text().splitlines(keepends=True)
    return [line for line in lines if line.startswith('{"ready"') and line.endswith("\n")]


def parts(
    ports: Ports,
    links: Mapping[str, str],
    state: Path,
    settings: StackSettings,
    tokens: Secrets,
    probe: Probe,
) -> list[Recipe]:
    """The service, its jobs and the systems around it; every URL between them leads through its link.

    Where there is a link `database` a PostgreSQL of ours answers at its end, or else the service keeps a file.
    """
    mpaspor = _mpaspor(links, state, settings, tokens)
    return [
        _outside("dukcapil", ports.dukcapil, _dukcapil(settings), tokens, probe),
        _outside("simponi", ports.simponi, _simponi(ports, links, state, settings, tokens), tokens, probe),
        _outside("bank", ports.bank, _bank(links, state), tokens, probe, ports.host),
        _outside("simkim", ports.simkim, _simkim(state, settings, tokens), tokens, probe, ports.host),
        _service("serve", "service", ports.service, mpaspor, tokens, probe, ports.host),
        _service("jobs", "jobs", ports.jobs, mpaspor, tokens, probe),
    ]


def _service(
    verb: str, name: str, port: int, environment: dict[str, str], tokens: Secrets, probe: Probe, host: str = LOOPBACK
) -> Recipe:
    argv = [sys.executable, "-m", "mock_mpaspor", verb, "--host", host, "--port", str(port)]
    return Recipe(name, argv, environment, probe.is_instance(base_url(port, host), tokens.instance))


def _outside(
    name: str, port: int, environment: dict[str, str], tokens: Secrets, probe: Probe, host: str = LOOPBACK
) -> Recipe:
    argv = [sys.executable, "-m", "mock_mpaspor.outside", name, "--host", host, "--port", str(port)]
    known = {"OUTSIDE_INSTANCE": tokens.instance, "OUTSIDE_TOKEN": tokens.outside}
    return Recipe(name, argv, environment | known, probe.is_instance(base_url(port, host), tokens.instance))


def _dukcapil(settings: StackSettings) -> dict[str, str]:
    return {"DUKCAPIL_MEDIAN_MS": str(settings.dukcapil_median_ms), "DUKCAPIL_SEED": str(settings.seed)}


def _simponi(
    ports: Ports, links: Mapping[str, str], state: Path, settings: StackSettings, tokens: Secrets
) -> dict[str, str]:
    return {
        **_pace("OUTSIDE", settings),
        "SIMPONI_CALLBACK_URL": f"http://{links['callback']}/v1/callbacks/simponi",
        "SIMPONI_CALLBACK_SECRET": tokens.callback,
        "SIMPONI_BANK_URL": base_url(ports.bank, ports.host),
        "SIMPONI_DATABASE_PATH": str(state / "simponi.db"),
    }


def _bank(links: Mapping[str, str], state: Path) -> dict[str, str]:
    return {
        "BANK_SIMPONI_URL": f"http://{links['bank']}",
        "BANK_LEDGER_PATH": str(state / "bank-ledger.ndjson"),
    }


def _simkim(state: Path, settings: StackSettings, tokens: Secrets) -> dict[str, str]:
    return {
        **_pace("OUTSIDE", settings),
        "SIMKIM_DATABASE_PATH": str(state / "simkim.db"),
        "SIMKIM_SERVICE_TOKEN": tokens.simkim,
        "SIMKIM_STAFF_TOKEN": tokens.staff,
        "SIMKIM_STAFF": settings.simkim_staff,
        "SIMKIM_SEED": str(settings.seed),
    }


def _pace(prefix: str, settings: StackSettings) -> dict[str, str]:
    """One clock for every part that keeps promises."""
    start_s = settings.clock_start_s
    return {
        f"{prefix}_CLOCK_SCALE": str(settings.clock_scale),
        f"{prefix}_CLOCK_EPOCH": str(settings.clock_epoch_s),
        f"{prefix}_CLOCK_START": "" if start_s is None else str(start_s),
    }


def _database(links: Mapping[str, str], state: Path) -> str:
    if "database" in links:
        return f"postgresql://{postgres.USER}@{links['database']}/{postgres.DATABASE}"
    return f"sqlite:///{state / 'mpaspor.db'}"


def _mpaspor(links: Mapping[str, str], state: Path, settings: StackSettings, tokens: Secrets) -> dict[str, str]:
    return {
        **_pace("MPASPOR", settings),
        "MPASPOR_DATABASE_URL": _database(links, state),
        "MPASPOR_INSTANCE": tokens.instance,
        "MPASPOR_ADMIN_TOKEN": tokens.admin,
        "MPASPOR_AUDIT_TOKEN": tokens.audit,
        "MPASPOR_SECRET": tokens.signing,
        "MPASPOR_CALLBACK_SECRET": tokens.callback,
        "MPASPOR_DUKCAPIL_URL": f"http://{links['dukcapil']}",
        "MPASPOR_SIMPONI_URL": f"http://{links['simponi']}",
        "MPASPOR_SIMKIM_URL": f"http://{links['simkim']}",
        "MPASPOR_SIMKIM_TOKEN": tokens.simkim,
        "MPASPOR_OFFICE_TOKEN": tokens.office,
        "MPASPOR_WAITING_ROOM": settings.waiting_room,
        "MPASPOR_WAITING_ROOM_RATE": str(settings.waiting_room_rate),
        "MPASPOR_LONGEST_QUEUE_S": str(settings.longest_queue_s),
        "MPASPOR_PAYMENT_DEADLINE_S": str(settings.payment_deadline_s),
        "MPASPOR_HOLD_TTL_S": str(settings.hold_ttl_s),
        "MPASPOR_CODE_PATIENCE_S": str(settings.code_patience_s),
        "MPASPOR_PASSWORD_COST": str(PASSWORD_COST),
        "MPASPOR_THREADS": str(settings.threads),
        "MPASPOR_DEFECTS": ",".join(settings.defects),
    }
