"""Sends attempts to a URL and prints each answer as a line of JSON; gevent stays in this process.

Arguments: URL, method, `read` or `write`, how many attempts, connect and total time-outs in seconds, run directory;
then `starved`, if all open files should be used up first, `laden`, if each request should carry LONG_BODY, and
`armed`, if the connection should be opened before, within the time-out for connecting.
"""

import contextlib
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic_ns

import gevent.socket
import msgspec

from loket.load.answers import Step
from loket.load.call import Attempt, Call
from loket.load.client import send
from loket.load.connection import Connection, Timeouts
from loket.load.journal import Journal
from loket.load.recorder import Recorder
from loket.load.series import Series
from loket.run_directory import RunDirectory
from tests.load.long_body import LONG_BODY


def main(arguments: list[str]) -> None:
    url, method, kind, count, connect_s, total_s, directory, *oddities = arguments
    step = Step("knock", frozenset({200}), frozenset({"sold_out"}), read=kind == "read")
    journal = Journal(RunDirectory(Path(directory)), "w0")
    recorder = Recorder("w0", journal, Series("w0", 0), lambda *_: None)
    connection = Connection(url, Timeouts(float(connect_s), float(total_s)))
    if "starved" in oddities:
        use_up_open_files()
    if "armed" in oddities:
        connection.open(float(connect_s))
    for number in range(int(count)):
        call = Call(step, method, "/knock", b'{"a": 1}' if method == "POST" else b"")
        if "laden" in oddities:
            call = replace(call, body=LONG_BODY[0], rest=LONG_BODY[1:])
        recorder.plan_request()
        attempt = Attempt(call, 0, None, f"{number + 1:032x}", monotonic_ns())
        answer = send(attempt, connection, recorder)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.write(msgspec.json.encode(recorder.requests.ledger()).decode() + "\n")


def use_up_open_files() -> None:
    gevent.socket.getaddrinfo("127.0.0.1", 1)  # starts gevent's own threads and files
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with contextlib.suppress(OSError):
        while True:
            os.dup(0)


if __name__ == "__main__":
    main(sys.argv[1:])
