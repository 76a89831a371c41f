"""A keeper, and the settings of a small reference system."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loket.stack.keeper import Keeper
from loket.stack.settings import StackSettings


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A keeper that is dismissed at the end."""
    kept = Keeper(tmp_path / "keeper.log")
    yield kept
    kept.dismiss()


@pytest.fixture
def settings() -> StackSettings:
    """Deadlines of seconds, so that a tiny run crosses them."""
    return StackSettings(payment_deadline_s=4, hold_ttl_s=3, code_patience_s=6, dukcapil_median_ms=5, threads=8, seed=7)
