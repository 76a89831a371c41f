"""Waits: how long each person waited for the payment code after asking for it, the failure the studies complain of."""

from loket.audit.history import History
from loket.audit.operations import LogicalOperation, Resolution
from loket.audit.service_events import EventType
from loket.audit.sources import Source
from loket.audit.steps import Step
from loket.waits import Wait


def waits(history: History) -> list[Wait]:
    """The wait of everyone whose billing request was accepted, from the first asking, in order of asking."""
    journal = history.journal
    found = []
    for application, operation in askers(history).items():
        sight = journal.codes_seen.get(application)
        waited_s = None if sight is None else (sight.mono_ns - operation.invoked_ns) / 1e9
        found.append(Wait(history.second(operation.invoked_ns), waited_s))
    return found


def askers(history: History) -> dict[str, LogicalOperation]:
    """Application → its first billing request that was accepted, or that is durable although nobody was told."""
    requests = [
        operation
        for operation in history.journal.operations.values()
        if operation.step == Step.REQUEST_BILLING and operation.resolution is not Resolution.FAIL
    ]
    doubtful = {request.key for request in requests if request.resolution is Resolution.INFO}
    durable = _durable(history, doubtful) if doubtful else {}
    asked: dict[str, LogicalOperation] = {}
    for request in sorted(requests, key=lambda request: request.invoked_ns):
        if request.key in doubtful and request.key not in durable:
            continue
        # A journal that does not name the application still tells of a person: the key stands in.
        application = request.application_id or durable.get(request.key) or request.key
        asked.setdefault(application, request)
    return asked


def _durable(history: History, keys: set[str]) -> dict[str, str | None]:
    """Those of the keys that made a billing request in the service, and for which application."""
    if history.missing(Source.EVENTS):
        return {}
    return {
        event.key: event.application_id
        for event in history.events()
        if event.type == EventType.BILLING_REQUESTED and event.key is not None and event.key in keys
    }
