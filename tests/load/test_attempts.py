"""Attempts against servers that misbehave: what is journalled, and that nothing is ever sent twice."""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from loket.records import OperationType
from loket.run_directory import RunDirectory
from tests.load.long_body import LONG_BODY

PROGRAM = Path(__file__).parent / "attempt_program.py"
ROOT = PROGRAM.parents[2]
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
ERROR = b'{"error": {"code": "sold_out", "message": "m", "definite": true}}'


def request_of(connection):
    """The next whole request on the connection; empty when the other side has closed it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Server:
    """Accepts connections one after the other, does to each what `treat` says, and remembers the requests."""

    def __init__(self, treat):
        self.requests = []
        self.connections = 0
        self._treat = treat
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            with connection:
                self.connections += 1
                if self._treat is None or not self._talk(connection):
                    return

    def _talk(self, connection):
        while request := request_of(connection):
            if request.startswith(b"STOP"):
                return False
            self.requests.append(request)
            if self._treat(connection, request) == "close":
                break
        return True

    def close(self):
        with socket.create_connection(self._listener.getsockname()) as last:
            last.sendall(b"STOP\r\n\r\n")
            self._thread.join()
        self._listener.close()


@pytest.fixture
def serve():
    """Starts servers that end with the test."""
    servers = []

    def start(treat):
        servers.append(Server(treat))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def attempt(tmp_path):
    """Sends attempts from a process of their own; gives the answers, the journal and the ledger."""

    def attempt(url, method="POST", kind="write", count=1, connect_s=5.0, total_s=5.0, oddities=()):
        arguments = [url, method, kind, str(count), str(connect_s), str(total_s), str(tmp_path / "run")]
        arguments += oddities
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60,
            env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        *answers, ledger = [json.loads(line) for line in done.stdout.splitlines()]
        return answers, list(RunDirectory(tmp_path / "run").operations("w0")), ledger

    return attempt


def reply(*parts):
    """A treatment that answers with the bytes given and keeps the connection."""

    def treat(connection, request):
        for part in parts:
            connection.sendall(part)

    return treat


def answer_and_close(connection, request):
    connection.sendall(WHOLE)
    return "close"


def cut(connection, request):
    connection.sendall(WHOLE[:-1])
    return "close"


def hang_up(connection, request):
    return "close"


def reset(connection, request):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "close"


def fill_queue(stack, address):
    """One more connection to a listener that accepts none; whether it came through."""
    knocking = stack.enter_context(socket.socket())
    knocking.settimeout(0.2)
    try:
        knocking.connect(address)
    except TimeoutError:
        return False
    return True


def garbage(connection, request):
    connection.sendall(b"hello, who is there?\r\n\r\n")
    return "close"


def silence(connection, request):
    connection.recv(1)  # until the other side gives up
    return "close"


def status(code, body=b"{}"):
    return reply(f"HTTP/1.1 {code} Some Words\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)


@pytest.mark.parametrize(
    ("treat", "kind", "expected", "error_class"),
    [
        (reply(WHOLE), OperationType.OK, True, None),
        (reply(WHOLE[:20], WHOLE[20:]), OperationType.OK, True, None),
        (reply(b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE), OperationType.OK, True, None),
        (answer_and_close, OperationType.OK, True, None),
        (status(409, ERROR), OperationType.FAIL, True, "sold_out"),
        (status(404), OperationType.FAIL, False, "http_404"),
        (status(500), OperationType.INFO, False, "http_500"),
        (cut, OperationType.INFO, False, "cut"),
        (reply(WHOLE + WHOLE), OperationType.INFO, False, "cut"),
        (garbage, OperationType.INFO, False, "cut"),
        (hang_up, OperationType.INFO, False, "reset"),
        (reset, OperationType.INFO, False, "reset"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_attempt_is_journalled_before_and_after(serve, attempt, treat, kind, expected, error_class):
    """Two lines of the same trace: the invoke, and what it came to."""
    _, journal, ledger = attempt(serve(treat).url)
    invoke, end = journal
    assert (invoke.type, invoke.seq, end.seq) == (OperationType.INVOKE, 1, 2)
    assert (end.type, end.expected, end.error_class) == (kind, expected, error_class)
    assert end.trace_id == invoke.trace_id
    assert invoke.intended_ns <= invoke.mono_ns <= end.mono_ns
    assert ledger["sent"] == 1


@pytest.mark.parametrize(("kind", "type_"), [("write", OperationType.INFO), ("read", OperationType.FAIL)])
def test_an_answer_that_does_not_come_in_time_is_unknown_for_a_write(serve, attempt, kind, type_):
    """The total time-out ends it; only a read is sure to have changed nothing."""
    _, (_, end), _ = attempt(serve(silence).url, kind=kind, total_s=0.3)
    assert (end.type, end.error_class) == (type_, "timeout")


def test_a_slow_drip_does_not_outlast_the_total_time_out(serve, attempt):
    """The limit is for the whole exchange, not for each read."""
    drip_over = threading.Event()

    def drip(connection, request):
        connection.sendall(WHOLE[:10])
        while not drip_over.wait(0.05):
            try:
                connection.sendall(b"X")
            except OSError:
                break
        return "close"

    _, (_, end), _ = attempt(serve(drip).url, total_s=0.5)
    drip_over.set()
    assert end.error_class in ("timeout", "cut")
    assert end.type is OperationType.INFO


def test_each_attempt_has_the_whole_time_out_to_itself(serve, attempt):
    """Three answers of which each comes in time, on one connection, though together they take longer than one may."""

    def hesitate(connection, request):
        assert not threading.Event().wait(0.4)
        connection.sendall(WHOLE)

    _, _, ledger = attempt(serve(hesitate).url, count=3, total_s=1.0)
    assert ledger["ok"] == 3


def test_a_time_out_is_noticed_on_a_connection_that_was_fast_before(serve, attempt):
    """And the next attempt goes over a connection of its own."""
    server = serve(
        lambda connection, request: (reply(WHOLE) if len(server.requests) == 1 else silence)(connection, request)
    )
    _, journal, ledger = attempt(server.url, count=3, total_s=0.3)
    assert [row.error_class for row in journal if row.type is not OperationType.INVOKE] == [None, "timeout", "timeout"]
    assert (ledger["ok"], ledger["unknown"], server.connections) == (1, 2, 2)


def test_a_long_body_arrives_whole(serve, attempt):
    """In pieces, more than the socket takes at once, to a server that reads as it can."""
    server = serve(reply(WHOLE))
    _, (_, end), _ = attempt(server.url, count=1, total_s=30.0, oddities=["laden"])
    [request] = server.requests
    assert request.partition(b"\r\n\r\n")[2] == b"".join(LONG_BODY)
    assert end.type is OperationType.OK


def test_a_server_that_stops_reading_is_given_up(serve, attempt):
    """The time-out holds while the body is still on its way, and then nobody knows what came of it."""

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        _, (_, end), _ = attempt(url, total_s=0.5, oddities=["laden"])
    assert (end.type, end.error_class) == (OperationType.INFO, "timeout")


@pytest.mark.parametrize("oddities", [[], ["armed"]])
def test_a_connection_that_nobody_accepts_was_never_used(attempt, oddities):
    """The queue of the listener is full, so that not even the handshake ends: it failed, and nothing is unknown.

    Who tried to be connected beforehand is no worse off.
    """
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        while fill_queue(stack, full.getsockname()):
            pass
        _, (_, end), _ = attempt(f"http://127.0.0.1:{full.getsockname()[1]}", connect_s=0.3, oddities=oddities)
    assert (end.type, end.error_class) == (OperationType.FAIL, "connect_timeout")


def test_a_name_is_resolved_and_each_of_its_addresses_tried(serve, attempt):
    """`localhost` may stand for ::1 first, where nobody listens."""
    server = serve(reply(WHOLE))
    _, (_, end), _ = attempt(server.url.replace("127.0.0.1", "localhost"))
    assert end.type is OperationType.OK


def test_a_refused_connection_definitely_had_no_effect(attempt):
    """No byte left, so it failed; nothing is unknown about it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    _, (_, end), ledger = attempt(url)
    assert (end.type, end.error_class, ledger["failed"]) == (OperationType.FAIL, "connect_refused", 1)


