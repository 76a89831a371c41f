"""The opening: people wait for one instant with the telephone in the hand, connected, on every worker at once."""

import subprocess
import sys
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import monotonic_ns

import pytest

from loket.records import Operation, OperationType
from loket.run_directory import RunDirectory
from tests.load.gate_program import OPENS_S

PROGRAM = Path(__file__).parent / "gate_program.py"
ROOT = PROGRAM.parents[2]
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
PEOPLE, WORKERS = 24, 2
LEAD_NS = 2_000_000_000


class Doorman(StreamRequestHandler):
    """Notes for each request when its connection was made; closes the connection after a look if told to."""

    def handle(self):
        connected_ns = monotonic_ns()
        while line := self.rfile.readline():
            while self.rfile.readline() != b"\r\n":
                pass
            step = line.split()[1].decode().strip("/")
            self.server.seen.append((step, connected_ns))
            self.wfile.write(ANSWER)
            if step == "look" and self.server.impolite:
                return


class Door(ThreadingTCPServer):
    """A server over real sockets. `impolite` servers forget whoever has looked."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, impolite: bool) -> None:
        super().__init__(("127.0.0.1", 0), Doorman)
        self.impolite = impolite
        self.seen: list[tuple[str, int]] = []


@pytest.fixture(params=[False, True], ids=["kept", "closed"])
def door(request):
    with Door(request.param) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def play(url: str, folder: Path) -> tuple[int, list[Operation]]:
    """Two workers play one crowd; gives the instant of the opening and what they wrote of the taps."""
    zero_ns = monotonic_ns() + LEAD_NS
    arguments = [
        [url, str(folder / "run"), str(number), str(WORKERS), str(PEOPLE), str(zero_ns)] for number in range(WORKERS)
    ]
    workers = [
        subprocess.Popen([sys.executable, PROGRAM, *each], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        for each in arguments
    ]
    assert [worker.wait(60) for worker in workers] == [0] * WORKERS
    rows = [row for number in range(WORKERS) for row in RunDirectory(folder / "run").operations(f"w{number}")]
    return zero_ns + round(OPENS_S * 1e9), [row for row in rows if row.step == "tap"]


def test_everybody_is_released_at_the_one_instant_and_connected_before(door, tmp_path):
    """No tap is meant for another instant or leaves early, on either worker; none has to connect first, not even where
    the service had closed the connection.
    """
    opens_ns, taps = play(f"http://127.0.0.1:{door.server_address[1]}", tmp_path)
    sent = [row for row in taps if row.type is OperationType.INVOKE]
    assert sorted(row.user for row in sent) == list(range(PEOPLE))
    assert {row.worker for row in sent} == {"w0", "w1"}
    assert {row.intended_ns for row in sent} == {opens_ns}
    assert min(row.mono_ns for row in sent) >= opens_ns
    assert sum(row.type is OperationType.OK for row in taps) == PEOPLE
    connected_ns = [connected_ns for step, connected_ns in door.seen if step == "tap"]
    assert len(connected_ns) == PEOPLE
    assert max(connected_ns) < opens_ns


def test_who_cannot_connect_before_tries_again_at_the_instant(tmp_path):
    """Nobody listens: being armed in vain is no attempt, and the tap is refused once, at its instant."""
    with Door(impolite=False) as closed:
        url = f"http://127.0.0.1:{closed.server_address[1]}"
    opens_ns, taps = play(url, tmp_path)
    assert {(row.type, row.error_class) for row in taps} == {
        (OperationType.INVOKE, None),
        (OperationType.FAIL, "connect_refused"),
    }
    assert len(taps) == 2 * PEOPLE
    assert {row.intended_ns for row in taps} == {opens_ns}
