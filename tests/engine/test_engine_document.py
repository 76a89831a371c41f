"""docs/engine.md names everything that the engine has: flags, toxics, types of log lines, metrics."""

from pathlib import Path

import pytest

from chaos.engine.decision_log import Happening
from chaos.engine.toxics.registry import KINDS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*Happening, *KINDS, "--host", "--port", "--seed", "--decision-log"])
def test_the_document_names_it(word):
    """Nothing of the engine's outside is left undocumented."""
    assert f"`{word}`" in DOCUMENT


def test_the_document_names_every_metric(engine):
    """By the name behind the common prefix."""
    exposition = engine.call("GET", "/metrics")[1]
    names = {line.split()[2].removeprefix("loket_engine_") for line in exposition.splitlines() if "# TYPE" in line}
    assert names
    assert {name for name in names if f"`{name}`" not in DOCUMENT} == set()
