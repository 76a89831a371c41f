"""Calls to the systems around the service, over real sockets: each way to fail has its name, none hangs."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import pytest

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.jobs.simponi import BillOrder, HttpSimponi, SimponiError
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.web.dukcapil import HttpDukcapil

SOMEBODY = Identity("9971014203900001", "Warga Contoh", date(1990, 3, 2), Sex.FEMALE)
ORDER = BillOrder("application", 950_000, "Warga Contoh")
TRACE = "a" * 32


def _http(status: str, body: str = "{}") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode("latin-1")


CODE_ISSUED = _http("201 Created", '{"billing_code": "820250203000001", "amount_idr": 950000}')


class Peer:
    """A listener that gives every connection the same bytes; none at all where `answer` is None.

    With `drip_s` they come one by one, that far apart, until the other side has had enough.
    """

    def __init__(self, answer: bytes | None, drip_s: float = 0.0) -> None:
        self._answer = answer
        self._drip_s = drip_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = threading.Semaphore(0)
        self.heads: list[bytes] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.heads.append(_read_whole(connection))
            self.asked.release()
            if self._answer is None:
                self._held.append(connection)
            else:
                self._send(connection, self._answer)
                connection.close()

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        if not self._drip_s:
            connection.sendall(answer)
            return
        with suppress(OSError):
            for number in range(len(answer)):
                connection.sendall(answer[number : number + 1])
                time.sleep(self._drip_s)

    def close_held(self) -> None:
        while self._held:
            self._held.pop().close()

    def close(self) -> None:
        self.close_held()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def _read_whole(connection: socket.socket) -> bytes:
    """One request, its body included: the two may come apart."""
    read = connection.recv(65_536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (more := connection.recv(missing)):
        read += more
        missing -= len(more)
    return read


@pytest.fixture
def peer() -> Iterator[Callable[[bytes | None], Peer]]:
    """Makes peers, and closes them."""
    peers: list[Peer] = []

    def make(answer: bytes | None, drip_s: float = 0.0) -> Peer:
        peers.append(Peer(answer, drip_s))
        return peers[-1]

    yield make
    for each in peers:
        each.close()


@pytest.fixture
def simponi() -> Iterator[Callable[[str], HttpSimponi]]:
    """Makes clients of SIMPONI with a short time-out, and closes them."""
    clients: list[HttpSimponi] = []

    def make(url: str) -> HttpSimponi:
        clients.append(HttpSimponi(url, timeout_s=0.2, connections=2, metrics=Metrics()))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def dukcapil() -> Iterator[Callable[[str], HttpDukcapil]]:
    """Makes clients of Dukcapil with two places, and closes them."""
    clients: list[HttpDukcapil] = []

    def make(url: str, timeout_s: float = 0.2) -> HttpDukcapil:
        breaker = Breaker(time.monotonic)
        clients.append(HttpDukcapil(url, timeout_s, places=2, metrics=Metrics(), breaker=breaker))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (None, "timeout"),
        (b"", "reset"),
        (_http("201 Created", '{"billing_code": "8202'), "reset"),
        (_http("201 Created", '{"billing_code": "\xff"}'), "reset"),
        (_http("503 Service Unavailable"), "http_5xx"),
        (_http("429 Too Many Requests"), "http_5xx"),
        (_http("422 Unprocessable"), "rejected"),
        (_http("201 Created", '{"billing_code": "1", "amount_idr": 950000}'), "rejected"),
        (_http("201 Created", '{"billing_code": "820250203000001", "amount_idr": 1}'), "rejected"),
    ],
)
def test_each_way_to_get_no_code_has_its_name(peer, simponi, answer, failure):
    """Silence, a reset, a cut body, an error, a refusal, a code or amount that cannot be right."""
    with pytest.raises(SimponiError) as told:
        simponi(peer(answer).url).issue(ORDER, None)
    assert told.value.failure == failure


def test_an_answer_that_drips_is_given_up_like_none(peer, simponi):
    """Single bytes, each in time and all of them not: `timeout`, and the thread is free again."""
    with pytest.raises(SimponiError) as told:
        simponi(peer(CODE_ISSUED, drip_s=0.02).url).issue(ORDER, None)
    assert told.value.failure == "timeout"


def test_a_refused_connection_is_told_from_a_silent_one(simponi):
    """Nobody listens: `refused`, at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(SimponiError) as told:
            simponi(url).issue(ORDER, None)
    assert told.value.failure == "refused"


def test_a_call_carries_the_trace_of_the_request_that_caused_it(peer, simponi):
    """The trace id of the person's request travels on to SIMPONI."""
    side = peer(CODE_ISSUED)
    assert simponi(side.url).issue(ORDER, TRACE) == "820250203000001"
    assert f"traceparent: 00-{TRACE}-".encode() in side.heads[0]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, ErrorCode.DUKCAPIL_UNAVAILABLE),
        (b"", ErrorCode.DUKCAPIL_UNAVAILABLE),
        (_http("500 Error"), ErrorCode.DUKCAPIL_UNAVAILABLE),
        (_http("200 OK", "{}"), ErrorCode.DUKCAPIL_UNAVAILABLE),
        (_http("200 OK", '{"match": false, "reason": "not_found"}'), ErrorCode.IDENTITY_INVALID),
        (_http("200 OK", '{"match": false, "reason": "mismatch"}'), ErrorCode.IDENTITY_INVALID),
    ],
)
def test_dukcapil_is_unavailable_or_says_no(peer, dukcapil, answer, code):
    """No answer and a negative answer are two different things to tell a person."""
    with pytest.raises(Refusal) as told:
        dukcapil(peer(answer).url).confirm(SOMEBODY, None)
    assert told.value.code == code


def test_dukcapil_confirms(peer, dukcapil):
    """A match raises nothing."""
    dukcapil(peer(_http("200 OK", '{"match": true}')).url).confirm(SOMEBODY, TRACE)


def test_a_hanging_dukcapil_takes_only_the_threads_of_its_bulkhead(peer, dukcapil):
    """With both places hanging, the third question is turned away without being asked."""
    side = peer(None)
    client = dukcapil(side.url, timeout_s=30)
    hanging = [threading.Thread(target=_ask_in_vain, args=(client,)) for _ in range(2)]
    for thread in hanging:
        thread.start()
    assert all(side.asked.acquire(timeout=10) for _ in hanging)
    with pytest.raises(Refusal, match="dukcapil_unavailable"):
        client.confirm(SOMEBODY, None)
    assert not side.asked.acquire(blocking=False)
    side.close_held()
    for thread in hanging:
        thread.join()


def _ask_in_vain(client: HttpDukcapil) -> None:
    with pytest.raises(Refusal):
        client.confirm(SOMEBODY, None)
