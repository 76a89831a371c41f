"""`docs/toxiproxy-compatibility.md`, made from what the tests hold both servers to.

`python -m tests.conformance.document` writes it; a test asserts that it is up to date.
"""

import sys
from collections.abc import Iterator

from tests.conformance.behaviour import Behaviour
from tests.conformance.catalogue import BEHAVIOURS, CONVERSATIONS
from tests.conformance.servers import ROOT

DOCUMENT = ROOT / "docs" / "toxiproxy-compatibility.md"
EXCHANGES = [exchange for conversation in CONVERSATIONS.values() for exchange in conversation]

HEAD = """\
# The engine beside Toxiproxy 2.12.0

This page is made by `python -m tests.conformance.document` from what `tests/conformance/` holds the
[fault engine](engine.md) and a real `toxiproxy-server` 2.12.0 to; a test fails when the two disagree. Every row was
seen on both servers: an exchange is a request to the control API and its answer, word for word, a behaviour is
something done to connections through a real proxy, seen from both of its ends.

"""

DIFFERENCES = """\
## Where they differ

*better*: a fault of Toxiproxy is mended, or something is added. *compatible*: it is otherwise, and a user of Toxiproxy
need not care.

| what is done | Toxiproxy 2.12.0 | the engine | | why |
|---|---|---|---|---|
"""

SAME = """\
## Behaviours that are the same

| what is done | both show |
|---|---|
"""


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def cells(*texts: str) -> str:
    """One row of a table."""
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |\n"


def answer(exchange: dict) -> str:
    """Status and body of an answer; "…" stands for a body of any words."""
    body = exchange["answer"]
    return f"{exchange['status']} {'' if body == '…' else code(body)}".strip()


def differing_exchanges() -> Iterator[str]:
    for exchange in EXCHANGES:
        if "engine" in exchange:
            engine = exchange["engine"]
            asked = f"{code(exchange['send'])} {code(exchange.get('body', ''))}".strip()
            yield cells(asked, answer(exchange), answer(engine), engine["kind"], engine["why"])


def differing_behaviours() -> Iterator[str]:
    for behaviour in BEHAVIOURS:
        if behaviour.engine:
            engine = behaviour.engine
            yield cells(behaviour.deed, behaviour.toxiproxy, engine.shows, engine.kind, engine.why)


def same_behaviours() -> Iterator[str]:
    for behaviour in BEHAVIOURS:
        if not behaviour.engine:
            yield cells(behaviour.deed, behaviour.toxiproxy)


def counts() -> str:
    """How many there are, and how many are the same."""

    def row(what: str, differences: list[dict | Behaviour], total: int) -> str:
        return cells(what, str(total), str(total - len(differences)), str(len(differences)))

    return (
        cells("", "held to", "the same", "different")
        + cells("---", "---", "---", "---")
        + row("exchanges", [one for one in EXCHANGES if "engine" in one], len(EXCHANGES))
        + row("behaviours", [one for one in BEHAVIOURS if one.engine], len(BEHAVIOURS))
    )


def document() -> str:
    """The whole page."""
    return "".join(
        [
            HEAD,
            counts(),
            "\n",
            DIFFERENCES,
            *differing_behaviours(),
            *differing_exchanges(),
            "\n",
            SAME,
            *same_behaviours(),
        ]
    )


def main() -> int:
    DOCUMENT.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
