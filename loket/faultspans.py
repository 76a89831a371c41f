"""The faults of a run as they happened, from the timeline's record, and whether each met anybody at all."""

from collections.abc import Iterable, Iterator, Sequence

from chaos.faults import Fault
from chaos.links import link_of
from loket.fault_windows import windows_of
from loket.records import FaultEntry
from loket.run_directory import RunDirectory
from loket.verdict import FaultSpan


def fault_spans(faults: Iterable[Fault], run: RunDirectory) -> Iterator[FaultSpan]:
    """One span for each fault that was asked for, in the experiment's order; times in seconds of the run."""
    origin = run.origin()
    if origin is None:
        return
    windows = {window.fault: window for window in windows_of(run.faults())}
    for fault in faults:
        if fault.name in windows:
            yield windows[fault.name].span(origin.mono_ns)


def untouched(faults: Sequence[Fault], spans: Sequence[FaultSpan], run: RunDirectory) -> Iterator[str]:
    """A sentence for each fault that the experiment promised and that met no connection: it proved nothing.

    Only the fault engine keeps a decision log; without one nothing can be said of a fault that was confirmed.
    """
    confirmed = {span.fault for span in spans if span.confirmed_s is not None}
    engine_rows = [row for row in run.faults() if row.source == "engine"] if faults else []
    met = {row.toxic for row in engine_rows if _meets(row)} | {
        link_of(row.link) for row in engine_rows if row.link and _turns_away(row)
    }
    for fault in faults:
        if fault.name not in confirmed:
            yield f"fault {fault.name} never took effect"
        elif engine_rows and fault.toxic_name not in met and not (fault.down and fault.link in met):
            yield f"fault {fault.name} was there and met no connection of link {fault.link}"


def _meets(row: FaultEntry) -> bool:
    return row.type in ("decision", "request") and row.detail is not None and row.detail.startswith("applies")


def _turns_away(row: FaultEntry) -> bool:
    return row.type == "proxy_disabled"
