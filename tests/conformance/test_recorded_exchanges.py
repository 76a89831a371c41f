"""The engine and a real Toxiproxy give the same answers to the same conversations, but for the differences listed."""

import http.client
import json
import re

import pytest

from tests.conformance.behaviour import Kind
from tests.conformance.catalogue import CONVERSATIONS


def answer(server, exchange):
    """Status, content type, body and request id of the server's answer."""
    method, path = exchange["send"].split(" ")
    body = exchange.get("body")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(
            method,
            path,
            None if body is None else body.replace("CONTROL", str(server.port)),
            {"User-Agent": exchange.get("agent", "conformance")},
        )
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, response.getheader("Content-Type"), text, response.getheader("X-Toxiproxy-Request-Id")
    finally:
        connection.close()


def pattern(text):
    """Matches the recorded answer, with any port for PORT and any words for the ellipsis."""
    escaped = re.escape(text).replace("PORT", r"\d+").replace("…", ".*")
    return re.compile(escaped + "\n?", re.DOTALL)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_recorded_conversation_is_answered_word_for_word(server, name):
    """Status, content type and body of each answer, and a request id with all but the router's own answers."""
    for exchange in CONVERSATIONS[name]:
        expected = exchange["engine"] if server.kind == "engine" and "engine" in exchange else exchange
        status, type_, body, request_id = answer(server, exchange)
        told = f"{exchange['send']} {exchange.get('body', '')} → {status} {body}"
        assert (status, type_) == (expected["status"], expected["type"]), told
        assert pattern(expected["answer"]).fullmatch(body), told
        routed = status not in (301, 405) and not body.startswith("404 page")
        assert bool(request_id) == routed, told


def test_every_difference_says_why():
    """A difference without a reason, or one that is none, has no place in the list."""
    for exchanges in CONVERSATIONS.values():
        for exchange in exchanges:
            if "engine" in exchange:
                assert exchange["engine"]["why"]
                assert Kind(exchange["engine"]["kind"])
                assert {key: exchange["engine"][key] for key in ("status", "type", "answer")} != {
                    key: exchange[key] for key in ("status", "type", "answer")
                }


def test_an_answer_is_json_with_the_keys_in_toxiproxys_order(server):
    """Byte for byte: some clients read the text."""
    body = answer(
        server, {"send": "POST /proxies", "body": '{"name":"a","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"}'}
    )[2]
    assert list(json.loads(body)) == ["name", "listen", "upstream", "enabled", "Logger", "toxics"]
    assert " " not in body
