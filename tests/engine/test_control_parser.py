"""The control API's parser: whole requests out of bytes however they are cut, and a refusal for everything else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.engine.http.parser import BODY_LIMIT_BYTES, HEAD_LIMIT_BYTES, Malformed, Parser

CHUNKED = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nT: x\r\n\r\n"
PIPELINED = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    b"POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz" + CHUNKED + b"\r\nGET /c HTTP/1.0\r\n\r\n"
)
EXPECTED = [
    ("GET", "/a", b"", True),
    ("POST", "/b", b"xyz", True),
    ("POST", "/p", b"hello world", True),
    ("GET", "/c", b"", False),
]


def requests(chunks):
    """All requests in the bytes, as tuples."""
    parser, taken = Parser(), []
    for chunk in chunks:
        parser.feed(chunk)
        while (request := parser.take()) is not None:
            taken.append((request.method, request.target, request.body, request.keep_alive))
    return taken


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_requests_are_the_same_however_the_bytes_are_cut(size):
    """Pipelined, with a length or chunked, a byte at a time or all at once."""
    chunks = [PIPELINED[at : at + size] for at in range(0, len(PIPELINED), size)]
    assert requests(chunks) == EXPECTED


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / FTP/1.1\r\n\r\n", 400),
        (b"GET nowhere HTTP/1.1\r\n\r\n", 400),
        (b"G(T / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n: empty\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT_BYTES + 1), 413),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * HEAD_LIMIT_BYTES, 431),
    ],
)
def test_what_is_no_request_is_refused(data, status):
    """Each with the status that says why, and before the buffer grows past its bound."""
    parser = Parser()
    parser.feed(data)
    with pytest.raises(Malformed) as refusal:
        parser.take()
    assert refusal.value.status == status


def test_a_body_that_waits_for_a_go_ahead_is_announced():
    """`Expect: 100-continue` is seen while the body is missing, and no longer once it is there."""
    parser = Parser()
    parser.feed(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert parser.take() is None
    assert parser.expects_continue
    parser.feed(b"ok")
    assert parser.take().body == b"ok"
    assert not parser.expects_continue


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_a_request_or_a_refusal(chunks):
    """No input makes the parser fail in another way."""
    with contextlib.suppress(Malformed):
        requests([b"POST / HTTP/1.1\r\n", *chunks])
