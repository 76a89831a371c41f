"""What a run asks of the embedded stack, and where the started stack is to be reached."""

import secrets
from dataclasses import dataclass, field

from loket.stack.probe import LOOPBACK


@dataclass(frozen=True)
class StackSettings:
    """The service's promises (seconds of its clock), the pace of that clock, and what is planted in it.

    `clock_epoch_s` is the unix second from which the clock runs `clock_scale` times as fast, the stack's start, and
    `clock_start_s` what it shows then, None for the same. `host` is the address of this machine at which people find
    the way in, the service itself, the bank and SIMKIM; everything else is on loopback.
    """

    payment_deadline_s: float
    hold_ttl_s: float
    code_patience_s: float
    dukcapil_median_ms: float
    threads: int
    seed: int
    database: str = "sqlite"
    defects: tuple[str, ...] = ()
    clock_scale: float = 1.0
    clock_epoch_s: float = 0.0
    clock_start_s: float | None = None
    simkim_staff: str = "auto"
    waiting_room: str = "off"
    waiting_room_rate: float = 10.0
    longest_queue_s: float = 2.0
    host: str = LOOPBACK


@dataclass(frozen=True)
class Secrets:
    """Tokens made anew for every stack, so that a stale process of an earlier run is recognised and let in nowhere."""

    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    admin: str = field(default_factory=lambda: secrets.token_hex(16))
    audit: str = field(default_factory=lambda: secrets.token_hex(16))
    signing: str = field(default_factory=lambda: secrets.token_hex(32))
    callback: str = field(default_factory=lambda: secrets.token_hex(32))
    outside: str = field(default_factory=lambda: secrets.token_hex(16))
    simkim: str = field(default_factory=lambda: secrets.token_hex(16))
    staff: str = field(default_factory=lambda: secrets.token_hex(16))
    office: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True)
class Entrance:
    """Where a load goes in: `edge` is the service through the network; the release is opened at `service` itself.

    `office_token` opens the counter to clerks, `staff_token` SIMKIM to officers.
    """

    edge: str
    service: str
    bank: str
    admin_token: str
    office_token: str = ""
    simkim: str = ""
    staff_token: str = ""


@dataclass(frozen=True)
class Feed:
    """Where a part tells what it did (a base URL), and the token that opens it."""

    url: str
    token: str


@dataclass(frozen=True)
class Feeds:
    """The feeds of the service (events), the gateway (bills) and the bank (ledger); None where there is none."""

    service: Feed | None = None
    simponi: Feed | None = None
    bank: Feed | None = None


@dataclass(frozen=True)
class Addresses:
    """Base URLs of the parts. `edge` is the service as people reach it, through the network."""

    control: str
    edge: str
    service: str
    jobs: str
    dukcapil: str
    simponi: str
    bank: str
    simkim: str

    def described(self) -> dict[str, str]:
        """Name → base URL, for people."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
