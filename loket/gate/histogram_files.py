"""`histograms/<step>.<phase>.hdr`: the latencies of a phase in a form that any HDR histogram tool opens."""

from pathlib import Path

from loket.gate.distribution import merged
from loket.gate.phases import Phases
from loket.run_directory import RunDirectory, write_whole


def write_histograms(run: RunDirectory, phases: Phases) -> list[Path]:
    """Write each step's response latencies in each phase that has any (µs, base64, HDR V2); returns the paths."""
    encoded: dict[tuple[str, str], list[str]] = {}
    for row in run.seconds():
        for phase, span in phases.by_name().items():
            if row.response is not None and row.second in span:
                encoded.setdefault((row.step, phase), []).append(row.response)
    run.histograms.mkdir(parents=True, exist_ok=True)
    written = []
    for (step, phase), histograms in sorted(encoded.items()):
        path = run.histograms / f"{step}.{phase}.hdr"
        write_whole(path, merged(histograms).encode() + b"\n")
        written.append(path)
    return written
