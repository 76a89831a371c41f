"""What the timeline does next, and what came of what it did: applies, heals, retries, renews, in order of their times.

Owned by one thread and told the time, so that a fake clock plays a whole run in an instant.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Literal, Protocol

import msgspec

from chaos.control import RENEWALS_PER_LEASE
from chaos.errors import NetworkError
from chaos.faults import Fault

NS_PER_S = 1_000_000_000
HEAL_RETRY_S = 0.1
# After this long the heal counts as failed; the run is then called unhealed, and the lease is what is left.
HEAL_PATIENCE_S = 10.0

RowType = Literal["requested", "confirmed", "heal_requested", "healed", "failed"]


class FaultRow(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One line of a run's `faults.ndjson`, written by the timeline."""

    mono_ns: int
    source: Literal["timeline"]
    type: RowType
    link: str
    fault: str
    toxic: str | None = None
    detail: str | None = None


class FailureKind(StrEnum):
    """How the timeline can fall short of the experiment."""

    NOT_BEGUN = "never began"
    NOT_APPLIED = "could not be applied"
    ENDED_EARLY = "ended before its time"
    NOT_HEALED = "could not be healed"
    NOT_RECORDED = "could not be recorded"


@dataclass(frozen=True)
class Failure:
    """One shortfall: which fault, how, and why."""

    fault: str
    kind: FailureKind
    reason: str

    def __str__(self) -> str:
        return f"fault {self.fault} {self.kind}: {self.reason}"


class Disturbable(Protocol):
    """What the agenda needs of a network; `chaos.control.Network` is one."""

    lease_ttl_s: float

    def apply(self, fault: Fault) -> None: ...
    def heal(self, fault: Fault) -> None: ...
    def renew(self) -> bool: ...
    def lost(self) -> list[str]: ...


@dataclass(frozen=True, order=True)
class _Task:
    """`rank` and `number` order what is due at one instant: what ends goes before what begins."""

    due_ns: int
    rank: int
    number: int
    perform: Callable[[], None] = field(compare=False)


