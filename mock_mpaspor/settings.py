"""The settings of one process, read from its environment at once; everything wrong is told together."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mock_mpaspor.defects import DEFECTS, Defect, clashes
from mock_mpaspor.domain.calendars import Rule
from mock_mpaspor.domain.deadlines import Deadlines
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.waiting_room import Order

SHORTEST_SECRET = 16


class SettingsError(ValueError):
    """The environment cannot be used; `problems` has a line for each variable at fault."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class Settings:
    """docs/mpaspor-api.md has the table of variables. Secrets never show in its repr."""

    database_url: str
    instance: str
    admin_token: str
    audit_token: str
    secret: str
    callback_secret: str
    dukcapil_url: str
    simponi_url: str
    simkim_url: str
    simkim_token: str
    office_token: str
    clock_scale: float
    clock_epoch_s: float
    clock_start_s: float | None
    deadlines: Deadlines
    otp_s: float
    dukcapil_timeout_s: float
    simponi_timeout_s: float
    simkim_timeout_s: float
    dukcapil_places: int
    threads: int
    longest_queue_s: float
    password_cost: int
    session_s: float
    document_bytes: int
    releases: Mapping[str, Rule]
    waiting_room: Order
    waiting_room_rate: float
    defects: frozenset[Defect]

    def __repr__(self) -> str:
        return f"Settings(instance={self.instance!r}, defects={sorted(self.defects)})"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` describes. Raises SettingsError."""
    reader = _Reader(environ)
    threads = reader.whole("MPASPOR_THREADS", 16, at_least=1)
    deadlines = Deadlines(
        payment_s=reader.number("MPASPOR_PAYMENT_DEADLINE_S", 7200),
        hold_s=reader.number("MPASPOR_HOLD_TTL_S", 900),
        code_patience_s=reader.number("MPASPOR_CODE_PATIENCE_S", 900),
    )
    settings = Settings(
        database_url=reader.text("MPASPOR_DATABASE_URL", "sqlite:///mpaspor.db"),
        instance=reader.text("MPASPOR_INSTANCE", ""),
        admin_token=reader.text("MPASPOR_ADMIN_TOKEN"),
        audit_token=reader.text("MPASPOR_AUDIT_TOKEN"),
        secret=reader.secret("MPASPOR_SECRET"),
        callback_secret=reader.secret("MPASPOR_CALLBACK_SECRET"),
        dukcapil_url=reader.url("MPASPOR_DUKCAPIL_URL"),
        simponi_url=reader.url("MPASPOR_SIMPONI_URL"),
        # Without a back office a paid application waits for its day, and nobody is checked in.
        simkim_url=reader.url("MPASPOR_SIMKIM_URL", ""),
        simkim_token=reader.text("MPASPOR_SIMKIM_TOKEN", ""),
        office_token=reader.text("MPASPOR_OFFICE_TOKEN", ""),
        clock_scale=reader.number("MPASPOR_CLOCK_SCALE", 1),
        clock_epoch_s=reader.number("MPASPOR_CLOCK_EPOCH", 1),
        clock_start_s=reader.number("MPASPOR_CLOCK_START", 1) if environ.get("MPASPOR_CLOCK_START") else None,
        deadlines=deadlines,
        # Assumption: five minutes.
        otp_s=reader.number("MPASPOR_OTP_S", 300),
        dukcapil_timeout_s=reader.number("MPASPOR_DUKCAPIL_TIMEOUT_S", 5),
        simponi_timeout_s=reader.number("MPASPOR_SIMPONI_TIMEOUT_S", 5),
        simkim_timeout_s=reader.number("MPASPOR_SIMKIM_TIMEOUT_S", 5),
        # Half the threads: a civil registry that hangs must leave the other half to everybody else.
        dukcapil_places=reader.whole("MPASPOR_DUKCAPIL_PLACES", max(1, threads // 2), at_least=1),
        threads=threads,
        # Assumption: who waited two seconds for a thread alone is better told to come back.
        longest_queue_s=reader.number("MPASPOR_LONGEST_QUEUE_S", 2),
        password_cost=reader.power_of_two("MPASPOR_PASSWORD_COST", 16384),
        # Assumption: a session lasts two hours, as long as the payment it leads to.
        session_s=reader.number("MPASPOR_SESSION_S", 7200),
        # Assumption: a document may have 5 MB.
        document_bytes=reader.whole("MPASPOR_DOCUMENT_BYTES", 5_000_000, at_least=1),
        releases=reader.releases("MPASPOR_RELEASES"),
        waiting_room=reader.order("MPASPOR_WAITING_ROOM"),
        waiting_room_rate=reader.number("MPASPOR_WAITING_ROOM_RATE", 10),
        defects=reader.defects("MPASPOR_DEFECTS"),
    )
    reader.require_different(
        "MPASPOR_ADMIN_TOKEN",
        "MPASPOR_AUDIT_TOKEN",
        "MPASPOR_OFFICE_TOKEN",
        "MPASPOR_SECRET",
        "MPASPOR_CALLBACK_SECRET",
    )
    if "MPASPOR_CLOCK_EPOCH" not in environ:
        if settings.clock_scale != 1:
            reader.problems.append("MPASPOR_CLOCK_SCALE needs MPASPOR_CLOCK_EPOCH, the instant (unix s) it starts from")
        if settings.clock_start_s is not None:
            reader.problems.append("MPASPOR_CLOCK_START needs MPASPOR_CLOCK_EPOCH, the instant (unix s) of the wall's")
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


class _Reader:
    """Reads variables one by one; a bad one is noted and stands in as its default until all are read."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environ.get(name, default)
        if value is None or (default is None and not value):
            self.problems.append(f"{name} is required")
            return ""
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value and len(value) < SHORTEST_SECRET:
            self.problems.append(f"{name} needs {SHORTEST_SECRET} characters or more: whoever guesses it signs with it")
        return value

    def require_different(self, *names: str) -> None:
        """Whoever was given one of these must not hold another with it."""
        by_value: dict[str, list[str]] = {}
        for name in names:
            by_value.setdefault(self._environ.get(name, ""), []).append(name)
        self.problems += [
            f"{' and '.join(alike)} must differ" for value, alike in by_value.items() if value and len(alike) > 1
        ]

    def url(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        if value and not value.startswith(("http://", "https://")):
            self.problems.append(f"{name} must be an http(s) URL, not {value!r}")
        return value

    def number(self, name: str, default: float) -> float:
        raw = self._environ.get(name, "")
        try:
            value = float(raw or default)
        except ValueError:
            value = -1.0
        if not 0 < value < float("inf"):
            self.problems.append(f"{name} must be a number above 0, not {raw!r}")
        return value

    def whole(self, name: str, default: int, at_least: int) -> int:
        raw = self._environ.get(name, "")
        try:
            value = int(raw or default)
        except ValueError:
            value = at_least - 1
        if value < at_least:
            self.problems.append(f"{name} must be a whole number of at least {at_least}, not {raw!r}")
            return at_least
        return value

    def power_of_two(self, name: str, default: int) -> int:
        value = self.whole(name, default, at_least=2)
        if value & (value - 1):
            self.problems.append(f"{name} must be a power of two, not {value}")
        return value

    def releases(self, name: str) -> Mapping[str, Rule]:
        rules: dict[str, Rule] = {}
        for pair in (word.strip() for word in self._environ.get(name, "").split(",") if word.strip()):
            office, _, rule = pair.partition("=")
            if office in OFFICES and rule in frozenset(Rule) and office not in rules:
                rules[office] = Rule(rule)
            else:
                self.problems.append(
                    f"{name} gives each of its offices one of {', '.join(Rule)}, as in `batam=own`, not {pair!r}"
                )
        return MappingProxyType(rules)

    def order(self, name: str) -> Order:
        raw = self._environ.get(name, "") or Order.OFF
        if raw not in frozenset(Order):
            self.problems.append(f"{name} is one of {', '.join(Order)}, not {raw!r}")
            return Order.OFF
        return Order(raw)

    def defects(self, name: str) -> frozenset[Defect]:
        words = [word.strip() for word in self._environ.get(name, "").split(",") if word.strip()]
        unknown = [word for word in words if word not in DEFECTS]
        if unknown:
            self.problems.append(f"{name} knows {', '.join(DEFECTS)}, not {', '.join(unknown)}")
        defects = frozenset(Defect(word) for word in words if word not in unknown)
        self.problems += [f"{name} {clash}" for clash in clashes(defects)]
        return defects
