"""HTTP-aware toxics on real connections that are kept alive: who is touched, and that nobody else is."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.web_server import Client, WebServer

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    server.address = server.start()
    yield server
    server.stop()


@pytest.fixture
def link(engine, web) -> tuple[str, int]:
    """A proxy before the server."""
    return engine.proxy(web.address)


@pytest.fixture
def client(link) -> Iterator[Client]:
    with closing(Client(link)) as opened:
        yield opened


def _attributes(**attributes: object) -> dict[str, object]:
    return {"attributes": attributes}


def test_a_status_is_answered_in_the_servers_place(engine, web, client):
    """The server never hears of it; before and after, on the same connection, it answers."""
    assert client.ask("GET", "/before")[0] == 200
    engine.toxic("http_status", name="busy", **_attributes(status=429, retry_after=7, path="/hold"))
    assert client.ask("POST", "/hold", b"x" * 100_000)[0] == 429
    assert client.headers["Retry-After"] == "7"
    assert client.ask("GET", "/other") == (200, b'{"path": "/other"}')
    assert client.ask("HEAD", "/hold") == (429, b"")
    engine.call("DELETE", "/proxies/link/toxics/busy")
    assert client.ask("POST", "/hold", b"x")[0] == 200
    assert web.asked == ["GET /before", "GET /other", "POST /hold"]


@pytest.mark.parametrize(
    ("filters", "touched"),
    [
        ({}, {"GET /a/1/b", "POST /a/1/b", "POST /a/1/2/b"}),
        ({"method": "post"}, {"POST /a/1/b", "POST /a/1/2/b"}),
        ({"path": "/a/*/b"}, {"GET /a/1/b", "POST /a/1/b"}),
        ({"path": "/a/**", "method": "GET"}, {"GET /a/1/b"}),
        ({"path": "/A/*/b"}, set()),
        ({"header": "X-Office"}, {"POST /a/1/b"}),
        ({"header": "x-office: batam"}, {"POST /a/1/b"}),
        ({"header": "X-Office: kupang"}, set()),
    ],
)
def test_requests_are_chosen_by_method_path_and_header(engine, client, filters, touched):
    """On one connection; a query is no part of the path."""
    engine.toxic("http_status", **_attributes(status=503, **filters))
    answers = {
        "GET /a/1/b": client.ask("GET", "/a/1/b?c=d"),
        "POST /a/1/b": client.ask("POST", "/a/1/b", b"{}", X_Office="batam"),
        "POST /a/1/2/b": client.ask("POST", "/a/1/2/b", b"{}"),
    }
    assert {name for name, (status, _) in answers.items() if status == 503} == touched


def test_the_first_requests_of_all_connections_are_counted_together(engine, link):
    """Two are touched, whoever sends them, and nobody after them."""
    engine.toxic("http_status", **_attributes(status=500, first=2))
    statuses = []
    for _ in range(4):
        with closing(Client(link)) as someone:
            statuses.append(someone.ask("GET", "/")[0])
    assert statuses == [500, 500, 200, 200]


@pytest.mark.parametrize("path", ["/plain", "/chunked"])
def test_a_garbled_answer_keeps_its_length_and_is_no_json(engine, client, path):
    """The next answer on the connection is whole."""
    engine.toxic("http_garble", **_attributes(first=1))
    status, body = client.ask("GET", path)
    assert status == 200
    assert len(body) == len(json.dumps({"path": path}))
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(body)
    assert json.loads(client.ask("GET", path)[1]) == {"path": path}


@pytest.mark.parametrize(("path", "came"), [("/plain", b'{"pat'), ("/chunked", b'{"p')])
def test_a_cut_answer_ends_with_the_connection(engine, client, path, came):
    """So many bytes of the body, then nothing more; of a chunk that is not whole the client makes nothing."""
    engine.toxic("http_cut", **_attributes(bytes=5))
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.ask("GET", path)
    assert cut.value.partial == came


def test_a_body_shorter_than_the_cut_comes_whole(engine, client):
    """And the connection stays."""
    engine.toxic("http_cut", **_attributes(bytes=1000))
    assert client.ask("GET", "/a")[1] == client.ask("GET", "/a")[1] == b'{"path": "/a"}'


def test_a_lost_answer_was_worked_for(engine, web, client, until):
    """The request reached the server and was answered; the client hears nothing, then the connection ends."""
    engine.toxic("http_lose", **_attributes(method="POST", timeout=50))
    assert client.ask("GET", "/seen")[0] == 200
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.ask("POST", "/hold", b"{}")
    assert web.asked == ["GET /seen", "POST /hold"]


def test_a_lost_answer_without_a_time_hangs_until_the_toxic_goes(engine, web, client, until):
    """Silence, not a closed connection; its removal closes it, because bytes are missing."""
    engine.toxic("http_lose", name="lost", **_attributes())
    client.send("POST", "/hold", b"{}")
    until(lambda: web.asked == ["POST /hold"], "the request at the server")
    until(
        lambda: engine.metric('decisions_total{proxy="link",type="http_lose",outcome="applies"}') == 1, "the decision"
    )
    client.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.settimeout(20)
    engine.call("DELETE", "/proxies/link/toxics/lost")
    assert client.socket.recv(1) == b""


def test_only_the_chosen_answers_are_delayed(engine, link):
    """A slow answer holds up nobody on another connection, nor a request of another path before it."""
    engine.toxic("http_latency", name="slow", **_attributes(latency=60_000, path="/slow"))
    with closing(Client(link)) as slow, closing(Client(link)) as quick:
        assert slow.ask("GET", "/quick")[0] == 200
        slow.send("GET", "/slow")
        assert quick.ask("GET", "/quick")[0] == 200
        told: list[tuple[int, bytes]] = []
        waiting = threading.Thread(target=lambda: told.append(slow.receive()))
        waiting.start()
        engine.call("DELETE", "/proxies/link/toxics/slow")  # what it held goes on
        waiting.join(20)
    assert told == [(200, b'{"path": "/slow"}')]


def test_toxics_of_a_connection_see_the_same_requests(engine, web, client):
    """One answers in the server's place, the one added after it garbles what the server says, and neither the other."""
    engine.toxic("http_status", name="a", **_attributes(status=503, path="/a"))
    engine.toxic("http_garble", name="b", **_attributes())
    engine.toxic("latency", name="c", **_attributes(latency=1))
    statuses = [client.ask("GET", path) for path in ("/a", "/b", "/a", "/b")]
    assert [status for status, _ in statuses] == [503, 200, 503, 200]
    assert all(body.startswith(b"}") for status, body in statuses if status == 200)
    assert web.asked == ["GET /b", "GET /b"]


