"""The blocks of an experiment file about the service: the one that the run starts, or a target of one's own.

Attributes carry their unit (`hold_ttl_s`); the file's fields carry it in the value (`hold_ttl: 30s`).
"""

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from loket.experiment.block import Block
from loket.experiment.words import LastingDuration
from loket.gate.vocabulary import listing

# Years that the service's clock may show.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# What the reference service can be started with; a test holds this to the service's own registry.
PLANTABLE = tuple(f"M{number}" for number in range(1, 32))


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(
            f"found {text!r}, expected an instant with its offset, {FIRST_YEAR} to {LAST_YEAR}, "
            "as in 2024-12-16T22:00:00+07:00"
        )
    return text


def _defect(name: str) -> str:
    if name in PLANTABLE:
        return name
    raise ValueError(f"found {name!r}, expected a defect that can be planted ({listing(PLANTABLE)})")


def _url(text: str) -> str:
    example = "an address such as 'http://127.0.0.1:8080'"
    try:
        parts = urlsplit(text)
        right = bool(parts.scheme and parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"found {text!r}, expected {example}")
    if parts.scheme != "http":
        # The fault engine stands in the middle of the connection, where it would have to break the encryption.
        raise ValueError(f"found {text!r}, expected {example}: a target is reached over http only")
    address = f"http://{parts.netloc}"
    if text.rstrip("/") != address or "@" in parts.netloc:
        raise ValueError(f"found {text!r}, expected {example}: host and port alone, without a path")
    return address


Url = Annotated[str, AfterValidator(_url)]


class Dukcapil(Block):
    """How fast the civil registry answers; nineteen of twenty answers take at most five times the median."""

    # Assumption: p50 300 ms; no figure was published.
    median_s: LastingDuration = Field(default=0.3, alias="median")


class Simkim(Block):
    """The offices' own system; `auto`: clerks of its own work through the cases."""

    staff: Literal["auto", "manual"] = "auto"


class Service(Block):
    """The reference service that the run starts. The defaults are its own, the published or assumed ones.

    What it promises (`payment_deadline`, `hold_ttl`, `code_patience`) is in the time of its clock, which runs
    `clock_scale` times as fast as the run's; everything else is the run's time.
    """

    payment_deadline_s: LastingDuration = Field(default=7200.0, alias="payment_deadline")
    hold_ttl_s: LastingDuration = Field(default=900.0, alias="hold_ttl")
    code_patience_s: LastingDuration = Field(default=900.0, alias="code_patience")
    quiesce_s: LastingDuration = Field(default=30.0, alias="quiesce")
    threads: int = Field(default=16, ge=1, le=256)
    database: Literal["sqlite", "postgresql"] = "sqlite"
    defects: tuple[Annotated[str, AfterValidator(_defect)], ...] = ()
    dukcapil: Dukcapil = Dukcapil()
    clock_scale: float = Field(default=1.0, ge=1, le=100_000)
    clock_start: Annotated[str, AfterValidator(_moment)] | None = None
    simkim: Simkim = Simkim()
    waiting_room: Literal["off", "fifo", "lottery"] = "off"
    # Assumption: ten people a second; no figure was published.
    waiting_room_rate: float = Field(default=10.0, gt=0, le=100_000)
    longest_queue_s: LastingDuration = Field(default=2.0, alias="longest_queue")

    @property
    def clock_start_s(self) -> float | None:
        """The unix second that the service's clock shows at the start; None: the present one."""
        return None if self.clock_start is None else datetime.fromisoformat(self.clock_start).timestamp()

    def in_run(self) -> "Service":
        """The same with its promises in seconds of the run."""
        promises = {name: getattr(self, name) / self.clock_scale for name in PROMISES}
        return self.model_copy(update=promises)


PROMISES = ("payment_deadline_s", "hold_ttl_s", "code_patience_s")


class Target(Block):
    """A service of one's own, in place of the reference service, and the bank that people pay at."""

    service: Url
    bank: Url
    i_am_allowed_to_load_it: bool = False
