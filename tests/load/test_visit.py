"""Officers at work: a case is taken through every step on its day, whoever it is and whatever is in the way."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from locustfiles._errands import Errand, QuirkShares
from locustfiles._mpaspor import Wish
from locustfiles._office_journeys import UNHURRIED, OfficeJourney
from locustfiles._steps import AppointmentPass, Reading
from locustfiles._visit import Fate
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.records import Outcome
from tests.load.scripted_visitor import PLAN, Script, ScriptedVisitor, ok, refused
from tests.load.test_office_journeys import NOBODY, generous

NOW = datetime.fromisoformat("2026-12-05T08:00:00+07:00")
SCALE = 43_200.0
STAFFED = msgspec.structs.replace(
    PLAN, simkim_url="http://127.0.0.1:3", staff_token="staff", clock_scale=SCALE, opens_at_s=2.0
)
AT_THE_DESK = ["check_in", "biometrics", "interview"]


def staffed(day: str = "2026-12-07", **answers: list[Answer]) -> Script:
    """A service whose clock shows NOW when somebody asks, and an office that takes every step."""

    def script(call: Call, turn: int) -> Answer:
        if scripted := answers.get(call.step.name):
            return scripted[min(turn, len(scripted) - 1)]
        match call.step.name:
            case "clock":
                return ok(Reading(now=NOW, scale=SCALE))
            case "arrival_pass":
                return ok(AppointmentPass(pass_code="p", date=day))
            case "status":
                return ok(Reply(application_id="a1", state="PAID" if turn == 0 else "COLLECTED"))
            case _:
                return generous(call, turn)

    return script


def walk(script: Script, seed: int, errand: Errand = Errand(), shares: QuirkShares = NOBODY):  # noqa: B008
    """One person's way to the office and through it."""
    visitor = ScriptedVisitor(script, msgspec.structs.replace(STAFFED, seed=seed))
    punctual = replace(UNHURRIED, forgets_share=0.0, pays_late_share=0.0)
    return OfficeJourney(visitor, punctual, shares, errand).walk(), visitor  # type: ignore[arg-type]


def seed_of(**wanted: object) -> int:
    """The first seed whose first person has such a fate."""
    return next(
        seed for seed in range(10_000)
        if all(getattr(Fate.of(seed, 0, 0), name) == value for name, value in wanted.items())
    )  # fmt: skip


def at_simkim(visitor: ScriptedVisitor) -> list[str]:
    return [call.step.name for call in visitor.calls if call.target.startswith("/cases/")]


def test_a_case_goes_from_the_door_to_the_hand_over() -> None:
    """Every step once, in order, with the pass shown at the door, and the passport in the hand at the end."""
    outcome, visitor = walk(staffed(), seed_of(comes=True, result="approved"))
    assert outcome is Outcome.RECEIVED
    assert at_simkim(visitor) == [*AT_THE_DESK, "adjudication", "print", "hand_over"]
    shown = next(call for call in visitor.calls if call.step.name == "check_in")
    assert json.loads(shown.body) == {"pass_code": "p"}
    assert shown.target == "/cases/a1/check-in"
    assert shown.headers == (("authorization", "Bearer staff"),)


def test_people_come_on_their_day_and_not_before() -> None:
    """The check-in is sent in the forenoon of the appointment, by the service's clock as it was asked."""
    asked: dict[str, float] = {}

    def noting(call: Call, turn: int) -> Answer:
        asked.setdefault(call.step.name, visitors[0].now_s)
        return staffed()(call, turn)

    visitors = [ScriptedVisitor(noting, msgspec.structs.replace(STAFFED, seed=seed_of(comes=True, result="approved")))]
    OfficeJourney(visitors[0], UNHURRIED, NOBODY, Errand()).walk()  # type: ignore[arg-type]
    came = NOW + timedelta(seconds=(asked["check_in"] - asked["clock"]) * SCALE)
    assert came.date().isoformat() == "2026-12-07"
    assert 8 <= came.hour < 12


