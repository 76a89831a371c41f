"""What the documents promise is what the code does."""

import re
from pathlib import Path

import pytest

from loket.cli import VERBS
from loket.experiment import built_in
from loket.run_directory import RunDirectory
from loket.verdict import EXIT_CODES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def required(name: str) -> set[str]:
    """Distribution names that a requirements file asks for."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[<>=;!\[ ]", line)[0].lower() for line in lines if line and line[0] not in "#-"}


def test_the_readme_is_short_enough_to_be_read() -> None:
    """At most two hundred lines; long matter lives in docs/."""
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("page", sorted(path.name for path in ROOT.glob("*.md")))
def test_no_page_waits_to_be_filled_in(page: str) -> None:
    """A placeholder that was meant to be replaced was."""
    assert not re.search(r"@[A-Z]+@|TODO|FIXME|TBD", (ROOT / page).read_text(encoding="utf-8"))


def test_the_readme_names_every_exit_code_as_it_is() -> None:
    """The table of verdicts agrees with the code."""
    told = {word: int(code) for code, word in re.findall(r"^\| (\d+) \| (\w+) \|", README, flags=re.M)}
    assert told == {str(word): code for word, code in EXIT_CODES.items()}


def test_every_command_of_the_readme_exists() -> None:
    """Verbs and experiments that the README tells people to type are there."""
    typed = re.findall(r"^\./loketw (\w+) ?([\w/…-]*)", README, flags=re.M)
    assert {verb for verb, _ in typed} <= set(VERBS)
    assert {name for verb, name in typed if verb == "run"} <= set(built_in())


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    """A newcomer follows them."""
    assert (ROOT / link).exists()


def test_every_dependency_has_its_reason() -> None:
    """What a run installs is explained, and nothing else is."""
    rows = re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), flags=re.M)
    assert set(rows) - {"library"} == required("requirements.in")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_locks_carry_hashes_and_no_host(lock: str) -> None:
    """Every pinned distribution has a hash, and no line says where one machine got it from."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9._-]+)==[^\\]*\\\n    --hash=sha256:", text, flags=re.M | re.I)
    assert len(pinned) == len(re.findall(r"^[a-z0-9._-]+==", text, flags=re.M | re.I)) > 50
    assert "://" not in text


def test_the_locks_agree() -> None:
    """What a run uses is what was tested."""
    pins = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+?)(?: ;.*)? \\$", (ROOT / lock).read_text(encoding="utf-8"), flags=re.M))
        for lock in ("requirements.lock", "requirements-test.lock")
    ]
    assert pins[0].items() <= pins[1].items()


def test_the_run_directory_is_documented_file_by_file(tmp_path: Path) -> None:
    """Every path that RunDirectory names stands in docs/run-directory.md."""
    documented = (ROOT / "docs/run-directory.md").read_text(encoding="utf-8")
    run = RunDirectory(tmp_path)
    properties = [name for name, value in vars(RunDirectory).items() if isinstance(value, property)]
    paths = [getattr(run, name) for name in properties]
    assert [path.name for path in paths if f"`{path.name}" not in documented] == []


@pytest.mark.parametrize("page", ["security.md", "outages.md", "requirements.md"])
def test_every_row_of_a_page_names_tests_that_exist(page: str) -> None:
    """Doors, outages, requirements: what a row promises is seen by a test."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    told = [set(re.findall(r"`(test_\w+)`", line)) for line in lines if re.match(r"\| (?!-)", line)][1:]
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(told) > 10
    assert all(told)
    assert [name for name in sorted(set().union(*told)) if f"def {name}(" not in written] == []


def test_every_row_of_the_studies_has_its_stories() -> None:
    """Tests named for a row of the requirements stand in that row."""
    text = (ROOT / "docs/requirements.md").read_text(encoding="utf-8")
    stories = (ROOT / "tests/service/test_requirements.py").read_text(encoding="utf-8")
    for row, name in re.findall(r"^def (?=test_row_(\d+)_)(test_\w+)\(", stories, flags=re.M):
        assert re.search(rf"^\| {row} \|.*`{name}`", text, flags=re.M), name


def test_every_outage_that_is_tried_is_told() -> None:
    """No test of an outage stands outside the page."""
    text = (ROOT / "docs/outages.md").read_text(encoding="utf-8")
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/outages").glob("test_*.py"))
    names = re.findall(r"^def (test_\w+)\(", written, flags=re.M)
    assert len(names) >= 15
    assert [name for name in names if f"`{name}`" not in text] == []
