"""The table of routes in docs/mpaspor-api.md, read as a program can: the other account of what the service promises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mock_mpaspor.domain.errors import ErrorCode

CONTRACT = Path(__file__).parents[2] / "docs" / "mpaspor-api.md"

_CALL = re.compile(r"`(GET|POST|PUT|DELETE) (/[^\s?`]*)(\?[^\s`]*)?")
_QUERY = re.compile(r"[?&](\w+)=")
_SUCCESS = re.compile(r"\b20\d\b")
_CODE = re.compile(r"`([a-z][a-z_]+)`")


@dataclass(frozen=True)
class Row:
    """One route of the table; `path` has its variables as `{}`."""

    method: str
    path: str
    door: str
    query: frozenset[str]
    keyed: bool
    successes: frozenset[int]
    codes: frozenset[ErrorCode]


def nameless(path: str) -> str:
    """The path with its variables unnamed: the table calls every id `id`.

    >>> nameless("/v1/offices/{office}/queue")
    '/v1/offices/{}/queue'
    """
    return re.sub(r"{\w+}", "{}", path)


def rows() -> Iterator[Row]:
    """The routes of the table, in its order."""
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and _CALL.search(cells[0]):
            yield from _routes(*cells)


def _routes(calls: str, door: str, success: str, refused: str) -> Iterator[Row]:
    known = {code.value: code for code in ErrorCode}
    codes = frozenset(known[word] for word in _CODE.findall(refused) if word in known)
    statuses = frozenset(int(word) for word in _SUCCESS.findall(success))
    for method, path, query in _CALL.findall(calls):
        names = frozenset(_QUERY.findall(query))
        yield Row(method, nameless(path), door, names, "Idempotency-Key" in calls, statuses, codes)