class Agenda:
    """The tasks of one run's faults (their names unique), whose times count from `origin_mono_ns`."""

    def __init__(
        self,
        faults: Iterable[Fault],
        network: Disturbable,
        opens_at_s: float,
        clock: Callable[[], int],
        origin_mono_ns: int,
        record: Callable[[FaultRow], None],
    ) -> None:
        self.failures: list[Failure] = []
        self._network = network
        self._clock = clock
        self._record = record
        self._tasks: list[_Task] = []
        self._tasks_made = 0
        self._renew_ns: int | None = None
        self._to_come: dict[str, Fault] = {}
        self._happened: set[str] = set()
        self._standing: dict[str, Fault] = {}
        self._healing: dict[str, tuple[Fault, int]] = {}
        for fault in faults:
            self._to_come[fault.name] = fault
            begins_s = fault.at.resolve(opens_at_s)
            if begins_s is not None:
                self._plan_fault(fault, origin_mono_ns + round(begins_s * NS_PER_S))

    @property
    def due_ns(self) -> int | None:
        """When the next task is due, on the clock's scale; None when nothing is left to do."""
        next_task_ns = self._tasks[0].due_ns if self._tasks else None
        return min((ns for ns in (next_task_ns, self._renew_ns) if ns is not None), default=None)

    @property
    def standing(self) -> tuple[str, ...]:
        """Names of the faults that are confirmed and whose end has not come."""
        return tuple(self._standing)

    @property
    def awaited(self) -> frozenset[str]:
        """The events that faults wait for."""
        return frozenset(fault.at.event for fault in self._to_come.values() if fault.at.event) - self._happened

    def happened(self, event: str, mono_ns: int) -> None:
        """The event has come, at `mono_ns`: plan what waits for it. What happens again is no news."""
        if event not in self.awaited:
            return
        self._happened.add(event)
        for fault in self._to_come.values():
            if fault.at.event == event:
                self._plan_fault(fault, mono_ns + round(fault.at.offset_s * NS_PER_S))

    def perform(self) -> None:
        """Do the next task, due or not. What the network refuses is recorded, never raised."""
        if self._renew_ns is not None and self._renew_ns == self.due_ns:
            self._renew()
        else:
            heapq.heappop(self._tasks).perform()

    def stop(self) -> None:
        """Drop what has not begun, a failure each, and make the healing of all that has the next thing to do."""
        self._tasks.clear()
        self._renew_ns = None
        for name, fault in self._to_come.items():
            event = fault.at.event
            reason = f"{event} did not come" if event in self.awaited else "the timeline was stopped first"
            self.failures.append(Failure(name, FailureKind.NOT_BEGUN, reason))
        self._to_come.clear()
        now_ns = self._clock()
        for fault in self._standing.values():
            self._plan(now_ns, partial(self._end, fault, "the timeline was stopped"))
        for fault, _ in self._healing.values():
            self._plan(now_ns, partial(self._try_to_heal, fault))

    def _plan_fault(self, fault: Fault, begins_ns: int) -> None:
        ends_ns = begins_ns + round(fault.duration_s * NS_PER_S)
        self._plan(begins_ns, partial(self._apply, fault, ends_ns), rank=1)

    def _plan(self, due_ns: int, perform: Callable[[], None], rank: int = 0) -> None:
        self._tasks_made += 1
        heapq.heappush(self._tasks, _Task(due_ns, rank, self._tasks_made, perform))

    def _apply(self, fault: Fault, ends_ns: int) -> None:
        del self._to_come[fault.name]
        self._write("requested", fault, fault.describe())
        try:
            self._network.apply(fault)
        except NetworkError as error:
            self._fail(fault, FailureKind.NOT_APPLIED, str(error))
            if not error.definite:
                self._begin_to_heal(fault, "it may have been applied all the same")
            return
        self._write("confirmed", fault)
        self._standing[fault.name] = fault
        if self._renew_ns is None:
            self._plan_renewal()
        self._plan(ends_ns, partial(self._end, fault))

    def _end(self, fault: Fault, why: str | None = None) -> None:
        if fault.name in self._standing:
            self._begin_to_heal(fault, why)

    def _begin_to_heal(self, fault: Fault, why: str | None) -> None:
        self._standing.pop(fault.name, None)
        if not self._standing:
            self._renew_ns = None
        self._healing[fault.name] = (fault, self._clock() + round(HEAL_PATIENCE_S * NS_PER_S))
        self._write("heal_requested", fault, why)
        self._try_to_heal(fault)

    def _try_to_heal(self, fault: Fault) -> None:
        _, deadline_ns = self._healing[fault.name]
        try:
            self._network.heal(fault)
        except NetworkError as error:
            retry_ns = self._clock() + round(HEAL_RETRY_S * NS_PER_S)
            if retry_ns <= deadline_ns:
                self._plan(retry_ns, partial(self._try_to_heal, fault))
                return
            self._fail(fault, FailureKind.NOT_HEALED, str(error))
        else:
            self._write("healed", fault)
        del self._healing[fault.name]

    def _plan_renewal(self) -> None:
        pause_ns = round(self._network.lease_ttl_s * NS_PER_S / RENEWALS_PER_LEASE)
        self._renew_ns = self._clock() + pause_ns

    def _renew(self) -> None:
        self._plan_renewal()
        try:
            self._network.renew()
            lost = self._network.lost()
        except NetworkError:
            # The next renewal may succeed. A lease that runs out meanwhile shows as a lost fault then, and a
            # network that never comes back as a heal that failed.
            lost = []
        for name in lost:
            if fault := self._standing.get(name):
                self._fail(fault, FailureKind.ENDED_EARLY, "the fault engine no longer has it")
                self._begin_to_heal(fault, "it had ended by itself")

    def _fail(self, fault: Fault, kind: FailureKind, reason: str) -> None:
        failure = Failure(fault.name, kind, reason)
        self.failures.append(failure)
        self._write("failed", fault, str(failure))

    def _write(self, row_type: RowType, fault: Fault, detail: str | None = None) -> None:
        toxic = fault.toxic()
        row = FaultRow(
            mono_ns=self._clock(),
            source="timeline",
            type=row_type,
            link=fault.link,
            fault=fault.name,
            toxic=toxic.name if toxic else None,
            detail=detail,
        )
        try:
            self._record(row)
        except Exception as error:
            # Whatever befalls the record, healing goes on.
            self.failures.append(Failure(fault.name, FailureKind.NOT_RECORDED, f"{row_type}: {error!r}"))