def test_who_is_to_be_sent_the_passport_has_it_posted() -> None:
    """Delivery by post ends with a shipment."""
    _, visitor = walk(
        staffed(), seed_of(comes=True, result="approved"), shares=QuirkShares(*([0.0] * 6), by_post=1.0, fetches_pass=0)
    )
    assert at_simkim(visitor)[-2:] == ["print", "shipment"]


def test_a_file_that_lacks_papers_is_completed() -> None:
    """Found incomplete, completed a day later, and then as any other."""
    _, visitor = walk(staffed(), seed_of(comes=True, result="incomplete"))
    assert at_simkim(visitor) == [*AT_THE_DESK, "completion", "adjudication", "print", "hand_over"]


def test_a_rejected_one_goes_no_further() -> None:
    """Nothing is printed; the person learns it from the status."""
    rejected = [ok(Reply(state="PAID")), ok(Reply(state="REJECTED"))]
    outcome, visitor = walk(staffed(status=rejected), seed_of(comes=True, result="rejected"))
    assert at_simkim(visitor) == AT_THE_DESK
    assert outcome is Outcome.REJECTED


@pytest.mark.parametrize("day", ["2026-12-04", "2027-12-04"])
def test_a_day_that_is_past_or_after_the_run_is_not_waited_for(day: str) -> None:
    """Nobody stands before a closed door."""
    _, visitor = walk(staffed(day), seed_of(comes=True))
    assert at_simkim(visitor) == []


def test_some_do_not_come() -> None:
    """They look at their status all the same."""
    outcome, visitor = walk(
        staffed(status=[ok(Reply(state="PAID")), ok(Reply(state="FORFEITED"))]), seed_of(comes=False)
    )
    assert at_simkim(visitor) == []
    assert outcome is Outcome.FORFEITED


def test_who_comes_too_late_on_the_day_is_not_let_in() -> None:
    """The office says that it is another day by now."""
    outcome, visitor = walk(
        staffed(check_in=[refused("wrong_day")], status=[ok(Reply(state="PAID")), ok(Reply(state="FORFEITED"))]),
        seed_of(comes=True),
    )
    assert at_simkim(visitor) == ["check_in"]
    assert outcome is Outcome.FORFEITED


@pytest.mark.parametrize(
    ("step", "reason"), [("check_in", "unknown_case"), ("print", "printing_down"), ("print", "no_blanks")]
)
def test_an_office_that_is_not_ready_yet_is_asked_again(step: str, reason: str) -> None:
    """A case that has not arrived, a printer that does not print: the same step again, and then on."""
    script = staffed(**{step: [refused(reason), refused(reason), ok()]})
    outcome, visitor = walk(script, seed_of(comes=True, result="approved"))
    assert at_simkim(visitor).count(step) == 3
    assert outcome is Outcome.RECEIVED


def test_a_referral_is_decided_by_an_officer() -> None:
    """Of who has lost their passport, before the appointment."""
    states = [ok(Reply(state="DOCS_UPLOADED")), ok(Reply(state="PAID")), ok(Reply(state="COLLECTED"))]
    outcome, visitor = walk(
        staffed(status=states),
        seed_of(comes=True, result="approved", referral_approved=True),
        Errand(wish=Wish("REPLACEMENT", "lost")),
    )
    assert at_simkim(visitor)[0] == "bap"
    assert json.loads(next(call.body for call in visitor.calls if call.step.name == "bap")) == {"approved": True}
    assert outcome is Outcome.RECEIVED


def test_fates_are_drawn_as_assumed() -> None:
    """Over many people: five in a hundred stay away, four lack papers, one is rejected."""
    fates = [Fate.of(1, person, 0) for person in range(5_000)]
    assert sum(fate.comes for fate in fates) / 5_000 == pytest.approx(0.95, abs=0.015)
    assert sum(fate.result == "incomplete" for fate in fates) / 5_000 == pytest.approx(0.04, abs=0.012)
    assert sum(fate.result == "rejected" for fate in fates) / 5_000 == pytest.approx(0.01, abs=0.006)
