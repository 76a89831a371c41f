"""Messages cut into pieces: whatever way the bytes come, the pieces join to them and say the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.engine.traffic.framer import ANSWER, HEAD_LIMIT_BYTES, REQUEST, Framer, Kind
from chaos.engine.traffic.head import Head, NotHttp

BODIES = st.binary(max_size=40)
HEADERS = st.sampled_from([b"", b"X-A: b\r\n", b"Host: x\r\nAccept: */*\r\n"])


def _with_length(start: bytes, headers: bytes, body: bytes) -> bytes:
    return start + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _in_chunks(start: bytes, headers: bytes, chunks: list[bytes]) -> bytes:
    framed = b"".join(b"%X;note=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk)
    return start + headers + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\nX-Trailer: 1\r\n\r\n"


def _messages(start: bytes) -> st.SearchStrategy[tuple[bytes, bytes]]:
    """A message and its body."""
    plain = st.builds(lambda headers, body: (_with_length(start, headers, body), body), HEADERS, BODIES)
    chunked = st.builds(
        lambda headers, chunks: (_in_chunks(start, headers, chunks), b"".join(chunks)),
        HEADERS,
        st.lists(BODIES, max_size=3),
    )
    return plain | chunked


def _requests() -> Framer:
    return Framer(REQUEST, Head.request_length)


@given(
    messages=st.lists(_messages(b"POST /a HTTP/1.1\r\n"), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_any_way_of_cutting_a_stream_tells_the_same_messages(messages, cuts):
    """Joined, the pieces are the stream; each message has one head, its body, and one end, in this order."""
    stream = b"".join(message for message, _ in messages)
    at = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    framer, pieces = _requests(), []
    for begin, end in pairwise(at):
        pieces += framer.feed(stream[begin:end])
    assert b"".join(piece.data for piece in pieces) + framer.rest() == stream
    told: list[list[Kind]] = []
    bodies: list[bytes] = []
    for piece in pieces:
        if piece.kind is Kind.HEAD:
            told.append([])
            bodies.append(b"")
        told[-1].append(piece.kind)
        bodies[-1] += piece.data if piece.kind is Kind.BODY else b""
    assert bodies == [body for _, body in messages]
    assert all(kinds.count(Kind.END) == 1 and kinds[-1] is Kind.END for kinds in told)


@pytest.mark.parametrize(
    ("method", "answer", "body"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 200 OK\r\n\r\nuntil the close", b"until the close"),
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\n", b""),
    ],
)
def test_the_length_of_an_answer_follows_from_request_and_status(method, answer, body):
    """As RFC 9112 has it."""
    framer = Framer(ANSWER, lambda head: head.answer_length(method))
    pieces = list(framer.feed(answer))
    assert b"".join(piece.data for piece in pieces if piece.kind is Kind.BODY) == body
    assert (pieces[-1].kind is Kind.END) == (body == b"")


@pytest.mark.parametrize(
    "stream",
    [
        b"\x16\x03\x01",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"a" * HEAD_LIMIT_BYTES,
    ],
)
def test_what_cannot_be_followed_is_given_up_whole(stream):
    """Nothing of it is lost: what no piece has carried is the rest."""
    framer = _requests()
    passed: list[bytes] = []

    def follow() -> None:
        for piece in framer.feed(stream):
            passed.append(piece.data)

    with pytest.raises(NotHttp):
        follow()
    assert b"".join(passed) + framer.rest() == stream


def test_a_switch_of_protocols_is_not_followed():
    """What comes after 101 is no HTTP."""
    framer = Framer(ANSWER, lambda head: head.answer_length("GET"))
    with pytest.raises(NotHttp):
        list(framer.feed(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"))
