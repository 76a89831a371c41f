"""One frozen object a process: what each system around M-Paspor reads from its environment.

The table of variables is in docs/mpaspor-api.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mock_mpaspor.outside.clock import NS, UNHURRIED, Pace
from mock_mpaspor.outside.environment import Environment

STAFFS = ("manual", "auto")


@dataclass(frozen=True)
class Front:
    """What every system has: the token its /healthz echoes, the token its feed asks for, its request threads."""

    instance: str
    token: str = field(repr=False)
    threads: int


@dataclass(frozen=True)
class DukcapilSettings:
    front: Front
    median_ms: float
    not_found_share: float
    mismatch_share: float
    blocked_share: float
    error_share: float
    seed: str


@dataclass(frozen=True)
class SimponiSettings:
    front: Front
    database_path: Path
    callback_url: str
    callback_secret: str = field(repr=False)
    bank_url: str
    validity_s: int
    timeout_s: float
    pace: Pace = UNHURRIED


@dataclass(frozen=True)
class SimkimSettings:
    """`auto`: clerks of its own work through the cases, their choices and durations drawn from `seed`."""

    front: Front
    database_path: Path
    service_token: str = field(repr=False)
    staff_token: str = field(repr=False)
    blanks: int
    auto: bool
    seed: str
    pace: Pace = UNHURRIED


@dataclass(frozen=True)
class BankSettings:
    front: Front
    ledger_path: Path
    simponi_url: str
    timeout_s: float


def read_dukcapil(environ: Mapping[str, str]) -> DukcapilSettings:
    """Raises SettingsError. Without a feed it needs no token."""
    env = Environment(environ)
    settings = DukcapilSettings(
        # Each waiting applicant holds a thread: the registry's slowness is waited out inside the request.
        front=_front(env, default_threads=64, default_token=""),
        # Assumption: half of the answers within 300 ms; the long tail follows from it.
        median_ms=env.number("DUKCAPIL_MEDIAN_MS", 300.0, least=0),
        # Assumption: 0.5 % of applicants unknown to the registry, 1 % with differing data, 1 % of calls fail.
        not_found_share=env.share("DUKCAPIL_NOT_FOUND_SHARE", 0.005),
        mismatch_share=env.share("DUKCAPIL_MISMATCH_SHARE", 0.01),
        blocked_share=env.share("DUKCAPIL_BLOCKED_SHARE", 0.0),
        error_share=env.share("DUKCAPIL_ERROR_SHARE", 0.01),
        seed=env.text("DUKCAPIL_SEED", "0"),
    )
    refused = settings.not_found_share + settings.mismatch_share + settings.blocked_share
    env.require(refused <= 1, "the shares of not found, mismatch and blocked add up to more than 1")
    env.check()
    return settings


def read_simponi(environ: Mapping[str, str]) -> SimponiSettings:
    """Raises SettingsError."""
    env = Environment(environ)
    settings = SimponiSettings(
        front=_front(env, default_threads=8),
        database_path=env.path("SIMPONI_DATABASE_PATH"),
        callback_url=env.url("SIMPONI_CALLBACK_URL"),
        callback_secret=env.text("SIMPONI_CALLBACK_SECRET"),
        bank_url=env.url("SIMPONI_BANK_URL"),
        validity_s=env.whole("SIMPONI_VALIDITY_S", 7 * 24 * 3600, least=1),
        timeout_s=_timeout_s(env),
        pace=_pace(env),
    )
    env.check()
    return settings


def read_simkim(environ: Mapping[str, str]) -> SimkimSettings:
    """Raises SettingsError. Its feed is opened by the service's token, not by one of its own."""
    env = Environment(environ)
    staff = env.text("SIMKIM_STAFF", "manual")
    env.require(staff in STAFFS, f"SIMKIM_STAFF={staff!r}: expected {' or '.join(STAFFS)}")
    settings = SimkimSettings(
        front=_front(env, default_threads=8, default_token=""),
        database_path=env.path("SIMKIM_DATABASE_PATH"),
        service_token=env.text("SIMKIM_SERVICE_TOKEN"),
        staff_token=env.text("SIMKIM_STAFF_TOKEN"),
        # Assumption: a thousand blanks of each passport at each office.
        blanks=env.whole("SIMKIM_BLANKS", 1000, least=0),
        auto=staff == "auto",
        seed=env.text("SIMKIM_SEED", "0"),
        pace=_pace(env),
    )
    env.check()
    return settings


def read_bank(environ: Mapping[str, str]) -> BankSettings:
    """Raises SettingsError."""
    env = Environment(environ)
    settings = BankSettings(
        # A payment holds its thread while SIMPONI thinks.
        front=_front(env, default_threads=64),
        ledger_path=env.path("BANK_LEDGER_PATH"),
        simponi_url=env.url("BANK_SIMPONI_URL"),
        timeout_s=_timeout_s(env),
    )
    env.check()
    return settings


def _front(env: Environment, default_threads: int, default_token: str | None = None) -> Front:
    return Front(
        instance=env.text("OUTSIDE_INSTANCE", ""),
        token=env.text("OUTSIDE_TOKEN", default_token),
        threads=env.whole("OUTSIDE_THREADS", default_threads, least=1),
    )


def _timeout_s(env: Environment) -> float:
    return env.number("OUTSIDE_TIMEOUT_S", 5.0, least=0.01)


def _pace(env: Environment) -> Pace:
    scale = env.number("OUTSIDE_CLOCK_SCALE", 1.0, least=0.001)
    epoch_s = env.number("OUTSIDE_CLOCK_EPOCH", 0.0, least=0)
    env.require(scale == 1.0 or epoch_s > 0, "OUTSIDE_CLOCK_SCALE needs OUTSIDE_CLOCK_EPOCH, the unix second it starts")
    start_s = env.number("OUTSIDE_CLOCK_START", 0.0, least=0)
    env.require(
        not start_s or epoch_s > 0, "OUTSIDE_CLOCK_START needs OUTSIDE_CLOCK_EPOCH, the unix second of the wall's"
    )
    return Pace(scale, int(epoch_s * NS), int(start_s * NS) if start_s else None)
