"""The clients that `load_client.py` compares: ten people who ask again as soon as they are answered.

Each client does one of two things: the bare request, or a journey of seven requests as an applicant makes them, with
JSON and a scan sent and JSON read. Importing this has Locust patch the sockets, for every client alike.
"""

import locust.env  # isort: skip - its patching comes before anything else

from collections.abc import Callable
from pathlib import Path
from time import monotonic, monotonic_ns, time_ns

import gevent
import locust
import msgspec

from loket.load.answers import Answer, Reply, Step
from loket.load.arrivals import Rush
from loket.load.call import Attempt, Call
from loket.load.crowd import Crowd
from loket.load.plan import LoadPlan
from loket.load.visitor import Visitor
from loket.records import Origin, Outcome
from loket.run_directory import RunDirectory

PEOPLE = 10
SCAN = b"\xff\xd8" + bytes(16_382)
APPLICATION = "/v1/applications/a-1"


class Session(Reply, frozen=True):
    token: str = ""


class Slot(msgspec.Struct, frozen=True):
    id: str
    free: int


class Slots(Reply, frozen=True):
    slots: tuple[Slot, ...] = ()


OK = frozenset({200})
ASK = Call(Step("ask", OK, read=True), "GET", "/")
LOGIN, AVAILABILITY = Step("login", OK, reply=Session), Step("availability", OK, reply=Slots, read=True)
UPLOAD, HOLD, REQUEST = Step("upload", OK), Step("hold_slot", OK), Step("request_billing", OK)
CODE, STATUS = Step("billing_code", OK, read=True), Step("status", OK, read=True)


def ask(visitor: Visitor) -> None:
    """The bare request."""
    visitor.send(ASK)


def apply(visitor: Visitor) -> None:
    """The journey, as Loket's people make it."""
    body = msgspec.json.encode({"email": "a@example.com", "password": "secret"})
    session = visitor.send(Call(LOGIN, "POST", "/v1/sessions", body)).reply
    assert isinstance(session, Session)
    bearer = ("authorization", f"Bearer {session.token}")
    visitor.send(Call(UPLOAD, "POST", f"{APPLICATION}/documents?kind=ktp", SCAN, "image/jpeg", (bearer,)))
    found = visitor.send(Call(AVAILABILITY, "GET", "/v1/offices/kupang/availability")).reply
    assert isinstance(found, Slots)
    slot = next(slot.id for slot in found.slots if slot.free)
    keyed = (bearer, ("idempotency-key", "k-1"))
    visitor.send(Call(HOLD, "POST", f"{APPLICATION}/hold", msgspec.json.encode({"slot": slot}), headers=keyed))
    visitor.send(Call(REQUEST, "POST", f"{APPLICATION}/billing", headers=keyed))
    code = visitor.send(Call(CODE, "GET", f"{APPLICATION}/billing", headers=(bearer,))).reply
    assert code is not None
    assert code.billing_code
    status = visitor.send(Call(STATUS, "GET", APPLICATION, headers=(bearer,))).reply
    assert status is not None
    assert status.state == "PAID"


def ask_by_locust(client) -> None:
    """The bare request."""
    client.get("/", name="ask")


def apply_by_locust(client) -> None:
    """The journey, as a locustfile has it."""
    with client.post(
        "/v1/sessions", json={"email": "a@example.com", "password": "secret"}, name="login", catch_response=True
    ) as answer:
        bearer = {"authorization": f"Bearer {answer.json()['token']}"}
    client.post(
        f"{APPLICATION}/documents?kind=ktp", data=SCAN, headers={**bearer, "content-type": "image/jpeg"}, name="upload"
    )
    found = client.get("/v1/offices/kupang/availability", name="availability").json()
    slot = next(slot["id"] for slot in found["slots"] if slot["free"])
    keyed = {**bearer, "idempotency-key": "k-1"}
    client.post(f"{APPLICATION}/hold", json={"slot": slot}, headers=keyed, name="hold_slot")
    client.post(f"{APPLICATION}/billing", headers=keyed, name="request_billing")
    assert client.get(f"{APPLICATION}/billing", headers=bearer, name="billing_code").json()["billing_code"]
    assert client.get(APPLICATION, headers=bearer, name="status").json()["state"] == "PAID"


JOURNEYS = {"bare": (ask, ask_by_locust), "journey": (apply, apply_by_locust)}


class Asking:
    """A scenario whose people all come at once and repeat the journey until the second given."""

    name = "asking"

    def __init__(self, journey: Callable[[Visitor], None], seconds: float) -> None:
        self._journey = journey
        self._seconds = seconds

    def curve(self, plan: LoadPlan) -> Rush:
        return Rush(0.0, 0.0, plan.rush_s, tau_s=1.0, early_share=1.0, steady_share=0.0)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        while visitor.now_s < self._seconds:
            self._journey(visitor)
        return Outcome.CONFIRMED


def ours(url: str, journey: str, seconds: float, folder: str) -> int:
    """Requests answered to a crowd of Loket's: journal, ledger, series, pulse and Locust's own statistics."""
    plan = LoadPlan(
        scenario="asking", seed=1, office="", people=PEOPLE, places=0, days=1, opens_at_s=0.0, rush_s=seconds,
        drain_s=10.0, patience_s=10.0, payment_deadline_s=0.0, profile=None, service_url=url, bank_url=url,
        direct_url=url, admin_token="", run_directory=folder,
    )  # fmt: skip
    origin = Origin(mono_ns=monotonic_ns(), unix_ns=time_ns())
    scenario = Asking(JOURNEYS[journey][0], seconds)
    Crowd(plan=plan, origin=origin, number=0, of=1, scenario=scenario, listener=shown_to_locust()).run()
    (*_, end) = RunDirectory(Path(folder)).shifts("w0")
    return end.requests.ok


def shown_to_locust() -> Callable[[Attempt, Answer, int], None]:
    """What a run does besides: every answer goes into Locust's own statistics too."""
    environment = locust.env.Environment()
    environment.create_local_runner()

    def show(attempt: Attempt, answer: Answer, response_ns: int) -> None:
        environment.events.request.fire(
            request_type=attempt.call.method, name=attempt.call.step.name, response_time=response_ns / 1e6,
            response_length=0, exception=None, context={},
        )  # fmt: skip

    return show


def locusts(url: str, journey: str, seconds: float, kind: str) -> int:
    """Requests answered to one of Locust's own users, with its statistics."""
    until = monotonic() + seconds

    def ask(_: int) -> None:
        user = crowd(environment)
        while monotonic() < until:
            JOURNEYS[journey][1](user.client)

    crowd = type("Asker", (getattr(locust, kind),), {"host": url})
    environment = locust.env.Environment(user_classes=[crowd])
    environment.create_local_runner()  # it is what counts the requests
    gevent.joinall([gevent.spawn(ask, number) for number in range(PEOPLE)], raise_error=True)
    assert environment.stats.total.num_failures == 0
    return environment.stats.total.num_requests
