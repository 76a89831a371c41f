"""A wrong file: one clear sentence for each problem, at its line and column, and all of them together."""

import pytest

from loket.experiment import Experiment, ExperimentError, built_in
from loket.gate.vocabulary import STEPS
from tests.experiment.slips import FILE, SLIPS


@pytest.mark.parametrize(("right", "wrong", "line"), SLIPS)
def test_a_slip_is_told_in_one_sentence_at_its_place(problems, right, wrong, line):
    """File, line, column, field, what was found and what was expected; the nearest name where one is near."""
    assert right in FILE
    found = problems(FILE.replace(right, wrong, 1))
    assert f"trial.yaml:{line}" in found


CARETS = [
    (
        "hold_slt.p95 < 1s",
        [
            f"trial.yaml:9:5: gates[0]: 'hold_slt' is no step; known are {', '.join(STEPS)}, all; "
            "did you mean 'hold_slot'?",
            "    hold_slt.p95 < 1s",
            "    ^",
        ],
    ),
    (
        "'pay.p95[slw] < 1s'",
        [
            "trial.yaml:9:14: gates[0]: 'slw' is no window; known are closed, rush, drain, before, fault, recovery, "
            "slow; did you mean 'slow'?",
            "    pay.p95[slw] < 1s",
            "            ^",
        ],
    ),
    (
        "recovery(simponi) < 1s",
        [
            "trial.yaml:9:14: gates[0]: 'simponi' is no fault; known are slow",
            "    recovery(simponi) < 1s",
            "             ^",
        ],
    ),
    (
        "pay.p95[90s..95s] < 1s",
        [
            "trial.yaml:9:13: gates[0]: the window begins after the run's load has ended (80s)",
            "    pay.p95[90s..95s] < 1s",
            "            ^",
        ],
    ),
]


@pytest.mark.parametrize(("gate", "lines"), CARETS)
def test_a_gate_is_pointed_into_at_the_character_and_at_its_column_of_the_file(problems, gate, lines):
    """The sentence, the gate and a caret below the word that cannot be right, quotation marks or not."""
    assert problems(FILE.replace("hold_slot.p95 < 1s", gate)) == lines


def test_all_problems_are_told_together_in_the_order_of_the_file(problems):
    """One reading finds slips of single fields, of the whole and of the gates; one slip does not hide another."""
    text = FILE.replace("office: kupang", "office: kupan").replace("people: 2000", "people: 0")
    text = text.replace("for: 20s", "for: 80s").replace("quota_rush", "rush").replace("1s\n", "1\n")
    found = [line for line in problems(text) if line.startswith("trial.yaml")]
    assert [line.split(": ")[0].split(":", 1)[1] for line in found] == ["2:11", "4:9", "5:16", "9:22"]
    also_the_fault = problems(text.replace("people: 0", "people: 1"))
    assert any("faults[0]: found second 22 to 102" in line for line in also_the_fault)


def test_a_name_that_is_neither_built_in_nor_a_file_is_told_with_the_nearest():
    """Mistyped names are met with what there is."""
    with pytest.raises(ExperimentError) as caught:
        Experiment.read("quota_rsh")
    assert str(caught.value) == (
        "quota_rsh: found no such experiment, expected a YAML file or a built-in experiment "
        f"({', '.join(built_in())}); did you mean 'quota_rush'?"
    )


UNREADABLE = [
    (b"", "cannot be read: expected fields such as 'title: \u2026', found nothing"),
    (b"- a\n- b\n", "cannot be read: expected fields such as 'title: \u2026', found something else"),
    (b"title: \xff", "cannot be read: byte 7 is not UTF-8"),
    (b"title: \x00", "cannot be read: it holds a character that YAML does not allow"),
    (b"title: " + b"[" * 700 + b"]" * 700, "cannot be read: it is nested too deeply"),
]


@pytest.mark.parametrize(("content", "sentence"), UNREADABLE)
def test_a_file_that_is_no_experiment_at_all_is_one_sentence(tmp_path, content, sentence):
    """Empty, a list, not text, or meant to break the reader: never a traceback."""
    path = tmp_path / "trial.yaml"
    path.write_bytes(content)
    with pytest.raises(ExperimentError) as caught:
        Experiment.read(path)
    assert str(caught.value) == f"{path}: {sentence}"


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path):
    """What the system says about the file is passed on."""
    for path in (tmp_path / "none.yaml", tmp_path / "folder.yaml"):
        if path.stem == "folder":
            path.mkdir()
        with pytest.raises(ExperimentError, match=r"cannot be read: (no such file|is a) "):
            Experiment.read(path)
