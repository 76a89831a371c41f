"""SIMKIM over HTTP, and how its parts are put together."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mock_mpaspor.outside.clock import Clock
from mock_mpaspor.outside.database import DatabaseFile
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.front import answer, open_front, read_body, require_bearer
from mock_mpaspor.outside.settings import SimkimSettings
from mock_mpaspor.outside.simkim import messages
from mock_mpaspor.outside.simkim.blanks import Blanks
from mock_mpaspor.outside.simkim.books import metadata
from mock_mpaspor.outside.simkim.casebook import CaseBook
from mock_mpaspor.outside.simkim.cases import Case, Step
from mock_mpaspor.outside.simkim.clerks import FORCE_MAJEURE, Clerks
from mock_mpaspor.outside.simkim.fates import Fate
from mock_mpaspor.outside.simkim.progress import read_on
from mock_mpaspor.outside.system import System

NAME = "simkim"
FEED_LIMIT = 1000
LARGEST_FEED_LIMIT = 10_000
# Steps of one sort a route: what each does to the case. A passport that left the printer is proofed at once.
PLAIN_STEPS: dict[str, tuple[Step, ...]] = {
    "biometrics": (Step.BIOMETRICS,),
    "completion": (Step.COMPLETION,),
    "adjudication": (Step.ADJUDICATION,),
    "print": (Step.PRINT, Step.PROOF),
    "hand-over": (Step.HAND_OVER,),
    "shipment": (Step.SHIPMENT,),
}


@dataclass(frozen=True)
class Gauges(Collector):
    """Read from the books at each scrape, so that a restart does not begin at nothing."""

    cases: CaseBook
    blanks: Blanks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        cases = GaugeMetricFamily("simkim_cases", "Cases by state.", labels=["state"])
        for state, number in self.cases.count().items():
            cases.add_metric([state], number)
        yield cases
        blanks = GaugeMetricFamily("simkim_blanks", "Passport blanks left.", labels=["office", "passport_type"])
        for kind, stock in self.blanks.stock().items():
            blanks.add_metric(kind, stock)
        yield blanks


def create_app(
    settings: SimkimSettings, registry: CollectorRegistry, books: DatabaseFile, cases: CaseBook, blanks: Blanks
) -> Flask:
    """SIMKIM's routes over its books."""
    app = open_front(NAME, settings.front, registry)
    _serve_mpaspor(app, settings.service_token, books, cases)
    _serve_steps(app, settings.staff_token, cases)
    _serve_desk(app, settings.staff_token, cases, blanks)
    return app


def open_system(settings: SimkimSettings, clock: Clock) -> System:
    """SIMKIM over its database, with clerks of its own where the settings ask for them."""
    registry = CollectorRegistry()
    books = DatabaseFile(settings.database_path, metadata)

    def due(case: Case) -> int | None:
        return Fate.of(settings.seed, case.file.person).due_ns(case) if settings.auto else None

    cases, blanks = CaseBook(books, clock, settings.pace, due), Blanks(books, settings.blanks)
    registry.register(Gauges(cases, blanks))
    background = (Clerks(cases, settings.seed),) if settings.auto else ()
    return System(create_app(settings, registry, books, cases, blanks), background, books.close)


def _serve_mpaspor(app: Flask, token: str, books: DatabaseFile, cases: CaseBook) -> None:
    """What M-Paspor tells and asks."""

    @app.put("/cases/<case_id>")
    def put(case_id: str) -> Response:
        require_bearer(token)
        case, new = cases.put(case_id, read_body(messages.CaseRequest).file())
        return answer(messages.Standing(case.case, case.state), 201 if new else 200)

    @app.post("/cases/<case_id>/withdrawal")
    def withdraw(case_id: str) -> Response:
        require_bearer(token)
        return _stands(cases.withdraw(case_id))

    @app.get("/feed/progress")
    def feed() -> Response:
        require_bearer(token)
        after, limit = _whole("after", 0, least=0), _whole("limit", FEED_LIMIT, least=1)
        lines = read_on(books, after, min(limit, LARGEST_FEED_LIMIT))
        return Response(b"".join(lines), mimetype="application/x-ndjson")


def _serve_steps(app: Flask, token: str, cases: CaseBook) -> None:
    """What clerks do to a case."""

    @app.post("/cases/<case_id>/bap")
    def bap(case_id: str) -> Response:
        require_bearer(token)
        asked = read_body(messages.BapRequest)
        return _stands(cases.take(case_id, asked.step, reason=FORCE_MAJEURE if asked.force_majeure else None))

    @app.post("/cases/<case_id>/check-in")
    def check_in(case_id: str) -> Response:
        require_bearer(token)
        shown = read_body(messages.CheckInRequest).pass_code
        return _stands(cases.take(case_id, Step.CHECK_IN, pass_code=shown))

    @app.post("/cases/<case_id>/interview")
    def interview(case_id: str) -> Response:
        require_bearer(token)
        return _stands(cases.take(case_id, read_body(messages.InterviewRequest).step))

    for word, steps in PLAIN_STEPS.items():

        def plain(case_id: str, steps: tuple[Step, ...] = steps) -> Response:
            require_bearer(token)
            return _stands(cases.take(case_id, *steps))

        app.add_url_rule(f"/cases/<case_id>/{word}", word, plain, methods=["POST"])


def _serve_desk(app: Flask, token: str, cases: CaseBook, blanks: Blanks) -> None:
    """What clerks look up and look after."""

    @app.get("/cases")
    def listing() -> Response:
        require_bearer(token)
        found = cases.list(request.args.get("office"), _day())
        return answer(messages.CaseList([messages.view(case) for case in found]))

    @app.get("/cases/<case_id>")
    def show(case_id: str) -> Response:
        require_bearer(token)
        return answer(messages.view(cases.find(case_id)))

    @app.post("/blanks")
    def add_blanks() -> Response:
        require_bearer(token)
        asked = read_body(messages.BlanksRequest)
        return answer(
            messages.Stock(blanks.add(messages.known_office(asked.office), asked.passport_type, asked.number))
        )

    @app.get("/blanks")
    def show_blanks() -> Response:
        require_bearer(token)
        stock = blanks.stock(request.args.get("office"))
        return answer(messages.BlankList([messages.BlankRow(*kind, number) for kind, number in stock.items()]))

    @app.post("/outage")
    def outage() -> Response:
        require_bearer(token)
        asked = read_body(messages.OutageRequest)
        cases.set_printing(asked.printing)
        return answer(asked)


def _stands(case: Case) -> Response:
    return answer(messages.Standing(case.case, case.state))


def _whole(name: str, default: int, least: int) -> int:
    raw = request.args.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18 or int(raw) < least:
        raise Refusal(Code.INVALID, f"{name}: expected a whole number from {least}")
    return int(raw)


def _day() -> datetime.date | None:
    raw = request.args.get("date")
    try:
        return None if raw is None else datetime.date.fromisoformat(raw)
    except ValueError as error:
        raise Refusal(Code.INVALID, "date: expected YYYY-MM-DD") from error
