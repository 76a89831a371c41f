"""The engine as a process: how it starts, what it logs, how it ends, and what cannot bring it down."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.engine.decision_log import DecisionLog, Happening
from loket.records import FaultEntry, read_rows

ROOT = Path(__file__).resolve().parents[2]


def run(*flags):
    """The engine with flags that end it at once."""
    command = [sys.executable, "-m", "chaos.engine", *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_a_taken_port_is_one_sentence_and_status_2():
    """No traceback, no ready line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert (
        ended.stderr == f"The fault engine cannot start: listen tcp 127.0.0.1:{port}: bind: address already in use.\n"
    )


@pytest.mark.parametrize("dash", ["-", "--"])
def test_a_config_file_of_toxiproxys_makes_its_proxies(tmp_path, start_engine, upstream, connect, dash):
    """They carry traffic from the first moment; one that is not enabled waits. One dash or two, as Go's flags."""
    config = tmp_path / "toxiproxy.json"
    there = upstream().address
    made = [
        {"name": "a", "listen": "127.0.0.1:0", "upstream": there},
        {"name": "b", "listen": "127.0.0.1:0", "upstream": there, "enabled": False},
    ]
    config.write_text(json.dumps(made))
    engine = start_engine(f"{dash}config", str(config), f"{dash}seed=7", f"{dash}proxy-metrics")
    proxies = engine.get("/proxies")
    assert {name: proxy["enabled"] for name, proxy in proxies.items()} == {"a": True, "b": False}
    host, port = proxies["a"]["listen"].split(":")
    client = connect((host, int(port)))
    client.sendall(b"hello")
    assert client.recv(5) == b"hello"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        ("[{bad", "bad request body: "),
        ('{"name": "a"}', "bad request body: expected a list of proxies"),
        ('[{"name": "a", "listen": "127.0.0.1:0"}]', "missing required field: upstream at proxy 1"),
        ('[{"name": "a", "listen": "nowhere", "upstream": "127.0.0.1:1"}]', "missing port in address"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_one_sentence(tmp_path, content, reason):
    """Nothing listens that would be half a network: status 2, and the file and what is wrong with it are named."""
    config = tmp_path / "toxiproxy.json"
    if content is not None:
        config.write_text(content)
    ended = run("--port", "0", "--config", str(config))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("The fault engine cannot start: the ")
    assert str(config) in ended.stderr
    assert reason in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "flags", [["--port", "65536"], ["--port", "x"], ["-proxy-metrics=maybe"], ["--nonsense"], ["--se", "1"]]
)
def test_a_wrong_flag_is_status_2_and_named(flags):
    """No traceback, and nothing is started."""
    ended = run(*flags)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert flags[0].partition("=")[0].lstrip("-") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_series_of_toxiproxy_are_there_where_they_are_asked_for(start_engine, upstream, connect):
    """Bytes by proxy and direction, received and sent, and what the process takes; without the flags neither."""
    engine = start_engine("-proxy-metrics", "-runtime-metrics=true")
    address = upstream().address
    client = connect(engine.proxy(address, "simponi"))
    client.sendall(b"hello")
    assert client.recv(5) == b"hello"
    listen = engine.get("/proxies/simponi")["listen"]
    shown = engine.call("GET", "/metrics")[1]
    for name in ("received", "sent"):
        for direction in ("upstream", "downstream"):
            labels = f'direction="{direction}",listener="{listen}",proxy="simponi",upstream="{address}"'
            assert f"toxiproxy_proxy_{name}_bytes_total{{{labels}}} 5\n" in shown
    assert "\nprocess_resident_memory_bytes " in shown
    plain = start_engine().call("GET", "/metrics")[1]
    assert "loket_engine_" in plain
    assert "toxiproxy_" not in plain
    assert "process_" not in plain