def test_a_host_without_open_files_drops_the_request_and_blames_nobody(serve, attempt):
    """No socket could be made: the service was not asked, so this is not its failure."""
    server = serve(reply(WHOLE))
    _, (_, end), ledger = attempt(server.url, oddities=["starved"])
    assert (end.type, end.error_class) == (OperationType.FAIL, "no_socket")
    assert (ledger["scheduled"], ledger["sent"], ledger["dropped"], ledger["failed"]) == (1, 0, 1, 0)
    assert server.requests == []


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_nothing_is_ever_sent_twice(serve, attempt, method):
    """One attempt is one request on the wire, also where a library would retry it quietly."""
    server = serve(hang_up)
    attempt(server.url, method=method, count=3)
    assert len(server.requests) == 3
    traces = {line for request in server.requests for line in request.split(b"\r\n") if line.startswith(b"traceparent")}
    assert len(traces) == 3


def test_a_person_keeps_their_connection(serve, attempt):
    """Many attempts, one connection."""
    server = serve(reply(WHOLE))
    attempt(server.url, count=5)
    assert (len(server.requests), server.connections) == (5, 1)


def test_a_connection_opened_beforehand_is_the_one_that_is_used(serve, attempt):
    """Nothing is left to be done at the opening but to send."""
    server = serve(reply(WHOLE))
    attempt(server.url, count=2, oddities=["armed"])
    assert (len(server.requests), server.connections) == (2, 1)


def test_a_connection_closed_while_idle_is_replaced_and_nothing_is_lost(serve, attempt):
    """The close is seen before the next request goes out, so that it is not sent into the void."""
    server = serve(answer_and_close)
    answers, _, ledger = attempt(server.url, count=4)
    assert ledger["ok"] + ledger["unknown"] == 4
    assert answers[0]["type"] == "ok"
    assert len(server.requests) <= 4


def test_the_trace_id_travels_with_the_request(serve, attempt):
    """The service can keep it with what the request caused."""
    server = serve(reply(WHOLE))
    _, (invoke, _), _ = attempt(server.url)
    assert f"traceparent: 00-{invoke.trace_id}-".encode() in server.requests[0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"7", 7.0), (b" 7 ", 7.0), (b"Wed, 21 Oct 2026 07:28:00 GMT", None), (b"-1", None), (b"1e9", None), (b"", None)],
)
def test_the_time_to_come_back_is_read_off_the_answer(serve, attempt, header, seconds):
    """Retry-After in seconds; its other form, and nonsense, say nothing."""
    head = b"HTTP/1.1 429 Busy\r\nretry-after: " + header + b"\r\ncontent-length: "
    [answer], _, _ = attempt(serve(reply(head + str(len(ERROR)).encode() + b"\r\n\r\n" + ERROR)).url)
    assert (answer["http_status"], answer["retry_after_s"]) == (429, seconds)
