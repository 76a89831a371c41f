"""What the command line refuses: one clear sentence, code 2, nothing started, nothing left behind."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """\
title: A dozen people come for six places
scenario: quota_rush
seed: 7
office: belakang_padang
load: {people: 12, places: 6, opens_at: 3s, rush: 4s, patience: 6s}
faults:
  - {name: slow, link: edge, at: opens, for: 1s, latency: {ms: 50}}
gates:
  - hold_slot.p95 < 1s
"""


def loket(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    command = [sys.executable, "-m", "loket", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("title:", "title: [", "broken.yaml:2"),
        ("seed: 7", "sede: 7", "did you mean 'seed'?"),
        ("link: edge", "link: egde", "did you mean edge?"),
        ("belakang_padang", "belakang", "expected an office"),
        ("hold_slot.p95", "hold_slto.p95", "did you mean"),
        ("scenario: quota_rush", "scenario: quota_rsh", "did you mean"),
    ],
)
def test_a_malformed_experiment_is_refused_before_anything_starts(
    before: str, after: str, sentence: str, tmp_path: Path
) -> None:
    """The sentence names the place and what was meant; no run directory, no traceback."""
    path = tmp_path / "broken.yaml"
    path.write_text(RIGHT.replace(before, after))
    refused = loket("run", str(path), "--runs", str(tmp_path / "runs"))
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["broken.yaml"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:1", "no fault engine answers at http://127.0.0.1:1: connection refused"),
        ("http://10.0.0.1:8474", "expected an address of this machine"),
        ("nonsense", "expected an address of this machine"),
        ("https://127.0.0.1:8474", "expected the fault engine's address as http://host:port"),
        ("http://127.0.0.1", "expected the fault engine's address as http://host:port"),
    ],
)
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_toxiproxy_that_cannot_be_used_is_refused(url: str, sentence: str, dry: list[str], tmp_path: Path) -> None:
    """The flag and what was found are named; nothing is started, in earnest or on paper."""
    refused = loket("run", "quota_rush", "--toxiproxy-url", url, "--runs", str(tmp_path / "runs"), *dry)
    assert refused.returncode == 2
    assert refused.stderr.startswith("loket: --toxiproxy-url: ")
    assert sentence in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_tells_what_would_happen_when_and_to_which_link(tmp_path: Path) -> None:
    """Who comes, the phases, each fault with its link, what is judged; nothing is started and nothing written."""
    path = tmp_path / "right.yaml"
    path.write_text(RIGHT)
    told = loket("run", str(path), "--people", "30", "--dry-run", "--runs", str(tmp_path / "runs"))
    assert told.returncode == 0
    assert told.stderr == ""
    for line in (
        "A dozen people come for six places  (seed 7)",
        "  30 people for 6 places at belakang_padang, as quota_rush says",
        "    3.0 s  the quota opens, and the rush begins",
        "    3.0 s  slow begins on link edge: M-Paspor answers 50 ms later",
        "    4.0 s  slow ends",
        "  hold_slot.p95 < 1s",
        "  invariant 1, no overbooking",
    ):
        assert line in told.stdout.splitlines()
    assert [found.name for found in tmp_path.iterdir()] == ["right.yaml"]


def test_an_experiment_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A mistyped name is answered with the nearest one."""
    refused = loket("run", "quota_rsuh", "--runs", str(tmp_path / "runs"))
    assert refused.returncode == 2
    assert "quota_rush" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """Where the folder of runs cannot be made, the sentence names it."""
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "right.yaml").write_text(RIGHT)
    refused = loket("run", str(tmp_path / "right.yaml"), "--runs", str(tmp_path / "file" / "runs"))
    assert refused.returncode == 2
    assert "a run cannot be written there (Not a directory)" in refused.stderr
    assert "MiB" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_up_on_a_taken_port_is_refused() -> None:
    """The sentence names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = loket("up", "--port", str(port))
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"loket: port {port} of this machine is taken")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_a_directory_that_is_no_run_is_refused(content: str | None, tmp_path: Path) -> None:
    """Judging what is not a run says so in one sentence and writes nothing."""
    if content is not None:
        (tmp_path / "plan.json").write_text(content)
    refused = loket("judge", str(tmp_path))
    assert refused.returncode == 2
    assert f"{tmp_path} is not the directory of a run" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert len(list(tmp_path.iterdir())) == (content is not None)


def test_an_unknown_verb_is_refused() -> None:
    """click's own refusals come with code 2 as well."""
    refused = loket("rnu")
    assert refused.returncode == 2
    assert "No such command" in refused.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["run", "quota_rush", "--remote-workers", "2", "--bind", "here"], "--bind: found 'here', expected ADDRESS"),
        (["run", "quota_rush", "--remote-workers", "2", "--bind", "192.0.2.1"], "expected an address of this machine"),
        (["run", "quota_rush", "--remote-workers", "2", "--bind", "0.0.0.0"], "the one address that the workers"),
        (["run", "quota_rush", "--bind", "127.0.0.1"], "--bind: expected --remote-workers N beside it"),
        (["run", "quota_rush", "--remote-workers", "2", "--workers", "2"], "found --workers beside it"),
        (["worker", "--master", "127.0.0.1:0"], "--master: found '127.0.0.1:0', expected HOST or HOST:PORT"),
        (["worker", "--master", ":5557"], "--master: found ':5557', expected HOST or HOST:PORT"),
        (["worker", "--master", "nowhere.invalid"], "--master: no host is known as 'nowhere.invalid'"),
    ],
)
def test_an_address_that_other_hosts_or_their_run_cannot_have_is_refused(options: list[str], sentence: str) -> None:
    """One line, before anything is started."""
    refused = loket(*options)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert [line.partition(":")[0] for line in refused.stderr.splitlines()] == ["loket"]


def test_a_run_of_other_hosts_is_told_on_paper() -> None:
    """A dry run says where the workers come."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    told = loket("run", "quota_rush", "--remote-workers", "3", "--bind", f"127.0.0.1:{port}", "--dry-run")
    assert told.returncode == 0
    assert f"from 3 that come to 127.0.0.1:{port}" in told.stdout
