"""The service beside the real SIMKIM: two processes and the contract between them, and SIMKIM's ways to fail."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.jobs.calls import CallError
from mock_mpaspor.jobs.simkim import HttpSimkim
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.cases import Appointment, Case
from mock_mpaspor.store.progress import Line
from tests.service.house import Service
from tests.service.premises import close_service, open_service
from tests.service.test_service_calls import Peer

PATIENCE_S = 60.0
# SIMKIM's clock all but stands, on Tuesday, 4 February 2025, ten o'clock in Jakarta, when the first visits are.
TUESDAY_10_WIB_S = 1_738_638_000
SCALE = 0.001
CASE = Case(
    application_id="0123456789abcdef",
    office="belakang_padang",
    passport_type="electronic",
    validity_years=10,
    identity=Identity("9971014203900001", "Warga Contoh", date(1990, 3, 2), Sex.FEMALE),
    delivery="collect",
    address=None,
    channel="online",
    queue_number=None,
    express=False,
    appointment=Appointment("2025-02-04", "morning", "pass"),
)


def _http(status: str, body: str = "{}") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@dataclass
class Desk:
    """SIMKIM's process as its clerks use it."""

    url: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer staff", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def steps(self, application: str, *steps: tuple[str, dict[str, object]]) -> None:
        """A clerk takes the case through steps that must succeed."""
        for word, body in steps:
            status, answer = self.ask("POST", f"/cases/{application}/{word}", body)
            assert status == 200, (word, answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(json.load(answer)["instance"] == "this-run")
    except OSError:
        return False


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    """SIMKIM's process, ended with the test."""
    port = _free_port()
    environ = {
        "OUTSIDE_INSTANCE": "this-run",
        "SIMKIM_DATABASE_PATH": str(tmp_path / "simkim.db"),
        "SIMKIM_SERVICE_TOKEN": "service",
        "SIMKIM_STAFF_TOKEN": "staff",
        "OUTSIDE_CLOCK_SCALE": str(SCALE),
        # Both clocks agreed then, so that SIMKIM's shows that hour now.
        "OUTSIDE_CLOCK_EPOCH": str((TUESDAY_10_WIB_S - time.time() * SCALE) / (1 - SCALE)),
    }
    command = [sys.executable, "-m", "mock_mpaspor.outside", "simkim", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **environ})
    url = f"http://127.0.0.1:{port}"
    try:
        deadline_s = time.monotonic() + PATIENCE_S
        while not _answers(url):
            assert process.poll() is None, "SIMKIM ended"
            assert time.monotonic() < deadline_s, "SIMKIM never answered"
            time.sleep(0.05)
        yield Desk(url)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture
def simkim() -> Iterator[Callable[[str], HttpSimkim]]:
    """Makes clients of SIMKIM with a short time-out, and closes them."""
    clients: list[HttpSimkim] = []

    def make(url: str, token: str = "service", timeout_s: float = 0.2) -> HttpSimkim:
        clients.append(HttpSimkim(url, token, timeout_s, connections=2, metrics=Metrics()))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def office(environ, desk, simkim) -> Iterator[Service]:
    """The service beside the real SIMKIM."""
    service = open_service({**environ, "MPASPOR_SIMKIM_URL": desk.url}, simkim(desk.url, timeout_s=PATIENCE_S))
    yield service
    close_service(service)


@pytest.mark.slow
def test_a_passport_goes_through_the_real_office(office, desk):
    """Paid, told, checked in by the pass that the applicant shows, printed, sent by post; the owner sees each step."""
    person = office.person()
    application = person.pay_for(office.release(places=8, days=2)[0])
    office.tell_office()
    person.choose_delivery(application, "post", "Jalan Contoh 1")
    code = person.arrival_pass(application).json["pass_code"]
    assert desk.ask("POST", f"/cases/{application}/check-in", {"pass_code": code[::-1]})[0] == 422
    desk.steps(application, ("check-in", {"pass_code": code}), ("biometrics", {}))
    office.hear_office()
    assert person.status(application)["state"] == "CHECKED_IN"
    # The choice of delivery arrives although the visit has begun.
    office.tell_office()
    assert office.pending()["outbox"] == 0
    desk.steps(
        application, ("interview", {"result": "approved"}), ("adjudication", {}), ("print", {}), ("shipment", {})
    )
    office.hear_office()
    assert [entry["state"] for entry in person.status(application)["timeline"]][-5:] == [
        "INTERVIEWED",
        "ADJUDICATION",
        "PRINTING",
        "READY",
        "SHIPPED",
    ]


