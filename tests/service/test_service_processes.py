"""The two processes as they are started for real: their health, their end, and what they say to bad settings."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mock_mpaspor.__main__ import main
from mock_mpaspor.settings import SettingsError, read_settings

PATIENCE_S = 60.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(condition: Callable[[], bool]) -> None:
    """Poll until the condition holds; fail where it does not in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never held"
        time.sleep(0.02)


def _health(port: int) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def begin(environ: dict[str, str]) -> Iterator[Callable[[str, int], subprocess.Popen[bytes]]]:
    """Starts a process of the service; whatever still runs at the end of the test is killed."""
    with ExitStack() as stack:

        def run(process: str, port: int) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "mock_mpaspor", process, "--port", str(port)]
            started = stack.enter_context(subprocess.Popen(command, env={**os.environ, **environ}))
            stack.callback(started.kill)
            return started

        yield run


@pytest.mark.slow
def test_both_processes_start_at_once_on_a_new_database_and_end_on_sigterm(begin):
    """Neither trips over the other's schema; both exit 0, and the worker of granian is gone with them."""
    ports = _free_port(), _free_port()
    started = [begin("serve", ports[0]), begin("jobs", ports[1])]
    _until(lambda: all(_health(port).get("instance") == "test" for port in ports))
    workers = _children(started[0].pid)
    assert workers
    for process in started:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(PATIENCE_S) for process in started] == [0, 0]
    _until(lambda: not any(_lives(worker) for worker in workers))


@pytest.mark.slow
def test_a_worker_ends_with_a_parent_that_was_killed(begin):
    """Even SIGKILL of the main process leaves nobody on the port."""
    port = _free_port()
    server = begin("serve", port)
    _until(lambda: _health(port).get("instance") == "test")
    workers = _children(server.pid)
    server.kill()
    server.wait(PATIENCE_S)
    assert workers
    _until(lambda: not any(_lives(worker) for worker in workers))


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced(begin):
    """The service outlives the death of its worker."""
    port = _free_port()
    server = begin("serve", port)
    _until(lambda: _health(port).get("instance") == "test")
    (worker,) = _children(server.pid)
    os.kill(worker, signal.SIGKILL)
    _until(lambda: not _lives(worker))
    _until(lambda: _health(port).get("instance") == "test")


def _run(process: str, environ: dict[str, str], port: int = 0) -> tuple[int, str]:
    err = io.StringIO()
    return main([process, "--port", str(port)], environ, err), err.getvalue()


@pytest.mark.parametrize("process", ["serve", "jobs"])
def test_bad_settings_are_told_together_in_one_line(environ, process):
    """Exit 2 and one line that names every variable at fault."""
    del environ["MPASPOR_SECRET"]
    bad = {"MPASPOR_THREADS": "none", "MPASPOR_DEFECTS": "M1,M99", "MPASPOR_PASSWORD_COST": "1000"}
    code, line = _run(process, {**environ, **bad})
    assert code == 2
    assert line.count("\n") == 1
    for name in ("MPASPOR_SECRET", *bad):
        assert name in line
    assert "M1, M2" in line


@pytest.mark.parametrize("process", ["serve", "jobs"])
def test_an_address_in_use_is_refused(environ, process):
    """A port that somebody listens on is not shared: exit 2 and a line that says so."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, line = _run(process, environ, port)
    assert code == 2
    assert f"127.0.0.1:{port}" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MPASPOR_PAYMENT_DEADLINE_S", "0"),
        ("MPASPOR_HOLD_TTL_S", "nan"),
        ("MPASPOR_CODE_PATIENCE_S", "soon"),
        ("MPASPOR_SIMPONI_URL", "simponi:80"),
        ("MPASPOR_DUKCAPIL_URL", ""),
        ("MPASPOR_DOCUMENT_BYTES", "1.5"),
        ("MPASPOR_SECRET", "fifteen letters"),
        ("MPASPOR_CALLBACK_SECRET", "x"),
        ("MPASPOR_AUDIT_TOKEN", "adm"),
        ("MPASPOR_OFFICE_TOKEN", "aud"),
        ("MPASPOR_CALLBACK_SECRET", "a secret of the house"),
    ],
)
def test_a_value_out_of_range_is_refused(environ, name, value):
    """Each variable names itself in the problem."""
    with pytest.raises(SettingsError, match=name):
        read_settings({**environ, name: value})


def test_secrets_do_not_show_when_settings_are_printed(environ):
    """A log line with the settings in it gives nothing away."""
    shown = repr(read_settings(environ))
    assert not any(secret in shown for secret in ("adm", "aud", "a secret of the house"))


class Noting(dict[str, str]):
    """An environment that notes which variables were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def test_the_contract_lists_every_variable_that_is_read(environ):
    """The table of docs/mpaspor-api.md and the settings name the same variables."""
    noting = Noting(environ)
    read_settings(noting)
    contract = (Path(__file__).parents[2] / "docs" / "mpaspor-api.md").read_text()
    assert set(re.findall(r"`(MPASPOR_\w+)`", contract)) == noting.asked