def test_the_verb_is_the_engine(tmp_path):
    """`loket engine` takes the same flags and ends in the same way."""
    command = [sys.executable, "-m", "loket", "engine", "-port", "0", "-config", str(tmp_path / "none.json")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr.startswith("The fault engine cannot start: the file ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_with_connections_open(start_engine, upstream, connect, number):
    """Everything is closed and the status is 0."""
    engine = start_engine()
    client = connect(engine.proxy(upstream().address))
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    engine.process.send_signal(number)
    assert engine.process.wait(20) == 0
    assert client.recv(1) == b""


def test_the_decision_log_says_what_touched_whom(start_engine, upstream, connect, tmp_path):
    """Its lines are fault entries of a run, in the order things happened."""
    log = tmp_path / "faults.ndjson"
    engine = start_engine("--decision-log", str(log))
    client = connect(engine.proxy(upstream().address, "simponi"))
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    engine.toxic("reset_peer", "simponi", name="simponi_gone")
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    engine.call("DELETE", "/proxies/simponi/toxics/simponi_gone")
    assert engine.stop() == 0
    rows = list(read_rows(log, FaultEntry))
    assert [(row.type, row.toxic, row.connection) for row in rows] == [
        ("proxy_enabled", None, None),
        ("connection_opened", None, 1),
        ("toxic_added", "simponi_gone", None),
        ("decision", "simponi_gone", 1),
        ("reset", "simponi_gone", 1),
        ("connection_closed", "simponi_gone", 1),
        ("toxic_removed", "simponi_gone", None),
        ("proxy_disabled", None, None),
    ]
    assert {(row.source, row.link) for row in rows} == {("engine", "simponi")}
    assert [row.mono_ns for row in rows] == sorted(row.mono_ns for row in rows)


def test_a_full_disk_costs_lines_and_nothing_else(start_engine, upstream, connect, until):
    """Traffic goes on, and the lines lost are counted."""
    engine = start_engine("--decision-log", "/dev/full")
    client = connect(engine.proxy(upstream().address))
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    until(lambda: engine.metric("log_lines_lost_total") >= 2, "lost lines in the metrics")
    client.sendall(b"y")
    assert client.recv(1) == b"y"


def test_the_log_keeps_whole_lines_and_bounded_memory(tmp_path, monkeypatch):
    """Beyond the limit of waiting lines the newest are lost, and counted; what is written is whole."""
    monkeypatch.setattr(DecisionLog, "LIMIT_LINES", 10)
    log = DecisionLog(tmp_path / "log")
    for number in range(25):
        log.write(Happening.DECISION, connection=number)
    log.close()
    rows = list(read_rows(tmp_path / "log", FaultEntry))
    assert [row.connection for row in rows] == list(range(len(rows)))
    assert len(rows) + log.lost == 25
    assert log.lost > 0


def test_a_half_written_line_is_taken_back(tmp_path, monkeypatch):
    """A disk that fills in the middle of a line leaves a file of whole lines."""
    write = os.write
    calls = iter([40, None])

    def short_write(file, data):
        size = next(calls)
        if size is None:
            raise OSError("full")
        return write(file, data[:size])

    log = DecisionLog(tmp_path / "log")
    monkeypatch.setattr("chaos.engine.decision_log.os.write", short_write)
    log.write(Happening.DECISION, detail="applies")
    log.close()
    assert (tmp_path / "log").read_bytes() == b""
    assert log.lost == 1


def test_half_a_line_before_somebody_elses_is_left_where_it_is(tmp_path, monkeypatch):
    """The file has other writers: what they appended after the half line is never cut off."""
    path, write, calls = tmp_path / "log", os.write, iter([40, None])

    def short_write(file, data):
        if (size := next(calls)) is not None:
            return write(file, data[:size])
        with path.open("ab") as other:
            other.write(b"another's line\n")
        raise OSError("full")

    log = DecisionLog(path)
    monkeypatch.setattr("chaos.engine.decision_log.os.write", short_write)
    log.write(Happening.DECISION, detail="applies")
    log.close()
    assert path.read_bytes().endswith(b"another's line\n")
    assert log.lost == 1


def test_a_proxy_that_moves_is_logged_as_leaving_its_old_address(start_engine, tmp_path):
    """Every address listened on has its beginning and its end in the log."""
    log = tmp_path / "faults.ndjson"
    engine = start_engine("--decision-log", str(log))
    engine.proxy("127.0.0.1:1")
    former = engine.get("/proxies/link")["listen"]
    engine.call("PATCH", "/proxies/link", {"listen": "127.0.0.1:0"})
    later = engine.get("/proxies/link")["listen"]
    assert engine.stop() == 0
    assert [(row.type, row.detail) for row in read_rows(log, FaultEntry)] == [
        ("proxy_enabled", former),
        ("proxy_enabled", later),
        ("proxy_disabled", former),
        ("proxy_disabled", later),
    ]