def test_pipelined_answers_keep_their_order(engine, web, link, connect):
    """Three requests sent at once, the second of which the toxic answers: it waits for the first."""
    engine.toxic("http_status", **_attributes(status=503, path="/b"))
    line = connect(link)
    line.sendall(b"".join(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % name for name in (b"a", b"b", b"c")))
    heard = b""
    while b"/c" not in heard:
        heard += line.recv(65_536)
    assert heard.index(b'"/a"') < heard.index(b" 503 ") < heard.index(b'"/c"')
    assert web.asked == ["GET /a", "GET /c"]


def test_what_is_no_http_passes_as_it_came(engine, upstream, connect):
    """Also bytes that begin like a request, and without waiting for more of them."""
    address = engine.proxy(upstream().address, name="tcp")
    engine.toxic("http_status", proxy="tcp", **_attributes(status=503))
    line = connect(address)
    for words in (b"\x00\x01\x02", b"GET", b" nonsense\r\n\r\n"):
        line.sendall(words)
        heard = b""
        while len(heard) < len(words):
            heard += line.recv(100)
        assert heard == words


def test_every_decision_is_written_down(start_engine, web, tmp_path: Path):
    """Connection, request and its trace, and whether it was touched; never the query."""
    log = tmp_path / "decisions.ndjson"
    engine = start_engine("--decision-log", str(log), "--seed", "7")
    address = engine.proxy(web.address)
    engine.toxic("http_status", name="some", toxicity=0.5, **_attributes(status=503, path="/hold"))
    with closing(Client(address)) as client:
        statuses = [
            client.ask("GET", f"/hold?nik={number}", traceparent=f"00-{TRACE}-{TRACE[:16]}-01")[0]
            for number in range(20)
        ]
        client.ask("GET", "/other")
    assert engine.stop() == 0
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    decided = [row for row in rows if row["type"] == "request"]
    assert [row["detail"] for row in decided] == [
        f"{'applies' if status == 503 else 'spared'}: GET /hold" for status in statuses
    ]
    assert {(row["toxic"], row["connection"], row["trace_id"]) for row in decided} == {("some", 1, TRACE)}
    assert {200, 503} == set(statuses)
    assert not [row for row in rows if row["type"] == "decision"]


def test_the_same_seed_decides_alike_about_the_same_requests(start_engine, web):
    """Two engines, the same arrivals, the same answers."""
    told = []
    for _ in range(2):
        engine = start_engine("--seed", "11")
        address = engine.proxy(web.address)
        engine.toxic("http_status", toxicity=0.3, **_attributes(status=503))
        with closing(Client(address)) as client:
            told.append([client.ask("GET", "/")[0] for _ in range(40)])
    assert told[0] == told[1]
    assert set(told[0]) == {200, 503}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"type": "http_status", "stream": "upstream"}, "stream must be downstream"),
        ({"type": "http_status", "attributes": {"status": 99}}, "status must be from 200 to 599"),
        ({"type": "http_status", "attributes": {"path": 7}}, "toxic.attributes.path must be a string"),
        ({"type": "http_cut", "attributes": {"bytes": -1}}, "bytes must not be negative"),
    ],
)
def test_bad_settings_are_refused_with_the_reason(engine, link, body, words):
    """400, and no toxic."""
    status, said = engine.call("POST", "/proxies/link/toxics", body)
    assert (status, words in said) == (400, True), said
    assert engine.get("/proxies/link/toxics") == []


def test_a_toxic_added_in_the_middle_begins_with_the_next_request(engine, web, client, until: Callable[..., None]):
    """The answer that was on its way is nobody's business."""
    engine.toxic("http_latency", name="slow", **_attributes(latency=60_000))
    client.send("GET", "/a")
    until(lambda: web.asked, "the request at the server")
    engine.toxic("http_status", **_attributes(status=503))
    engine.call("DELETE", "/proxies/link/toxics/slow")
    assert client.receive()[0] == 200
    assert client.ask("GET", "/a")[0] == 503