@pytest.mark.slow
def test_a_lost_passport_is_heard_and_then_booked_at_the_real_office(office, desk):
    """The interview's case becomes the appointment's once it is paid."""
    person = office.person()
    application = person.prepare(kind="REPLACEMENT", replaced="lost")
    person.refer(application)
    office.tell_office()
    desk.steps(application, ("bap", {"approved": True, "force_majeure": True}))
    office.hear_office()
    slot = office.release(places=8, days=2)[0]
    assert person.hold(application, slot).status_code == 201
    person.ask_code(application)
    office.relay()
    bill = office.simponi.bills[application]
    assert bill.amount_idr == 950_000
    office.call_back(bill.billing_code, "N" * 16, bill.amount_idr)
    office.tell_office()
    code = person.arrival_pass(application).json["pass_code"]
    desk.steps(application, ("check-in", {"pass_code": code}))


@pytest.mark.slow
def test_a_moved_and_a_cancelled_visit_are_not_expected_at_the_real_office(office, desk):
    """The moved one is expected on its new day, the cancelled one on none."""
    slots = office.release(places=8, days=2)
    mover, leaver = office.person(), office.person()
    moved = mover.pay_for(slots[0])
    ticket = leaver.queue_up(office.release(places=2, lane="apapo")[0]).json["application_id"]
    office.tell_office()
    mover.reschedule(moved, slots[2])
    leaver.cancel(ticket)
    office.tell_office()
    code = mover.arrival_pass(moved).json["pass_code"]
    status, answer = desk.ask("POST", f"/cases/{moved}/check-in", {"pass_code": code})
    assert (status, answer["error"]["code"]) == (409, "wrong_day")
    assert desk.ask("GET", f"/cases/{ticket}")[1]["state"] == "withdrawn"


@pytest.mark.slow
def test_the_real_simkim_refuses_another_token(desk, simkim):
    """A wrong token is an answer that says no; it is tried again, for somebody may put it right."""
    with pytest.raises(CallError) as raised:
        simkim(desk.url, token="another", timeout_s=PATIENCE_S).tell(CASE, 1, None)
    assert raised.value.failure is AttemptFailure.REJECTED


@pytest.fixture
def peer() -> Iterator[Callable[[bytes | None], Peer]]:
    """Makes peers, and closes them."""
    peers: list[Peer] = []

    def make(answer: bytes | None) -> Peer:
        peers.append(Peer(answer))
        return peers[-1]

    yield make
    for each in peers:
        each.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (None, AttemptFailure.TIMEOUT),
        (b"", AttemptFailure.RESET),
        (_http("500 Internal Server Error"), AttemptFailure.HTTP_5XX),
        (_http("429 Too Many Requests"), AttemptFailure.HTTP_5XX),
        (_http("302 Found"), AttemptFailure.REJECTED),
        (_http("422 Unprocessable Entity"), AttemptFailure.REJECTED),
    ],
)
def test_each_way_to_fail_has_its_name(peer, simkim, answer, failure):
    """Silence, a cut line, trouble there, a definite no: for every call alike."""
    calls = [
        lambda client: client.tell(CASE, 1, None),
        lambda client: client.withdraw("a", None),
        lambda client: client.progress(0, 10),
    ]
    for call in calls:
        with pytest.raises(CallError) as raised:
            call(simkim(peer(answer).url))
        assert raised.value.failure is failure


def test_an_answer_that_no_repetition_changes_settles_the_message(peer, simkim):
    """The visit has begun, or the case was never known: nothing is left to say."""
    assert simkim(peer(_http("409 Conflict")).url).tell(CASE, 1, None) is False
    assert simkim(peer(_http("409 Conflict")).url).withdraw("a", None) is False
    assert simkim(peer(_http("404 Not Found")).url).withdraw("a", None) is False
    assert simkim(peer(_http("200 OK")).url).withdraw("a", None) is True


def test_a_page_of_the_feed_is_read_whole_or_not_at_all(peer, simkim):
    """A line that was mangled on the way makes the page unread; unknown fields are passed over."""
    line = '{"seq": 3, "unix_ns": 5, "case": "a", "type": "ready", "clerk": "somebody"}\n'
    assert simkim(peer(_http("200 OK", line)).url).progress(2, 10) == [Line(3, 5, "a", "ready")]
    with pytest.raises(CallError):
        simkim(peer(_http("200 OK", line + line[:20])).url).progress(2, 10)


def test_the_bearer_and_the_trace_go_along(peer, simkim):
    """SIMKIM sees who asks, and which request of a person it belongs to."""
    listener = peer(_http("201 Created"))
    assert simkim(listener.url).tell(CASE, 1, "a" * 32) is True
    (head,) = listener.heads
    assert b"authorization: bearer service" in head.lower()
    assert b"traceparent: 00-" + b"a" * 32 in head.lower()
    assert b'"date":"2025-02-04"' in head
