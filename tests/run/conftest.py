"""A tiny experiment, the `loket` command as a process, and questions about what it left behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 90.0
TINY = """\
title: A dozen people come for six places
scenario: quota_rush
seed: 7
office: belakang_padang
load: {people: 12, places: 6, opens_at: 3s, rush: 4s, drain: 6s, patience: 6s, workers: WORKERS}
service: {payment_deadline: 4s, hold_ttl: 3s, code_patience: 6s, quiesce: 12s, dukcapil: {median: 5ms}}
faults:
  - {name: slow, link: edge, at: opens, for: 9s, latency: {ms: 50}}
"""


def until(holds: Callable[[], object], what: str) -> None:
    """Return once `holds()`; fails, naming what was waited for, when it does not."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"never came about: {what}"
        time.sleep(0.02)


def processes(marker: str) -> dict[int, str]:
    """Living processes (not zombies) whose command line or environment has the marker, by their id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes()
                if marker.encode() in command + (folder / "environ").read_bytes():
                    found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


@dataclass
class Run:
    """`loket run` as a process; each carries a marker in its environment that all its processes inherit."""

    process: subprocess.Popen[bytes]
    runs: Path
    marker: str
    out: Path
    err: Path

    @property
    def root(self) -> Path:
        """The run's directory, once it is there."""
        until(lambda: any(self.runs.glob("2*")), "the run's directory")
        return next(self.runs.glob("2*"))

    @property
    def said(self) -> str:
        return self.err.read_text()

    @property
    def verdict(self) -> dict[str, object]:
        return dict(json.loads((self.root / "verdict.json").read_text()))

    def await_words(self, words: str) -> None:
        """Wait until the run has said so."""
        until(lambda: words in self.said or self.process.poll() is not None, f"{words!r} in {self.said!r}")
        assert words in self.said, self.said

    def await_fault(self) -> None:
        """Wait until the fault is confirmed by the network."""
        until(lambda: self.timeline("confirmed"), "the fault")

    def await_row(self, name: str, words: str) -> None:
        """Wait until the file of the run's directory has these words."""
        path = self.root / name
        until(lambda: path.exists() and words in path.read_text(), f"{words} in {name}")

    def timeline(self, kind: str) -> bool:
        log = self.root / "faults.ndjson"
        return log.exists() and f'"type":"{kind}"' in log.read_text() and '"source":"timeline"' in log.read_text()

    def pid_of(self, words: str) -> int:
        """The process whose command line has these words and that no other process of them is the parent of."""
        found = {pid for pid, command in processes(self.marker).items() if words in command}
        assert found, (words, processes(self.marker))
        return min(found)

    def end(self) -> int:
        """Wait for the end; the exit code. No process may be left."""
        code = self.process.wait(DEADLINE_S)
        until(lambda: not processes(self.marker), f"the end of {processes(self.marker)}")
        assert "Traceback" not in self.said, self.said
        return code

    def assert_whole(self) -> None:
        """Every document of the directory is there and can be read."""
        for name in ("plan.json", "facts.json", "verdict.json"):
            json.loads((self.root / name).read_text())
        ET.parse(self.root / "junit.xml")
        assert "</html>" in (self.root / "report.html").read_text()
        assert str(self.verdict["verdict"]).upper() in (self.root / "summary.md").read_text()
        assert not [path for path in self.root.iterdir() if path.name.startswith(".")]

    def reasons(self) -> str:
        """Why the run is not trusted, one reason a line."""
        return "\n".join(doubt["reason"] for doubt in self.verdict.get("doubts", []))  # type: ignore[union-attr]


Start = Callable[..., Run]


@pytest.fixture(autouse=True)
def own_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' runs keep out of the way of a rehearsal on the same machine."""
    monkeypatch.setenv("LOKET_LOCK", str(tmp_path / "lock"))


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny experiment; the text may be changed on the way."""

    def write(text: str = TINY, workers: int = 1) -> Path:
        path = tmp_path / "tiny.yaml"
        path.write_text(text.replace("WORKERS", str(workers)))
        return path

    return write


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `loket run`; whatever is left of it at the end of the test is killed."""
    started: list[Run] = []

    def start(
        experiment: Path,
        *options: str,
        runs: Path | None = None,
        environ: dict[str, str] | None = None,
        most_files: int | None = None,
    ) -> Run:
        limit = [] if most_files is None else ["prlimit", f"--nofile={most_files}"]
        marker = f"LOKET_TEST_RUN={tmp_path.name}-{os.getpid()}-{len(started)}"
        name, _, value = marker.partition("=")
        out, err = tmp_path / f"out-{len(started)}", tmp_path / f"err-{len(started)}"
        runs = runs or tmp_path / f"runs-{len(started)}"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [*limit, sys.executable, "-m", "loket", "run", str(experiment), "--runs", str(runs), *options],
                env={**os.environ, **(environ or {}), "PYTHONPATH": str(ROOT), name: value},
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        started.append(Run(process, runs, marker, out, err))
        return started[-1]

    yield start
    for run in started:
        for pid in processes(run.marker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait()


@pytest.fixture
def judge() -> Callable[[Path], tuple[int, str]]:
    """`loket judge` on a directory: its exit code and all that it said."""

    def judge(root: Path) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "loket", "judge", str(root)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    return judge


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listened a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
