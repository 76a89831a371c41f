"""The service as a process, spoken to over a bare socket: what is no HTTP is refused, and the next person is served."""

import os
import re
import select
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from mock_mpaspor.domain.states import State
from mock_mpaspor.web.headers import SECURITY_HEADERS
from tests.outages.crowd import until
from tests.outages.far_app import FarApp
from tests.service.house import Service
from tests.service.person import Person
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
CUT = b"{}" + b" " * 65_534
HEALTHY = b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n"


SENT_IN_PIECES = b"POST /v1/sessions HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# A body whose rest never comes.
HALF = b"POST /v1/sessions HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\n{"
THREADS = 4
CALLBACK = b"POST /v1/callbacks/simponi HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}"


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
    environ = {**os.environ, **environment(f"sqlite:///{tmp_path / 'mpaspor.db'}"), "MPASPOR_THREADS": str(THREADS)}
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


@pytest.mark.slow
def test_a_body_of_untold_length_is_refused_and_not_cut(port):
    """What comes after the limit is not dropped in silence: 413, though the part before it could be read."""
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (CUT, b"more"))
    heard = _say(port, SENT_IN_PIECES + pieces + b"0\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 413 ")
    whole = _say(port, SENT_IN_PIECES + b"%x\r\n%s\r\n0\r\n\r\n" % (len(CUT), CUT))
    assert whole.startswith(b"HTTP/1.1 422 ")


@pytest.mark.slow
def test_people_whose_bodies_never_come_hold_a_quarter_of_the_threads_at_most(port):
    """Those beyond are refused early, and whoever needs no body is served."""
    with ExitStack() as lines:
        slow = [lines.enter_context(_half_said(port)) for _ in range(3 * THREADS)]
        assert _say(port, HEALTHY).startswith(b"HTTP/1.1 200 ")
        told = [line.recv(65_536)[:13] for line in _heard_from(slow, len(slow) - THREADS // 4)]
        assert b"HTTP/1.1 503 " in set(told) <= {b"HTTP/1.1 429 ", b"HTTP/1.1 503 "}
        assert _say(port, HEALTHY).startswith(b"HTTP/1.1 200 ")


@pytest.mark.slow
def test_people_whose_bodies_never_come_keep_no_callback_out(port):
    """SIMPONI's own place is free: a callback is read, and refused for its signature alone."""
    with ExitStack() as lines:
        slow = [lines.enter_context(_half_said(port)) for _ in range(3 * THREADS)]
        _heard_from(slow, len(slow) - THREADS // 4)
        assert _say(port, callback(b"{}")).startswith(b"HTTP/1.1 401 ")


@pytest.mark.slow
def test_callbacks_that_never_come_hold_no_place_unless_they_might_be_simponis(port):
    """Half-sent ones of strangers are refused at their head; one that looks like SIMPONI's holds only SIMPONI's."""
    with ExitStack() as lines:
        strange = CALLBACK.replace(b"Content-Length: 2", b"Content-Length: 100")
        slow = [lines.enter_context(_half_said(port, strange)) for _ in range(3 * THREADS)]
        told = [line.recv(65_536)[:13] for line in _heard_from(slow, len(slow))]
        assert set(told) <= {b"HTTP/1.1 401 ", b"HTTP/1.1 429 "}
        assert _say(port, callback(b"{}")).startswith(b"HTTP/1.1 401 ")


@pytest.mark.slow
def test_bodies_of_every_sort_that_never_come_leave_a_thread_to_whoever_sends_none(port, tmp_path):
    """The places of all sorts together are fewer than the threads."""
    app = FarApp(f"http://127.0.0.1:{port}")
    people = Service(app, None, None, None, None, None, None, [])
    sorts = [HALF, _half_document(people.person(), tmp_path), callback(b"{", 100)]
    with ExitStack() as lines:
        slow = [lines.enter_context(_half_said(port, half)) for half in sorts for _ in range(THREADS)]
        _heard_from(slow, len(slow) - (THREADS - 1))
        assert _say(port, HEALTHY).startswith(b"HTTP/1.1 200 ")
    app.close()


@pytest.mark.slow
def test_documents_that_never_come_leave_threads_to_the_others(port, tmp_path):
    """Whoever else sends one is told so, and a small body is read."""
    app = FarApp(f"http://127.0.0.1:{port}")
    people = Service(app, None, None, None, None, None, None, [])
    half = _half_document(people.person(), tmp_path)
    with ExitStack() as lines:
        slow = [lines.enter_context(_half_said(port, half)) for _ in range(3 * THREADS)]
        told = [line.recv(65_536)[:13] for line in _heard_from(slow, len(slow) - 1)]
        assert b"HTTP/1.1 503 " in set(told) <= {b"HTTP/1.1 429 ", b"HTTP/1.1 503 "}
        assert _say(port, HEALTHY).startswith(b"HTTP/1.1 200 ")
        until(lambda: people.log_in("warga1@contoh.example").status_code == 201)
    app.close()


def callback(body: bytes, length: int | None = None) -> bytes:
    """What looks like SIMPONI's word, until its signature is compared."""
    head = f"X-Simponi-Timestamp: {int(time.time())}\r\nX-Simponi-Signature: {'0' * 64}\r\n".encode()
    told = f"Content-Length: {len(body) if length is None else length}\r\n\r\n".encode()
    return b"POST /v1/callbacks/simponi HTTP/1.1\r\n" + HEAD + head + told + body


def _half_document(person: Person, folder: Path) -> bytes:
    """The start of a picture that is due; no civil registry is here to say so."""
    application = person.apply()
    with closing(sqlite3.connect(folder / "mpaspor.db")) as database, database:
        database.execute("UPDATE applications SET state = ?", [State.NIK_VERIFIED])
    head = f"POST /v1/applications/{application}/documents?kind=kk HTTP/1.1\r\nAuthorization: Bearer {person.token}\r\n"
    return head.encode() + HEAD + b"Content-Type: image/jpeg\r\nContent-Length: 100\r\n\r\n\xff"


def _half_said(port: int, half: bytes = HALF) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    line.sendall(half)
    return line


def _heard_from(lines: list[socket.socket], number: int) -> list[socket.socket]:
    """So many of these lines, all of which have something to say."""
    heard: list[socket.socket] = []
    while len(heard) < number:
        ready, _, _ = select.select([line for line in lines if line not in heard], [], [], PATIENCE_S)
        assert ready, f"{len(heard)} of {number} were answered"
        heard += ready
    return heard
