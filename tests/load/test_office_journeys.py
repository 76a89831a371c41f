"""Every errand of the office's month, against a service that answers as the test says."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from locustfiles._errands import ERRANDS, Errand, Quirks, QuirkShares, Way, errand_of
from locustfiles._family import adult, child, elder
from locustfiles._mpaspor import Wish
from locustfiles._office_journeys import FROM_WORST, UNHURRIED, OfficeJourney
from locustfiles._steps import Availability, Code, Draft, Drafts, Missing, Slot
from loket.experiment import Experiment
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.records import Outcome
from tests.load.scripted_visitor import PLAN, Script, ScriptedVisitor, ok, refused, willing

NOBODY = QuirkShares(**dict.fromkeys(QuirkShares.__dataclass_fields__, 0.0))
DAYS = tuple(Slot(f"s{number}", 1, f"2026-12-{number:02}") for number in range(1, 29))
APPLICATION = Errand()
PAPERS = {"kk": ("ktp",), "ktp": ("birth_certificate",), "birth_certificate": ()}


def generous(call: Call, turn: int) -> Answer:
    """An office that has a place on every day of the month and hands the passport over at the second look."""
    match call.step.name:
        case "availability":
            return ok(Availability(slots=DAYS))
        case "applications":
            return ok(Drafts(applications=(Draft("a1", "DRAFT"),)))
        case "upload_document":
            kind = call.target.rpartition("=")[2]
            return ok(Missing(missing=PAPERS[kind])) if kind in PAPERS else ok(Missing(missing=()))
        case "billing_code":
            state = "AWAITING_PAYMENT" if turn == 0 else "PAID"
            return ok(Code(application_id="a1", billing_code="8" * 15, amount_idr=350_000, state=state))
        case "status":
            return ok(Reply(application_id="a1", state="PAID" if turn == 0 else "COLLECTED"))
        case _:
            return willing(call, turn)


def instead(**answers: list[Answer]) -> Script:
    """The generous office, except that these steps get these answers in turn, the last for ever."""

    def script(call: Call, turn: int) -> Answer:
        scripted = answers.get(call.step.name)
        return scripted[min(turn, len(scripted) - 1)] if scripted else generous(call, turn)

    return script


def walk(
    errand: Errand, script: Script = generous, shares: QuirkShares = NOBODY, **plan: object
) -> tuple[Outcome, ScriptedVisitor]:
    """One person's whole errand, and what they did on it; nobody forgets to pay unless the test says so."""
    visitor = ScriptedVisitor(script, msgspec.structs.replace(PLAN, **{"office_token": "clerk", **plan}))
    punctual = replace(UNHURRIED, forgets_share=0.0, pays_late_share=0.0, poll_first_s=0.5, think_s=0.1)
    return OfficeJourney(visitor, punctual, shares, errand).walk(), visitor  # type: ignore[arg-type]


def names(visitor: ScriptedVisitor) -> list[str]:
    return [call.step.name for call in visitor.calls]


def only(quirk: str) -> QuirkShares:
    return QuirkShares(**{name: float(name == quirk) for name in QuirkShares.__dataclass_fields__})


def test_an_application_ends_with_the_passport_in_the_hand() -> None:
    """From the registration past the payment to the last look at the status."""
    outcome, visitor = walk(APPLICATION)
    assert outcome is Outcome.RECEIVED
    assert [step for step in names(visitor) if step not in ("availability", "status", "billing_code")] == [
        "register", "read_mail", "verify_email", "login", "draft", "verify_nik",
        "upload_document", "upload_document", "upload_document", "hold_slot", "request_billing", "pay",
    ]  # fmt: skip


