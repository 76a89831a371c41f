"""The release is asked for in the time of the service's own clock."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from locustfiles._release import open_release
from loket.load.plan import LoadPlan
from loket.load.scenario import CannotPrepare

NS = 1_000_000_000
NOW_NS = 1_700_000_000 * NS
OPENS_NS = NOW_NS + 20 * NS


@contextmanager
def administration(clock: tuple[int, object]) -> Iterator[tuple[str, list[dict]]]:
    """A service that answers `GET /v1/clock` so; its URL and the releases that it was asked for."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.say(*clock)

        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.say(201, {"slots": []})

        def say(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("clock", "opens_at"),
    [
        ((200, {"now": "2030-01-01T00:00:00Z", "scale": 360}), "2030-01-01T02:00:00.000+00:00"),
        ((200, {"now": "2030-01-01T07:00:00.500+07:00", "scale": 1}), "2030-01-01T00:00:20.500+00:00"),
        ((404, {"error": {"code": "unknown_route", "message": "", "definite": True}}), "2023-11-14T22:13:40.000+00:00"),
        ((500, "not an error of ours"), "2023-11-14T22:13:40.000+00:00"),
    ],
)
def test_the_opening_is_told_in_the_service_s_time(a_plan: Callable[[str], LoadPlan], clock, opens_at):
    """In 20 seconds at 360 is in two hours; a service without a clock of its own goes by the wall's."""
    with administration(clock) as (url, asked):
        open_release(a_plan(url), OPENS_NS, wall=lambda: NOW_NS)
    assert [(release["opens_at"], release["places"]) for release in asked] == [(opens_at, 6)]


def test_the_clock_is_read_in_the_middle_of_the_question(a_plan: Callable[[str], LoadPlan]):
    """An answer that took two seconds tells the time of a second ago."""
    looks = iter([NOW_NS, NOW_NS + 2 * NS])
    with administration((200, {"now": "2030-01-01T00:00:00Z", "scale": 10})) as (url, asked):
        open_release(a_plan(url), OPENS_NS, wall=lambda: next(looks))
    assert datetime.fromisoformat(asked[0]["opens_at"]) == datetime(2030, 1, 1, 0, 3, 10, tzinfo=UTC)


def test_a_service_that_is_away_is_named(a_plan: Callable[[str], LoadPlan]):
    """Nothing listens there: one sentence with the address."""
    with administration((404, {})) as (url, _):
        pass
    with pytest.raises(CannotPrepare, match=url):
        open_release(a_plan(url), OPENS_NS)


@pytest.fixture
def a_plan() -> Callable[[str], LoadPlan]:
    """A plan whose administration is at `url`."""
    fields = {
        "scenario": "quota_rush", "seed": 1, "office": "kupang", "people": 1, "places": 6, "days": 2,
        "opens_at_s": 1.0, "rush_s": 1.0, "drain_s": 1.0, "patience_s": 1.0, "payment_deadline_s": 1.0,
        "profile": None, "service_url": "", "bank_url": "", "admin_token": "t", "run_directory": "",
    }  # fmt: skip
    return lambda url: msgspec.convert(fields | {"direct_url": url}, LoadPlan)
