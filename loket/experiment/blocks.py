"""The blocks of an experiment file: the load, the service it meets, or a target of one's own in its place.

Attributes carry their unit (`rush_s`); the file's fields carry it in the value (`rush: 30s`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

from chaos.durations import Duration, format_duration
from chaos.profiles import PROFILES
from loket.experiment.offices import DAILY_QUOTA
from loket.gate.vocabulary import listing, suggestion

# Years that the service's clock may show.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# What the reference service can be started with; a test holds this to the service's own registry.
PLANTABLE = tuple(f"M{number}" for number in range(1, 32))


def _lasting(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("found 0s, expected a duration longer than nothing")
    return seconds


def _known_office(name: str) -> str:
    if name in DAILY_QUOTA:
        return name
    near = suggestion(name, DAILY_QUOTA)
    raise ValueError(f"found {name!r}, expected an office ({listing(DAILY_QUOTA)}){near}")


def _known_profile(name: str) -> str:
    if name in PROFILES:
        return name
    near = suggestion(name, PROFILES)
    raise ValueError(f"found {name!r}, expected a network profile ({listing(PROFILES)}){near}")


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


LastingDuration = Annotated[Duration, AfterValidator(_lasting)]
OfficeName = Annotated[
    str, AfterValidator(_known_office), WithJsonSchema({"type": "string", "enum": list(DAILY_QUOTA)})
]
ProfileName = Annotated[str, AfterValidator(_known_profile), WithJsonSchema({"type": "string", "enum": list(PROFILES)})]
Url = Annotated[str, AfterValidator(_url)]


def _write_default_durations(schema: dict[str, JsonValue]) -> None:
    """In the JSON Schema a default duration stands as a file would write it, not in seconds."""
    properties = schema.get("properties")
    for field in properties.values() if isinstance(properties, dict) else ():
        if isinstance(field, dict) and field.get("type") == "string" and isinstance(field.get("default"), float):
            field["default"] = format_duration(cast(float, field["default"]))


class Block(BaseModel):
    """Strict, frozen, and closed: a field that nobody knows is a mistake, not a wish."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_write_default_durations)


class Load(Block):
    """Who comes for how many places, and when. `opens_at` counts from the start of the run."""

    people: int = Field(ge=1)
    places: int | None = Field(default=None, ge=1)
    days: int = Field(default=1, ge=1, le=366)
    opens_at_s: LastingDuration = Field(alias="opens_at")
    rush_s: LastingDuration = Field(alias="rush")
    drain_s: LastingDuration = Field(default=30.0, alias="drain")
    patience_s: LastingDuration = Field(alias="patience")
    profile: ProfileName | None = None
    profiles: Mapping[ProfileName, Annotated[float, Field(gt=0, le=1)]] | None = None
    workers: int = Field(default=1, ge=1, le=64)

    @property
    def ends_s(self) -> float:
        """The second of the run in which the drain ends."""
        return self.opens_at_s + self.rush_s + self.drain_s

    def phase_at(self, second: float) -> str:
        """The phase that this second of the run lies in: closed, rush or drain."""
        if second < self.opens_at_s:
            return "closed"
        return "rush" if second < self.opens_at_s + self.rush_s else "drain"


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
