"""A recorded trace of arrivals: a CSV file with one instant a line, in seconds from its beginning.

A first line of words is a heading; of several columns the first is the instant, the others are not looked at.
"""

import csv
from math import isfinite
from pathlib import Path


class BadTrace(Exception):
    """The file is no trace; the message says what was found, where, and what was expected."""


def read_trace(path: Path) -> tuple[float, ...]:
    """The instants, in the file's order. Raises BadTrace."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(number, row[0].strip()) for number, row in enumerate(csv.reader(file), 1) if row]
    except OSError as error:
        raise BadTrace(f"the trace {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTrace(f"the trace {path} is no CSV file: {error}") from error
    if rows and _seconds(rows[0][1]) is None:
        rows = rows[1:]
    instants = []
    for number, text in rows:
        at_s = _seconds(text)
        if at_s is None or at_s < 0:
            raise BadTrace(f"the trace {path}, line {number}: found {text!r}, expected seconds, as in 12.5")
        instants.append(at_s)
    if not instants:
        raise BadTrace(f"the trace {path} has no instant in it")
    return tuple(instants)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if isfinite(seconds) else None
