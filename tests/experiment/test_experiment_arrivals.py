"""Arrivals and offices in an experiment file: what the load is told of them, and that the plan keeps it."""

from pathlib import Path

import pytest

from loket.experiment import Experiment, ExperimentError
from loket.load.arrivals import Wave, head_count
from tests.experiment.slips import FILE

ARRIVALS = """\
arrivals:
    - {crowd: 10}
    - {constant: 120/min, for: 5s}
    - {ramp: [0/s, 4/s], at: opens-10s, for: 10s, process: even}
    - {steps: [1/s, 3/s], at: opens, for: 4s}
    - {curve: [[0s, 1/s], [10s, 2/s]], at: 5s}
    - {burst: 3, at: opens}
    - {trace: came.csv, at: 1s}
"""
WAVES = (
    Wave(crowd=10),
    Wave(knots=((0.0, 2.0), (5.0, 2.0))),
    Wave(knots=((10.0, 0.0), (20.0, 4.0)), process="even"),
    Wave(knots=((20.0, 1.0), (22.0, 1.0), (22.0, 3.0), (24.0, 3.0))),
    Wave(knots=((5.0, 1.0), (15.0, 2.0))),
    Wave(instants=(20.0, 20.0, 20.0)),
    Wave(instants=(1.5, 8.0)),
)


def written(folder: Path, arrivals: str = ARRIVALS, office: str = "office: kupang", load: str = "") -> Path:
    """The file, with a trace beside it."""
    (folder / "came.csv").write_text("second\n0.5\n7\n")
    head, tail = FILE.split("load: ")
    rest = tail.split("\n", 1)[1]
    body = f"load:\n  opens_at: 20s\n  rush: 40s\n  drain: 20s\n  patience: 90s\n{load}  {arrivals}"
    path = folder / "trial.yaml"
    path.write_text(head.replace("office: kupang", office) + body + rest)
    return path


def test_each_pattern_becomes_what_the_workers_are_told(tmp_path):
    """Instants are resolved, rates are per second, a trace's instants stand in the place of its path."""
    experiment = Experiment.read(written(tmp_path), ["quota_rush"])
    assert experiment.load.waves == WAVES
    plan = experiment.load_plan_on_paper(tmp_path)
    assert plan.waves == WAVES
    assert plan.people == experiment.people == head_count(WAVES, seed=1)


def test_the_plan_keeps_the_trace_when_its_file_is_gone(tmp_path):
    """A run directory is judged alone: the same schedule, wherever the CSV file went."""
    experiment = Experiment.read(written(tmp_path), ["quota_rush"])
    document = experiment.document()
    (tmp_path / "came.csv").unlink()
    again = Experiment.of_document("trial", document)
    assert again.load.waves == WAVES
    assert again.resolved()["load"]["people"] == experiment.people


@pytest.mark.parametrize("rate", ["1/h", "7/h", "0.1/min", "333/min", "0.00001/s"])
def test_a_rate_comes_back_from_the_plan_to_the_last_digit(tmp_path, rate):
    """The dice fall the same way for it: the schedule of a judged run is that of the run."""
    path = written(tmp_path, arrivals=f"arrivals: [{{constant: {rate}, for: 20s}}]\n")
    experiment = Experiment.read(path, ["quota_rush"])
    assert Experiment.of_document("trial", experiment.document()).load.waves == experiment.load.waves


def test_people_named_beside_arrivals_are_refused(tmp_path):
    """`--people` on a file that says when each of them comes is one clear sentence."""
    experiment = Experiment.read(written(tmp_path), ["quota_rush"])
    with pytest.raises(ExperimentError, match="arrivals: found people too, expected one of the two"):
        experiment.changed(people=5)


@pytest.mark.parametrize(("trace", "sentence"), [("gone.csv", "cannot be read"), ("trial.yaml", "line 2: found")])
def test_a_trace_that_cannot_be_used_is_told_at_its_place(tmp_path, trace, sentence):
    """File, line, column, and what is wrong with the trace."""
    path = written(tmp_path, arrivals=f"arrivals: [{{trace: {trace}}}]\n")
    with pytest.raises(ExperimentError, match=rf"trial.yaml:10:22: load.arrivals\[0\].trace: .*{sentence}"):
        Experiment.read(path, ["quota_rush"])


OFFICES = "offices: {batam: 0.5, kupang: 0.3, dumai: 0.2}"


def test_several_offices_share_the_people_and_the_places(tmp_path):
    """Places by daily quota, all of them dealt; people by the shares, each keeping theirs; networks by the office."""
    path = written(tmp_path, office=OFFICES, load="  places: 100\n  profile: of_the_office\n")
    plan = Experiment.read(path, ["quota_rush"]).load_plan_on_paper(tmp_path)
    assert plan.places_of() == {"batam": 72, "kupang": 13, "dumai": 15}
    went = [plan.office_of(person) for person in range(4_000)]
    assert went == [plan.office_of(person) for person in range(4_000)]
    assert went.count("batam") / 4_000 == pytest.approx(0.5, abs=0.04)
    assert went.count("dumai") / 4_000 == pytest.approx(0.2, abs=0.03)
    networks = {(plan.office_of(person), plan.profile_of(person)) for person in range(200)}
    assert networks == {("batam", "kepri_island"), ("kupang", "kupang_4g"), ("dumai", "java_4g")}
    assert plan.shares == pytest.approx({"kepri_island": 0.5, "kupang_4g": 0.3, "java_4g": 0.2})


def test_one_office_decides_the_network_too(tmp_path):
    """`of_the_office` is what that office's people have."""
    path = written(tmp_path, load="  profile: of_the_office\n")
    plan = Experiment.read(path, ["quota_rush"]).load_plan_on_paper(tmp_path)
    assert (plan.profile, plan.profile_of(3), plan.shares) == ("kupang_4g", "kupang_4g", {})


def test_the_default_places_of_several_offices_are_their_quotas(tmp_path):
    """A day of each."""
    experiment = Experiment.read(written(tmp_path, office=OFFICES), ["quota_rush"])
    assert experiment.places == 285 + 50 + 60
