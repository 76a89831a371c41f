"""docs/experiment-file.md against the models: what it shows is read, and what is there is shown."""

import re
from pathlib import Path

import pytest

from loket.experiment.arrivals import Arrivals
from loket.experiment.blocks import Dukcapil, Service, Simkim, Target
from loket.experiment.load import Load
from loket.experiment.model import Experiment
from loket.gate.threshold import Stat
from loket.gate.vocabulary import FAULT_WINDOWS, PHASE_WINDOWS, STEPS, SYNONYMS


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).parents[2] / "docs" / "experiment-file.md").read_text()


def test_the_example_on_the_page_is_right(page, read):
    """Who copies the example gets an experiment."""
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert read(example[1]).faults[0].name == "simponi_slow"


def test_every_field_of_a_file_is_on_the_page(page):
    """No field exists that a reader of the page would not know of."""
    models = (Experiment, Load, Arrivals, Service, Target, Dukcapil, Simkim)
    fields = {info.alias or name for model in models for name, info in model.model_fields.items()}
    assert {field for field in fields if not re.search(rf"`[^`]*\b{field}\b[^`]*`", page)} == set()


def test_every_word_of_the_gate_language_is_on_the_page(page):
    """Steps, statistics and windows are all explained."""
    for word in (*STEPS, *Stat, *PHASE_WINDOWS, *FAULT_WINDOWS, *SYNONYMS):
        assert f"`{word}`" in page