@pytest.mark.parametrize("errand", [errand for _, errand in ERRANDS], ids=str)
def test_every_errand_of_the_table_can_be_done(errand: Errand) -> None:
    """With a willing office nobody is refused, and each draft says what the errand wants."""
    referred = [
        ok(Reply(application_id="a1", state="DOCS_UPLOADED")),
        ok(Reply(state="PAID")),
        ok(Reply(state="SHIPPED")),
    ]
    script = instead(status=referred) if errand.in_person_first else generous
    outcome, visitor = walk(errand, script)
    expected = {Way.QUESTION: Outcome.INFORMED, Way.COUNTER: Outcome.CONFIRMED}
    assert outcome is expected.get(errand.way, Outcome.RECEIVED)
    drafts = [json.loads(call.body) for call in visitor.calls if call.step.name == "draft"]
    assert len(drafts) == (errand.applicants if errand.way is Way.APPLICATION else 0)
    wish = {name: value for name, value in msgspec.to_builtins(errand.wish).items() if value not in (None, False)}
    assert all(draft == {**wish, "office": PLAN.office} for draft in drafts)
    assert ("referral" in names(visitor)) == errand.in_person_first
    lanes = {call.target.rpartition("=")[2] for call in visitor.calls if call.step.name == "availability"}
    assert lanes <= {"express" if errand.wish.express else "online", "apapo"}


@pytest.mark.parametrize(
    ("quirk", "steps"),
    [
        ("mistypes_code", {"verify_email": 2, "read_mail": 2}),
        ("mistakes_birth_date", {"verify_nik": 2}),
        ("mistypes_nik", {"verify_nik": 2}),
        ("picks_wrong_file", {"upload_document": 4}),
        ("leaves_draft", {"applications": 1, "login": 2}),
        ("cancels", {"cancel": 1, "pay": 0}),
        ("moves", {"reschedule": 1}),
        ("by_post", {"delivery": 1}),
        ("fetches_pass", {"arrival_pass": 1, "arrival_pass_picture": 1}),
    ],
)
def test_each_quirk_does_what_it_says(quirk: str, steps: dict[str, int]) -> None:
    """One quirk alone, and the errand ends all the same: with the passport, or as the person wanted."""
    outcome, visitor = walk(APPLICATION, shares=only(quirk))
    done = Counter(names(visitor))
    assert {step: done[step] for step in steps} == steps
    assert outcome is (Outcome.WITHDREW if quirk == "cancels" else Outcome.RECEIVED)


def test_what_is_stated_wrong_is_really_wrong_and_then_right() -> None:
    """The wrong birth date contradicts the NIK; the wrong code is not the mailed one; the wrong file is no JPEG."""
    _, visitor = walk(APPLICATION, shares=QuirkShares(1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    said = {name: [call for call in visitor.calls if call.step.name == name] for name in names(visitor)}
    first, second = (json.loads(call.body) for call in said["verify_nik"])
    assert (first["nik"], first["birth_date"] != second["birth_date"]) == (second["nik"], True)
    assert [json.loads(call.body)["otp"] for call in said["verify_email"]] == ["123457", "123456"]
    assert [call.body[:2] == b"\xff\xd8" for call in said["upload_document"]] == [False, True, True, True]
    # Only who is known to err may be refused so: from anybody else it is an error.
    assert ["not_a_jpeg" in call.step.refusals for call in said["upload_document"]] == [True, False, False, False]


def test_a_family_has_an_application_each_and_keys_of_its_own() -> None:
    """Two adults and a child: three applicants, three holds, three payments, no key twice."""
    outcome, visitor = walk(Errand(wish=Wish(validity_years=5), applicants=3, children=1))
    assert outcome is Outcome.RECEIVED
    niks = [json.loads(call.body)["nik"] for call in visitor.calls if call.step.name == "verify_nik"]
    assert niks == [adult(5, 0).nik, adult(5, 0, 1).nik, child(5, 0, 2).nik]
    keys = [call.key for call in visitor.calls if call.key and call.attempt == 1]
    assert len(keys) == len(set(keys)) == 9


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (instead(status=[ok(Reply(state="PAID")), ok(Reply(state="REJECTED"))]), Outcome.REJECTED),
        (instead(status=[ok(Reply(state="PAID")), ok(Reply(state="FORFEITED"))]), Outcome.FORFEITED),
        (instead(status=[ok(Reply(state="PAID"))]), Outcome.CONFIRMED),
        (instead(status=[ok(Reply(state="AWAITING_PAYMENT")), ok(Reply(state="REFUND_DUE"))]), Outcome.REFUNDED),
        (instead(verify_nik=[refused("identity_invalid")]), Outcome.REFUSED),
        (instead(hold_slot=[refused("slot_full"), ok()]), Outcome.RECEIVED),
        (instead(availability=[ok(Availability(slots=()))]), Outcome.SOLD_OUT),
        (instead(billing_code=[refused("billing_failed")]), Outcome.NO_CODE),
    ],
)
def test_where_an_application_can_end(script: Script, outcome: Outcome) -> None:
    """Each way to fall out has a name of its own: the report counts people by it."""
    assert walk(APPLICATION, script)[0] is outcome


