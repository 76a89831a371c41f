"""Who plays with the service in a test: a clock set by hand, a SIMPONI and a Dukcapil that obey."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.jobs.calls import CallError
from mock_mpaspor.jobs.simponi import BillOrder, BillView, SimponiError
from mock_mpaspor.store.cases import Case
from mock_mpaspor.store.progress import Line

NS = 1_000_000_000
MONDAY_09_WIB = int(datetime(2025, 2, 3, 2, 0, tzinfo=UTC).timestamp()) * NS


class HandClock:
    """Time that moves only when told; reads as wall clock (ns) and as monotonic clock (s)."""

    def __init__(self) -> None:
        self.now_ns = MONDAY_09_WIB

    def unix_ns(self) -> int:
        return self.now_ns

    def monotonic_s(self) -> float:
        return self.now_ns / NS

    def pass_s(self, seconds: float) -> None:
        self.now_ns += int(seconds * NS)

    def instant(self) -> str:
        """Now, as ISO 8601."""
        return datetime.fromtimestamp(self.now_ns // NS, UTC).isoformat()

    def turn_to(self, instant: str) -> None:
        """Make it that instant (ISO 8601 with its offset, whole seconds)."""
        self.now_ns = int(datetime.fromisoformat(instant).timestamp()) * NS


@dataclass
class FakeSimponi:
    """Bills by reference. `failure` makes every call fail; `lose_answers` makes it act and not answer."""

    failure: AttemptFailure | None = None
    lose_answers: bool = False
    bills: dict[str, BillView] = field(default_factory=dict)
    refunded: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    called: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, order: BillOrder, trace_id: str | None) -> str:
        with self._lock:
            self._answer_or_fail()
            code = f"8{20250203_000000 + len(self.bills):014}"
            bill = self.bills.setdefault(order.reference, BillView(code, order.amount_idr, "open"))
        if self.lose_answers:
            raise SimponiError(AttemptFailure.TIMEOUT)
        return bill.billing_code

    def refund(self, billing_code: str, ntpn: str, trace_id: str | None) -> None:
        with self._lock:
            self._answer_or_fail()
            self.refunded.append((billing_code, ntpn))

    def find(self, reference: str) -> list[BillView]:
        with self._lock:
            self._answer_or_fail()
            return [self.bills[reference]] if reference in self.bills else []

    def pay(self, reference: str, ntpn: str, paid_at: str | None = None) -> str:
        """Someone pays the bill; the code that was paid. The service is not told."""
        bill = self.bills[reference]
        instant = datetime.fromisoformat(paid_at) if paid_at else datetime.fromtimestamp(0, UTC)
        self.bills[reference] = BillView(bill.billing_code, bill.amount_idr, "paid", ntpn, instant)
        return bill.billing_code

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """While this lasts no call is under way."""
        with self._lock:
            yield

    def _answer_or_fail(self) -> None:
        self.calls += 1
        self.called.set()
        if self.failure:
            raise SimponiError(self.failure)


@dataclass
class FakeSimkim:
    """Cases by application, and a feed that clerks write. `failure` makes every call fail."""

    wall: Callable[[], int]
    failure: AttemptFailure | None = None
    begun: set[str] = field(default_factory=set)
    cases: dict[str, Case] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    feed: list[Line] = field(default_factory=list)
    # Set, a call waits until it is cleared: SIMKIM hangs.
    hanging: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def tell(self, case: Case, version: int, trace_id: str | None) -> bool:
        self._answer_or_fail()
        self.told.append(case.application_id)
        if case.application_id in self.begun:
            return False
        self.cases[case.application_id] = case
        return True

    def withdraw(self, application_id: str, trace_id: str | None) -> bool:
        self._answer_or_fail()
        self.withdrawn.append(application_id)
        return application_id in self.cases and application_id not in self.begun

    def progress(self, after: int, limit: int) -> list[Line]:
        self._answer_or_fail()
        return [line for line in self.feed if line.seq > after][:limit]

    def decide(self, application: str, *steps: str, reason: str | None = None) -> None:
        """The office takes these steps, and its feed tells them."""
        for step in steps:
            self.feed.append(Line(len(self.feed) + 1, self.wall(), application, step, reason))

    def _answer_or_fail(self) -> None:
        if self.hanging.is_set():
            self.released.wait(30)
        if self.failure:
            raise CallError(self.failure)


@dataclass
class FakeDukcapil:
    """Knows everybody, unless told what to refuse with."""

    refusal: ErrorCode | None = None
    asked: list[Identity] = field(default_factory=list)

    def confirm(self, identity: Identity, trace_id: str | None) -> None:
        self.asked.append(identity)
        if self.refusal:
            raise Refusal(self.refusal)
