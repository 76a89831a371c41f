"""A builder that writes real run directories, so that a history in a test reads like the story it tells."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from loket.audit.audit import Audit, audit
from loket.audit.history import History
from loket.records import Bill, Entry, Event, FaultEntry, Operation, OperationType, Origin, Outcome, Visit, encode
from loket.run_directory import RunDirectory
from loket.verdict import CheckResult

ORIGIN = Origin(mono_ns=5_000_000_000, unix_ns=1_700_000_000_000_000_000)
FEE_IDR = 650_000
WORKER = "w1"


class Story:
    """One run, told line by line. Every line comes one second after the one before; `at(second)` jumps."""

    def __init__(self, root: Path) -> None:
        self.run = RunDirectory(root)
        self._second = 0.0
        self._lines: dict[str, list[bytes]] = {}
        self._seq: dict[str, int] = {}
        self._trace = 0
        self._facts: dict[str, object] = {"started_at": "2023-11-14T22:13:20+00:00"}
        self._plan: dict[str, object] = {"experiment": {"service": {"hold_ttl_s": 30.0}}}
        self._without: set[str] = set()
        self._started = True

    # The service

    def event(self, kind: str, application: str | None = None, **facts: object) -> "Story":
        """One event of the service."""
        unix_ns = ORIGIN.unix_ns + self._tick()
        row = Event(seq=self._next("events"), unix_ns=unix_ns, type=kind, application_id=application, **facts)
        return self._line("events.ndjson", row)

    def opened(self, slot: str, capacity: int) -> "Story":
        return self.event("slot_opened", slot=slot, capacity=capacity)

    def held(self, application: str, slot: str = "s1", key: str | None = None, reason: str | None = None) -> "Story":
        return self.event("held", application, slot=slot, key=key, reason=reason, applicant=f"{application}-person")

    def released(self, application: str, slot: str = "s1", reason: str = "expired") -> "Story":
        return self.event("released", application, slot=slot, reason=reason)

    def asked(self, application: str, key: str | None = None) -> "Story":
        return self.event("billing_requested", application, key=key)

    def issued(self, application: str, code: str) -> "Story":
        return self.event("bill_issued", application, billing_code=code, amount_idr=FEE_IDR)

    def booked(self, application: str, code: str, slot: str = "s1") -> "Story":
        """Held, asked for and given a code."""
        return self.held(application, slot).asked(application).issued(application, code)

    def paid(
        self, application: str, code: str, amount_idr: int = FEE_IDR, reason: str = "on_time", slot: str = "s1"
    ) -> "Story":
        return self.event(
            "paid", application, billing_code=code, amount_idr=amount_idr, ntpn="N1", reason=reason, slot=slot
        )

    def refunded(self, application: str, code: str) -> "Story":
        self.event("refund_ordered", application, billing_code=code)
        return self.event("refunded", application, billing_code=code, amount_idr=FEE_IDR, ntpn="N1")

    # The gateway and the bank

    def bill(self, code: str, reference: str, state: str = "open") -> "Story":
        issued = ORIGIN.unix_ns + self._tick()
        row = Bill(billing_code=code, reference=reference, amount_idr=FEE_IDR, state=state, issued_unix_ns=issued)
        return self._line("bills.ndjson", row)

    def entry(self, kind: str, code: str, ntb: str = "b1", amount_idr: int = FEE_IDR) -> "Story":
        """One line of the bank's ledger: debited, returned or refunded."""
        row = Entry(
            seq=self._next("ledger"),
            unix_ns=ORIGIN.unix_ns + self._tick(),
            type=kind,
            billing_code=code,
            amount_idr=amount_idr,
            ntb=ntb,
            channel="atm",
        )
        return self._line("ledger.ndjson", row)

    # The people

    def attempt(self, step: str, result: str | None, user: int = 1, **facts: object) -> "Story":
        """One attempt: its `invoke`, and `result` (ok, fail, info) if an answer or a time-out came."""
        self._trace += 1
        shown = {name: facts.pop(name) for name in ("billing_code", "error_class") if name in facts}
        if step == "pay":
            facts |= {name: shown.pop(name) for name in ("billing_code",) if name in shown}
        self._operation(step, "invoke", user, facts)
        if result is not None:
            self._operation(step, result, user, facts | shown)
        return self

    def arrived(self, user: int = 1) -> "Story":
        return self._visit(user, "arrive", None)

    def left(self, outcome: Outcome, user: int = 1) -> "Story":
        return self._visit(user, "leave", outcome)

    # The network and the runner

    def fault(self, name: str, kind: str) -> "Story":
        """One line of the timeline: requested, confirmed, heal_requested, healed or failed."""
        row = FaultEntry(
            mono_ns=ORIGIN.mono_ns + self._tick(), source="timeline", type=kind, fault=name, link="simponi"
        )
        return self._line("faults.ndjson", row)

    def at(self, second: float) -> "Story":
        """The next line stands at `second`."""
        self._second = second
        return self

    def rested(self, second: float = 1000.0, **facts: object) -> "Story":
        """The service had its time to come to rest, which was over at `second`."""
        self._facts |= {"quiesced_at_unix_ns": ORIGIN.unix_ns + int(second * 1e9), **facts}
        return self

    def unread(self, source: str, reason: str = "timed out") -> "Story":
        """The runner could not read a feed to its end."""
        self._facts["missing_sources"] = {source: reason}
        return self

    def without(self, *files: str) -> "Story":
        """These files were never written."""
        self._without |= set(files)
        return self

    def never_started(self) -> "Story":
        self._started = False
        return self

    def torn(self, file: str, tail: bytes = b'{"seq":') -> "Story":
        """The file ends in these bytes."""
        self._lines.setdefault(file, []).append(tail)
        return self

    def silent_on_hold_ttl(self) -> "Story":
        self._plan = {}
        return self

    # Reading it back

    def write(self) -> RunDirectory:
        """Write the directory and return it."""
        self.run.create()
        files = {"events.ndjson", "bills.ndjson", "ledger.ndjson", f"journal/operations-{WORKER}.ndjson"}
        for name in (files | set(self._lines)) - self._without:
            (self.run.root / name).write_bytes(b"".join(self._lines.get(name, [])))
        (self.run.root / "facts.json").write_bytes(msgspec.json.encode(self._facts))
        self.run.plan.write_bytes(msgspec.json.encode(self._plan))
        if self._started:
            self.run.origin_file.write_bytes(msgspec.json.encode(ORIGIN))
        return self.run

    def history(self) -> History:
        return History.read(self.write())

    def audit(self) -> Audit:
        return audit(self.write())

    def history_again(self) -> History:
        """The history of the directory as it stands, with whatever was done to its files."""
        return History.read(self.run)

    def audit_again(self) -> Audit:
        """The audit of the directory as it stands."""
        return audit(self.run)

    def check(self, number: int) -> CheckResult:
        """The result of one check of the registry, through the whole audit."""
        return next(result for result in self.audit().checks if result.number == number)

    def _operation(self, step: str, kind: str, user: int, facts: dict[str, object]) -> None:
        mono_ns = ORIGIN.mono_ns + self._tick()
        row = Operation(
            seq=self._next("operations"),
            mono_ns=mono_ns,
            intended_ns=mono_ns,
            worker=WORKER,
            user=user,
            type=OperationType(kind),
            step=step,
            trace_id=f"t{self._trace}",
            **facts,
        )
        self._line(f"journal/operations-{WORKER}.ndjson", row)

    def _visit(self, user: int, kind: str, outcome: Outcome | None) -> "Story":
        mono_ns = ORIGIN.mono_ns + self._tick()
        row = Visit(mono_ns=mono_ns, worker=WORKER, user=user, type=kind, intended_ns=mono_ns, outcome=outcome)
        return self._line(f"journal/people-{WORKER}.ndjson", row)

    def _line(self, file: str, row: msgspec.Struct) -> "Story":
        self._lines.setdefault(file, []).append(encode(row))
        return self

    def _next(self, what: str) -> int:
        self._seq[what] = self._seq.get(what, 0) + 1
        return self._seq[what]

    def _tick(self) -> int:
        now_ns = int(self._second * 1e9)
        self._second += 1.0
        return now_ns


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """An empty run that came to rest."""
    return Story(tmp_path / "run").rested()


@pytest.fixture
def make_story() -> Callable[[Path], Story]:
    """Begins a run that comes to rest in the directory given: for tests that tell many."""
    return lambda root: Story(root).rested()
