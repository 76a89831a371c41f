"""Answers as they come over the wire: what is read at once, and that llhttp would have read the same."""

import pytest
from geventhttpclient.response import HTTPParseError
from hypothesis import example, given
from hypothesis import strategies as st

from loket.load.received import Reading, Received, plain

BODY = b'{"state":"OPEN"}'
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n" + BODY

TELLING = [
    b"content-length: 16",
    b"content-length: 15",
    b"transfer-encoding: chunked",
    b"Connection: close",
    b"Connection: keep-alive, upgrade",
    b"proxy-connection: close",
    b"upgrade: h2c",
    b"retry-after: 7",
    b"Trailer: x",
    b" folded",
    b"no colon",
    b": empty",
    b"x-y : z",
    b"x-y: \x00",
]
SILENT = [b"date: Sat, 28 Nov 2026 15:00:00 GMT", b"connection: keep-alive", b"x:", b"set-cookie: a=b", b"x_y: z"]
LENGTHS = [b"content-length: 16", b"Content-Length:16", b"content-length: +16", b"content-length: 16, 16"]
STATUS_LINES = st.one_of(
    st.integers(100, 599).map(lambda status: b"HTTP/1.1 %d Words" % status),
    st.sampled_from([b"HTTP/1.0 200 OK", b"HTTP/1.1 200", b"HTTP/1.1 2000 OK", b"HTTP/1.1  200 OK", b"HTTP/2 200 OK"]),
)
FIELDS = st.sampled_from([*TELLING, *SILENT, *LENGTHS])
ENDS = st.sampled_from([*[b"\r\n"] * 20, b"\n", b"\r"])


@st.composite
def answers(draw):
    """Nearly right answers, and now and then a wholly right one."""
    lines = [draw(STATUS_LINES), *draw(st.lists(FIELDS, max_size=5))]
    head = b"".join(line + draw(ENDS) for line in lines)
    return head + b"\r\n" + draw(st.sampled_from([BODY, BODY, b"", BODY[:-1], BODY + b"x", BODY + PLAIN]))


def by_llhttp(data):
    """What llhttp makes of it: the answer, or None where it is not whole, or breaks the connection."""
    reading = Reading("GET")
    try:
        reading.feed(data)
    except HTTPParseError:
        return None
    return reading.received() if reading.whole and not reading.should_close() else None


@given(data=answers())
@example(data=PLAIN)
@example(data=PLAIN + PLAIN)
def test_what_is_read_at_once_is_what_llhttp_reads(data):
    """The short way never says anything that the long way does not."""
    at_once = plain(data)
    assert at_once is None or at_once == by_llhttp(data)


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_http_are_not_read_at_once(data):
    """Nor is anything cut or prolonged."""
    assert plain(data) is None
    assert plain(PLAIN + data) is None or not data


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        b"HTTP/1.1 409 Conflict\r\nserver: granian\r\ndate: x\r\nCONTENT-LENGTH:2\r\nx-a: b\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_an_ordinary_answer_is_read_at_once(data):
    """Else the short way would be of no use."""
    assert plain(data) is not None


@pytest.mark.parametrize("field", TELLING)
@pytest.mark.parametrize("place", [b"Content-Type", b"\r\n" + BODY])
def test_a_field_that_changes_how_the_answer_is_read_is_left_to_llhttp(field, place):
    """Wherever it stands, and whatever else is plain."""
    assert plain(PLAIN.replace(place, field + b"\r\n" + place)) is None


@pytest.mark.parametrize("status", [100, 101, 199, 204, 205, 304])
def test_a_status_with_rules_of_its_own_is_left_to_llhttp(status):
    """They have no body whatever they say, or are no answer yet."""
    assert plain(PLAIN.replace(b"200", str(status).encode())) is None


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_an_answer_in_pieces_is_put_together(step):
    """Chunks, an interim answer before it, and wherever the pieces are cut."""
    data = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\ntransfer-encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
    )
    reading = Reading("GET")
    for start in range(0, len(data), step):
        assert not reading.whole
        reading.feed(data[start : start + step])
    assert reading.whole
    assert reading.received() == Received(503, b"hello!", 7.0)


def test_a_body_without_a_length_ends_with_the_connection():
    """As HTTP/1.0 has it."""
    reading = Reading("GET")
    reading.feed(b"HTTP/1.0 200 OK\r\n\r\n{}")
    assert not reading.whole
    reading.feed(b"")
    assert (reading.whole, reading.received().body, reading.should_close()) == (True, b"{}", True)


def test_a_second_answer_to_one_request_is_refused():
    """Which of the two would be the answer, nobody can say."""
    with pytest.raises(HTTPParseError):
        Reading("GET").feed(PLAIN + PLAIN)


def test_an_answer_to_head_has_no_body_whatever_its_length():
    """The length is that of a GET."""
    reading = Reading("HEAD")
    reading.feed(PLAIN[: -len(BODY)])
    assert (reading.whole, reading.received().body) == (True, b"")
