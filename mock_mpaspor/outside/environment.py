"""Reads a process's environment into typed values and tells every problem at once, not one a start."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Number = TypeVar("Number", int, float)


class SettingsError(Exception):
    """The environment cannot be used; the message is one line that names every problem."""


class Environment:
    """Collects problems while values are read; `check` raises them together. A default makes a variable optional.

    What a reader returns for a bad value is a stand-in, never used: `check` comes first.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        return self._read(name, str, "some text", default, stand_in="")

    def whole(self, name: str, default: int, least: int) -> int:
        return self._read(name, lambda raw: _at_least(int(raw), least), f"a whole number ≥ {least}", default, least)

    def number(self, name: str, default: float, least: float) -> float:
        return self._read(name, lambda raw: _at_least(float(raw), least), f"a number ≥ {least}", default, least)

    def share(self, name: str, default: float) -> float:
        return self._read(name, _share, "a share from 0 to 1", default, stand_in=0.0)

    def url(self, name: str) -> str:
        return self._read(name, _http_address, "an http:// address", None, stand_in="")

    def path(self, name: str) -> Path:
        """A file, there or not, in a folder that is there."""
        return self._read(name, _in_a_folder, "a file in a folder that exists", None, stand_in=Path())

    def require(self, holds: bool, problem: str) -> None:
        """Note a problem between values that are each right."""
        if not holds:
            self._problems.append(problem)

    def check(self) -> None:
        """Raise SettingsError with every problem met so far, if there is one."""
        if self._problems:
            raise SettingsError("; ".join(self._problems))

    def _read(self, name: str, parse: Callable[[str], T], expected: str, default: T | None, stand_in: T) -> T:
        raw = self._environ.get(name, "")
        if not raw and default is not None:
            return default
        try:
            if raw:
                return parse(raw)
            self._problems.append(f"{name} is not set: expected {expected}")
        except ValueError:
            self._problems.append(f"{name}={raw!r}: expected {expected}")
        return stand_in


def _at_least(value: Number, least: Number) -> Number:
    if not math.isfinite(value) or value < least:
        raise ValueError
    return value


def _share(raw: str) -> float:
    value = float(raw)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _in_a_folder(raw: str) -> Path:
    path = Path(raw)
    if not path.parent.is_dir() or path.is_dir():
        raise ValueError
    return path


def _http_address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme != "http" or not parts.hostname or parts.port == 0:
        raise ValueError
    return raw