def test_a_referral_that_is_turned_down_is_a_refusal() -> None:
    """Nothing was paid, so nothing is forfeited."""
    lost = Errand(wish=Wish("REPLACEMENT", "lost"))
    states = [ok(Reply(state="REFERRED")), ok(Reply(state="REJECTED"))]
    outcome, visitor = walk(lost, instead(status=states))
    assert outcome is Outcome.REFUSED
    assert "hold_slot" not in names(visitor)


def test_the_counter_asks_for_a_ground_that_holds_and_needs_a_clerk() -> None:
    """Over sixty is over sixty; where nobody lets the load behind the counter it only asks."""
    for seed in range(12):
        _, visitor = walk(Errand(Way.COUNTER), seed=seed)
        entered = next(json.loads(call.body) for call in visitor.calls if call.step.name == "walk_in")
        assert entered["ground"] != "pregnant" or entered["sex"] == "female"
        assert entered["ground"] != "over_60" or entered["birth_date"] < "1960"
    outcome, visitor = walk(Errand(Way.COUNTER), office_token="")
    assert outcome is Outcome.INFORMED
    assert "walk_in" not in names(visitor)


def test_relatives_are_other_people_of_the_right_age() -> None:
    """No NIK twice in a crowd of accounts, each NIK as the birth date and the sex say."""
    crowd = [relative(7, index, member) for index in range(200) for member in range(3) for relative in (adult, child)]
    assert len({somebody.nik for somebody in crowd if somebody.birth_date.year < 2010}) == 600
    assert all(child(7, index).birth_date > date(2015, 12, 31) for index in range(200))
    assert all(elder(7, index).birth_date < date(1960, 1, 1) for index in range(200))
    for somebody in crowd:
        day = somebody.birth_date.day + 40 * (somebody.sex == "female")
        assert somebody.nik[6:12] == f"{day:02}{somebody.birth_date:%m%y}"


def test_the_experiment_meets_every_errand_and_every_quirk() -> None:
    """With its seed and its people no row of the table stays without anybody."""
    experiment = Experiment.read("office_day")
    people = range(experiment.load.people)
    met = [errand_of(experiment.seed, index) for index in people]
    assert {errand for _, errand in ERRANDS} == set(met)
    quirks = [
        Quirks.of(QuirkShares(), experiment.seed, index, 0) for index in people if met[index].way is Way.APPLICATION
    ]
    assert all(any(getattr(one, name) for one in quirks) for name in Quirks.__dataclass_fields__)


def test_whoever_fared_worst_speaks_for_the_account() -> None:
    """Every outcome that an application can have stands in the order."""
    elsewhere = {Outcome.QUEUED, Outcome.INFORMED, Outcome.CANCELLED, Outcome.MOVED, Outcome.GRANTED}
    assert set(FROM_WORST) == set(Outcome) - elsewhere
