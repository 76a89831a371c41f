"""A YAML file read into plain JSON values, with the line and column of each, so that a problem can say where it is.

Stricter than YAML: no key twice, no aliases, no dates; `yes` and `on` are words, as they are for people.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml
from pydantic import JsonValue

from loket.experiment.problems import ExperimentError, Place, Problem

Location = tuple[str | int, ...]
"""The way to a value: field names and positions in lists, from the top."""

_BOOLEANS = {"true": True, "false": False}
_NULLS = {"", "~", "null"}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class Source:
    """What a file says. `places` has each value's place, `key_places` the place of its name."""

    name: str
    data: Mapping[str, JsonValue]
    places: Mapping[Location, Place] = field(default_factory=dict)
    key_places: Mapping[Location, Place] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Source":
        """The file's content. Raises ExperimentError where it cannot be read, is not YAML or has a key twice."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise _unreadable(str(path), str(error.strerror).lower()) from error
        except UnicodeDecodeError as error:
            raise _unreadable(str(path), f"byte {error.start} is not UTF-8") from error
        return cls.parse(str(path), text)

    @classmethod
    def parse(cls, name: str, text: str) -> "Source":
        """The content of `text`; `name` is what messages call it. Raises as `read` does."""
        reading = _Reading(name)
        data = reading.document(text)
        return cls(name, data, reading.places, reading.key_places)

    def place(self, location: Location, of_key: bool = False) -> Place | None:
        """Where the value (or its name) stands; where it is missing, the place of what should contain it."""
        if of_key and location in self.key_places:
            return self.key_places[location]
        while location and location not in self.places:
            location = location[:-1]
        return self.places.get(location)


class _Mark(Protocol):
    """Where YAML's reader stood; both from 0."""

    line: int
    column: int


class _Reading:
    """Turns the nodes of one YAML document into values and notes where each stands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[Problem] = []
        self.places: dict[Location, Place] = {}
        self.key_places: dict[Location, Place] = {}

    def document(self, text: str) -> dict[str, JsonValue]:
        try:
            self._refuse_aliases(text)
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            raise ExperimentError([_syntax_problem(self._name, error)]) from error
        except yaml.YAMLError as error:
            raise _unreadable(self._name, "it holds a character that YAML does not allow") from error
        except RecursionError as error:
            raise _unreadable(self._name, "it is nested too deeply") from error
        if not isinstance(node, yaml.MappingNode):
            found = "nothing" if node is None else "something else"
            raise _unreadable(self._name, f"expected fields such as 'title: …', found {found}")
        data = self._mapping(node, ())
        if self._problems:
            raise ExperimentError(self._problems)
        return data

    def _refuse_aliases(self, text: str) -> None:
        """With aliases a small file can stand for an endless one."""
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                sentence = f"found the alias '*{event.anchor}', expected the value itself"
                place = _place(event.start_mark) if event.start_mark else None
                raise ExperimentError([Problem(self._name, sentence, place)])

    def _value(self, node: yaml.Node, location: Location) -> JsonValue:
        place = _place(node.start_mark)
        quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
        self.places[location] = Place(place.line, place.column, text_column=place.column + quoted)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*location, position)) for position, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, JsonValue]:
        self.places.setdefault(location, _place(node.start_mark))
        values: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            below = (*location, key)
            if key in values:
                first = self.key_places[below].line
                sentence = f"{dotted(below)}: written twice, first in line {first}"
                self._problems.append(Problem(self._name, sentence, _place(key_node.start_mark)))
                continue
            self.key_places[below] = _place(key_node.start_mark)
            values[key] = self._value(value_node, below)
        return values


def dotted(location: Location) -> str:
    """The location as people write it.

    >>> dotted(("faults", 0, "latency", "ms"))
    'faults[0].latency.ms'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def _scalar(node: yaml.ScalarNode) -> JsonValue:
    text = str(node.value)
    if node.style is not None:  # quoted, or a block of text
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _place(mark: _Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _syntax_problem(name: str, error: yaml.MarkedYAMLError) -> Problem:
    context = f"{error.context}, " if error.context else ""
    place = _place(error.problem_mark) if error.problem_mark else None
    return Problem(name, f"not readable as YAML: {context}{error.problem}", place)


def _unreadable(name: str, why: str) -> ExperimentError:
    return ExperimentError([Problem(name, f"cannot be read: {why}")])
