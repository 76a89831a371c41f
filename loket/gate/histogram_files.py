"""`histograms/<step>.<phase>.<measure>.hdr`: a phase's latencies in a form that any HDR histogram tool opens."""

from loket.gate.distribution import merged
from loket.gate.phases import Phases
from loket.gate.threshold import Measure
from loket.run_directory import RunDirectory, write_whole


def write_histograms(run: RunDirectory, phases: Phases) -> list[str]:
    """Write each step's response and service times in each phase that has any (µs, base64, HDR V2).

    Returns the names of the files, sorted.
    """
    encoded: dict[str, list[str]] = {}
    for row in run.seconds():
        for phase, span in phases.by_name().items():
            if row.second not in span:
                continue
            for measure in Measure:
                histogram = getattr(row, measure)
                if histogram is not None:
                    encoded.setdefault(f"{row.step}.{phase}.{measure}.hdr", []).append(histogram)
    run.histograms.mkdir(parents=True, exist_ok=True)
    for name, histograms in encoded.items():
        write_whole(run.histograms / name, merged(histograms).encode() + b"\n")
    return sorted(encoded)
