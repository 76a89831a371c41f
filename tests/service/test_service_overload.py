"""Overload: who would wait too long is refused early, and the rest goes on."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from random import Random

import pytest
from flask import Flask

from mock_mpaspor.canary import Canary
from mock_mpaspor.web import admission, errors

LIMIT_S = 2.0
PATIENCE_S = 60.0


@pytest.fixture
def door() -> tuple[Flask, list[float]]:
    """An app whose queue is as long as the list's last number says."""
    app, waits = Flask("door"), [0.0]
    admission.install(app, admission.Admission(lambda: waits[-1], LIMIT_S, Random(1)))
    errors.install(app)
    for number, path in enumerate(("/v1/fees", "/v1/callbacks/simponi", "/audit/events", "/healthz")):
        app.add_url_rule(path, str(number), lambda: "served")
    return app, waits


def test_people_are_told_to_come_back_when_the_queue_is_too_long(door):
    """429, definite, with Retry-After; served again as soon as the queue is short."""
    app, waits = door
    waits.append(LIMIT_S + 0.001)
    refused = app.test_client().get("/v1/fees")
    assert refused.status_code == 429
    assert refused.json["error"]["code"] == "overloaded"
    assert refused.json["error"]["definite"] is True
    assert 1 <= int(refused.headers["Retry-After"]) <= admission.COME_BACK_WITHIN_S
    waits.append(LIMIT_S)
    assert app.test_client().get("/v1/fees").text == "served"


@pytest.mark.parametrize("path", ["/v1/callbacks/simponi", "/audit/events", "/healthz"])
def test_systems_are_never_turned_away(door, path):
    """Money that is told of, and whoever looks after the service, comes in however long the queue."""
    app, waits = door
    waits.append(60.0)
    assert app.test_client().get(path).text == "served"


def test_a_canary_tells_a_wait_while_it_lasts():
    """A server that does not answer is known to be slow before it answers; answered, the wait is what it was."""
    now_s = [100.0]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        canary = Canary("127.0.0.1", listener.getsockname()[1], lambda: now_s[0])
        asking = threading.Thread(target=canary.ask)
        asking.start()
        accepted, _ = listener.accept()
        accepted.recv(4096)
        now_s[0] = 107.0
        assert canary.wait_s() == 7.0
        accepted.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        asking.join()
        now_s[0] = 200.0
        assert canary.wait_s() == 7.0
        accepted.close()
        canary.close()


def test_a_canary_without_a_server_holds_nobody_back():
    """Before the server listens nothing is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    canary = Canary("127.0.0.1", port, lambda: 1.0)
    canary.ask()
    assert canary.wait_s() == 0.0


@pytest.fixture
def serve(environ: dict[str, str]) -> Iterator[Callable[..., int]]:
    """Starts the service as a process with these settings on top; gives its port once it serves."""
    with ExitStack() as stack:

        def run(**changes: str) -> int:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = int(probe.getsockname()[1])
            command = [sys.executable, "-m", "mock_mpaspor", "serve", "--port", str(port)]
            process = subprocess.Popen(command, env=os.environ | environ | changes)
            stack.callback(process.wait, PATIENCE_S)
            stack.callback(process.terminate)
            until(lambda: status(port, "/healthz") == 200)
            return port

        yield run


def status(port: int, path: str) -> int | None:
    """The status that a request gets, None where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def until(condition: Callable[[], bool]) -> None:
    """Ask until the condition holds; fail where it does not in time."""
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s, "the condition never held"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_real_server_refuses_under_a_flood_and_recovers(serve):
    """More registrations than two threads can hash: somebody gets 429; after the flood everybody is served."""
    port = serve(MPASPOR_THREADS="2", MPASPOR_PASSWORD_COST="32768", MPASPOR_LONGEST_QUEUE_S="0.1")
    numbers, over = count(), threading.Event()
    refusals: list[tuple[str, str | None]] = []

    def flood() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        while not over.is_set():
            body = json.dumps(registration(next(numbers)))
            try:
                connection.request("POST", "/v1/accounts", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                content = json.loads(answer.read())
            except OSError:
                # Refused before the body had come, the connection is closed: a phone opens another.
                connection.close()
                continue
            if answer.status != 201:
                refusals.append((content["error"]["code"], answer.getheader("Retry-After")))
        connection.close()

    crowd = [threading.Thread(target=flood) for _ in range(24)]
    for person in crowd:
        person.start()
    try:
        until(lambda: bool(refusals))
    finally:
        over.set()
        for person in crowd:
            person.join()
    assert {code for code, _ in refusals} == {"overloaded"}
    assert all(after and after.isdigit() for _, after in refusals)
    until(lambda: status(port, "/v1/offices") == 200)


def registration(number: int) -> dict[str, str]:
    """What one of the crowd registers with."""
    return {
        "name": "Warga Contoh",
        "email": f"warga{number}@contoh.example",
        "phone": "+620000000000",
        "birth_date": "1990-03-02",
        "sex": "female",
        "password": "Rahasia123",
    }
