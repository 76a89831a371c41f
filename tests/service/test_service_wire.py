"""The service as a process, spoken to over a bare socket: what is no HTTP is refused, and the next person is served."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mock_mpaspor.web.headers import SECURITY_HEADERS
from tests.service.premises import environment

PATIENCE_S = 60.0
HEAD = b"Host: mpaspor\r\nConnection: close\r\n"
RUBBISH = {
    "a NUL in a header": b"GET /healthz HTTP/1.1\r\n" + HEAD + b"X-A: a\0b\r\n\r\n",
    "half a line break in a header": b"GET /healthz HTTP/1.1\r\n" + HEAD + b"X-A: a\rb\r\n\r\n",
    "a header without end": b"GET /healthz HTTP/1.1\r\n" + HEAD + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "too many headers": b"GET /healthz HTTP/1.1\r\n" + HEAD + b"X-A: a\r\n" * 3_000 + b"\r\n",
    "a path without end": b"GET /v1/applications/" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "two lengths": b"POST /v1/sessions HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a length below nothing": b"POST /v1/sessions HTTP/1.1\r\n" + HEAD + b"Content-Length: -5\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a body past every limit": b"POST /v1/sessions HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 99999\r\n\r\n"
    + b" " * 99_999,
}
HEALTHY = b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n"


def _say(port: int, words: bytes) -> bytes:
    """Everything that the service answers to these bytes, up to its end of the conversation."""
    heard = b""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)) as line:
        try:
            line.sendall(words)
            while piece := line.recv(65_536):
                heard += piece
        except ConnectionError:
            # It may hang up before it has heard everything.
            pass
    return heard


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where a real process of the service listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen = int(probe.getsockname()[1])
    environ = {**os.environ, **environment(f"sqlite:///{tmp_path / 'mpaspor.db'}")}
    command = [sys.executable, "-m", "mock_mpaspor", "serve", "--port", str(chosen)]
    with subprocess.Popen(command, env=environ) as process:
        try:
            _until_it_listens(chosen)
            yield chosen
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _until_it_listens(port: int) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline_s, "the service never listened"
            time.sleep(0.02)
        else:
            return


@pytest.mark.slow
def test_what_is_no_http_does_not_reach_the_service(port):
    """Each is refused with a 4xx or hung up on; the next healthy request is served, guarded like any answer."""
    hung_up = []
    for name, words in RUBBISH.items():
        heard = _say(port, words)
        if heard:
            assert re.match(rb"HTTP/1\.1 4\d\d ", heard), (name, heard[:200])
        else:
            hung_up.append(name)
        healthy = _say(port, HEALTHY)
        assert healthy.startswith(b"HTTP/1.1 200 "), name
    assert len(hung_up) < len(RUBBISH) // 2
    for header, value in SECURITY_HEADERS:
        assert f"{header.lower()}: {value}\r\n".encode() in healthy
    assert not re.search(rb"granian/|werkzeug|python", healthy, re.IGNORECASE)
