"""docs/catalogue.md is of the experiments that there are, each run as it stands in its file."""

from pathlib import Path

import pytest

from loket.experiment import Experiment, built_in
from loket.experiment.catalogue import locate
from loket.report.catalogue import Entry, entries, page, story_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
SECTIONS = {section.partition("\n")[0]: section for section in PAGE.split("\n## ")[1:]}


def test_the_page_has_every_built_in_experiment() -> None:
    """Not one more or less, in the order of `loket list`."""
    assert list(SECTIONS) == list(built_in())


@pytest.mark.parametrize("name", built_in())
def test_an_experiment_tells_its_incident_and_was_run_as_it_stands(name: str) -> None:
    """A story with its source, the faults and gates of today's file, a verdict and a figure for each gate."""
    path = locate(name)
    experiment, section = Experiment.read(path), SECTIONS[name]
    assert story_of(path) in section
    assert len(story_of(path)) > 120
    for fault in experiment.faults:
        assert f"- `{fault.name}` at {fault.at}, for {fault.duration_s:g} s: {fault.describe()}\n" in section
    for gate in experiment.gates:
        assert f"| `{gate}` | passed | " in section
    assert "**held**" in section


def test_a_run_of_another_experiment_is_not_taken_for_one(tmp_path: Path) -> None:
    """Nor is one that was never judged: it says that it was not run."""
    path = locate("quota_rush")
    for name in ("20250101T000000-quota_rush", "20250101T000000-quota_rush_batam", "20250101T000001-quota_rush-2"):
        (tmp_path / name).mkdir()
    (tmp_path / "20250101T000000-quota_rush" / "plan.json").write_text('{"document": {"title": "another"}}')
    (found,) = entries([path], tmp_path)
    assert found == Entry(Experiment.read(path), story_of(path), None)
    assert "Not run yet." in page([found])
