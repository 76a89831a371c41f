"""Traces that an experiment file names by their path are read along with it, so that the plan needs no other file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from loket.experiment.problems import ExperimentError, Problem
from loket.experiment.source import Source
from loket.load.arrivals.trace import BadTrace, read_trace


def with_traces(source: Source, folder: Path) -> Source:
    """The source with the instants in the place of each path, which counts from the file's folder.

    Raises ExperimentError for a trace that cannot be used.
    """
    load = source.data.get("load")
    arrivals = load.get("arrivals") if isinstance(load, dict) else None
    if not isinstance(load, dict) or not isinstance(arrivals, list):
        return source
    problems: list[Problem] = []
    read: list[JsonValue] = []
    for index, pattern in enumerate(arrivals):
        trace = pattern.get("trace") if isinstance(pattern, Mapping) else None
        if not isinstance(pattern, dict) or not isinstance(trace, str):
            read.append(pattern)
            continue
        try:
            read.append(pattern | {"trace": list(read_trace(folder / trace))})
        except BadTrace as error:
            place = source.place(("load", "arrivals", index, "trace"))
            problems.append(Problem(source.name, f"load.arrivals[{index}].trace: {error}", place))
    if problems:
        raise ExperimentError(problems)
    return replace(source, data={**source.data, "load": load | {"arrivals": read}})
