"""Missing codes: who held a place, asked for the payment code and never saw one, and where the code stopped."""

from collections.abc import Collection
from dataclasses import dataclass

from loket.audit.history import History
from loket.audit.operations import LogicalOperation
from loket.audit.service_events import EventType
from loket.audit.sources import Source
from loket.audit.waits import askers
from loket.fault_windows import windows_of
from loket.records import Event
from loket.verdict import MissingCode

# The code's chain: what must become durable, one after the other, until a code is shown.
CHAIN = frozenset(
    {
        EventType.HELD,
        EventType.BILLING_REQUESTED,
        EventType.BILL_ATTEMPT_FAILED,
        EventType.BILL_ISSUED,
        EventType.BILLING_FAILED,
        EventType.CODE_SHOWN,
    }
)


@dataclass
class _Trail:
    """What the service wrote down about one missing code."""

    applicant: str | None = None
    last: Event | None = None
    failed_attempts: int = 0
    last_error: str | None = None
    issued: bool = False
    returned: bool = False

    def take(self, event: Event) -> None:
        self.applicant = self.applicant or event.applicant
        if event.type in CHAIN:
            self.last = event
        if event.type == EventType.HELD:
            self.returned = False
        elif event.type == EventType.BILL_ATTEMPT_FAILED:
            self.failed_attempts += 1
            self.last_error = event.reason or self.last_error
        elif event.type == EventType.BILL_ISSUED:
            self.issued = True
        elif event.type == EventType.RELEASED:
            self.returned = True

    @property
    def fate(self) -> str:
        if self.issued:
            return "issued_not_shown"
        return "place_returned" if self.returned else "never_issued"


def missing(history: History) -> list[MissingCode]:
    """The missing codes in order of asking. Without the service's events, `last_step` and `fate` are `unknown`."""
    seen = history.journal.codes_seen
    lost = {application: request for application, request in askers(history).items() if application not in seen}
    if not lost:
        return []
    left_ns = _left_ns(history)
    windows = windows_of(history.faults())
    trails = None if history.missing(Source.EVENTS) else _trails(history, lost)
    found = []
    for application, request in lost.items():
        end_ns = left_ns.get((request.worker, request.user))
        until_ns = history.journal.last_ns if end_ns is None else end_ns
        active = tuple(window.fault for window in windows if window.overlaps(request.invoked_ns, until_ns))
        trail = None if trails is None else trails[application]
        found.append(_missing(history, application, request, trail, end_ns, active))
    return found


def _missing(
    history: History,
    application: str,
    request: LogicalOperation,
    trail: _Trail | None,
    end_ns: int | None,
    faults_active: tuple[str, ...],
) -> MissingCode:
    told = trail or _Trail()
    return MissingCode(
        application_id=application,
        applicant=told.applicant or f"person {request.user} of {request.worker}",
        asked_s=history.second(request.invoked_ns),
        last_step="unknown" if told.last is None else told.last.type,
        last_step_s=None if told.last is None else history.second_unix(told.last.unix_ns),
        fate="unknown" if trail is None else trail.fate,
        waited_s=None if end_ns is None else (end_ns - request.invoked_ns) / 1e9,
        failed_attempts=told.failed_attempts,
        last_error=told.last_error or history.journal.poll_error.get(application),
        faults_active=faults_active,
    )


def _trails(history: History, applications: Collection[str]) -> dict[str, _Trail]:
    trails = {application: _Trail() for application in applications}
    for event in history.events():
        if trail := trails.get(event.application_id or ""):
            trail.take(event)
    return trails


def _left_ns(history: History) -> dict[tuple[str, int], int]:
    """When each person left."""
    return {(visit.worker, visit.user): visit.mono_ns for visit in history.visits() if visit.type == "leave"}
