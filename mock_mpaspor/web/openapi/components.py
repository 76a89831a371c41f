"""JSON Schemas of the structs that views read and answer, under the names that a reader of the document sees."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

Schema = dict[str, object]

_PREFIX = "#/components/schemas/"


class Components:
    """The schemas of `bodies`, which may leave out what has a default, and of `answers`, which never do."""

    def __init__(self, bodies: Iterable[object], answers: Iterable[object]) -> None:
        read = list(dict.fromkeys(bodies))
        kinds = list(dict.fromkeys([*read, *answers]))
        tops, parts = msgspec.json.schema_components(kinds, ref_template=_PREFIX + "{name}")
        self._tops = dict(zip(kinds, tops, strict=True))
        self._names = _readable(parts)
        sent = _reachable([self._tops[kind] for kind in read], parts)
        whole = {name: part if name in sent else _complete(part) for name, part in parts.items()}
        self.schemas: Schema = dict(sorted((self._names[name], self._rename(part)) for name, part in whole.items()))

    def schema(self, kind: object) -> object:
        """The schema of one of the bodies or answers."""
        return self._rename(self._tops[kind])

    def _rename(self, node: object) -> object:
        if isinstance(node, list):
            return [self._rename(item) for item in node]
        if not isinstance(node, Mapping):
            return node
        renamed = {key: self._rename(value) for key, value in node.items()}
        if isinstance(node.get("$ref"), str):
            renamed["$ref"] = _PREFIX + self._names[_target(node)]
        elif isinstance(node.get("title"), str):
            renamed["title"] = str(node["title"]).lstrip("_")
        return renamed


def _target(node: Mapping[str, object]) -> str:
    return str(node["$ref"]).removeprefix(_PREFIX)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield _target(node)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _reachable(roots: Iterable[object], parts: Mapping[str, Schema]) -> set[str]:
    found: set[str] = set()
    waiting = [name for root in roots for name in _references(root)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(parts[name]))
    return found


def _complete(schema: Schema) -> Schema:
    """An answer carries its defaults, too: whatever has one is there."""
    fields, asked = schema.get("properties"), schema.get("required", [])
    if not isinstance(fields, Mapping) or not isinstance(asked, list):
        return schema
    required = [name for name, field in fields.items() if name in asked or "default" in field]
    plain = {name: {key: value for key, value in field.items() if key != "default"} for name, field in fields.items()}
    return {**schema, "properties": plain, "required": required}


def _readable(names: Iterable[str]) -> dict[str, str]:
    """Short names; two structs of one name are told apart by their modules. Raises ValueError where that fails."""
    short = {name: name.rpartition(".")[2].lstrip("_") for name in names}
    taken = Counter(short.values())
    readable = {name: last if taken[last] == 1 else _qualified(name, last) for name, last in short.items()}
    if len(set(readable.values())) < len(readable):
        raise ValueError(f"structs of one name cannot be told apart: {sorted(readable)}")
    return readable


def _qualified(name: str, last: str) -> str:
    module = name.rpartition(".")[0].rpartition(".")[2]
    return "".join(word.capitalize() for word in module.split("_")) + last
