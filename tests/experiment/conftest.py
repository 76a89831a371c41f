"""Writes experiment files and reads them, or the problems that were found in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loket.experiment import Experiment, ExperimentError

SCENARIOS = ("office_day", "quota_rush")

WHOLE = """\
title: The quota opens while SIMPONI answers slowly
scenario: quota_rush
seed: 20230130
office: belakang_padang
load:
  people: 2000
  days: 4
  opens_at: 20s
  rush: 40s
  drain: 20s
  profile: kepri_island
  patience: 90s
service: {payment_deadline: 1m, defects: [M1], dukcapil: {median: 200ms}}
faults:
  - {name: simponi_slow, link: simponi, at: opens+2s, for: 20s, latency: {ms: 3000, jitter_ms: 800}}
gates:
  - hold_slot.p95[rush] < 800ms
  - recovery(simponi_slow) < 30s
checks: [1, money honoured]
"""


@pytest.fixture
def whole() -> str:
    """A file with every block in it, and nothing wrong."""
    return WHOLE


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Experiment]:
    """Reads the text as the file `trial.yaml`."""

    def from_text(text: str) -> Experiment:
        path = tmp_path / "trial.yaml"
        path.write_text(text)
        return Experiment.read(path, SCENARIOS)

    return from_text


@pytest.fixture
def problems(tmp_path: Path, read: Callable[[str], Experiment]) -> Callable[[str], list[str]]:
    """The lines of the error that reading the text raises, without the folder."""

    def of_text(text: str) -> list[str]:
        with pytest.raises(ExperimentError) as caught:
            read(text)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return of_text
