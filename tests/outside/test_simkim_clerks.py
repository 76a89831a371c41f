"""SIMKIM's own clerks: whom they meet, how long it takes, and that a seed and a person decide it, not the order."""

import datetime
from collections import Counter
from dataclasses import replace

import pytest

from mock_mpaspor.outside.clock import NS, Pace
from mock_mpaspor.outside.simkim.cases import Step
from mock_mpaspor.outside.simkim.deadlines import DAY_NS
from mock_mpaspor.outside.simkim.fates import Fate
from mock_mpaspor.outside.simkim.zones import local, unix_ns_of, working_days_later
from tests.outside.simkim_desk import CASE, DAY_S, NIK, Desk

MANY = [f"case-{number}" for number in range(2000)]
# The day after the tests' clock starts.
TOMORROW = "2023-01-31"
SOME_DAYS = 60
QUARTER_OF_AN_HOUR_S = 900


@pytest.fixture
def staffed(open_a_simkim, clock):
    """An office with clerks of its own; `live` lets time pass."""

    def open_it(**given) -> Desk:
        return Desk(open_a_simkim(**({"auto": True, "blanks": 1000} | given)), clock)

    return open_it


def person(name: str) -> str:
    """How a fate knows the applicant of the case that is called after them."""
    return f"{name} {CASE['birth_date']} {NIK[-4:]}"


def live(desk: Desk, days: float, step_s: float = QUARTER_OF_AN_HOUR_S) -> None:
    """Let the clerks look every quarter of an hour for so long."""
    clerks = desk.opened.errands
    for _ in range(round(days * DAY_S / step_s)):
        desk.clock.advance(step_s)
        while clerks.work_due():
            pass


def stories(desk: Desk) -> dict[str, list[tuple[str, int]]]:
    told: dict[str, list[tuple[str, int]]] = {}
    for line in desk.progress(limit=10_000):
        told.setdefault(line["case"], []).append((line["type"], line["unix_ns"]))
    return told


def test_clerks_take_everybody_to_the_end(staffed):
    """After two months everybody stayed away, was rejected or forfeited, or holds a passport, by hand or by post."""
    desk = staffed()
    for case in MANY[:60]:
        desk.put(case, name=case, date=TOMORROW, delivery="post" if case.endswith("0") else "collect")
    live(desk, SOME_DAYS, step_s=4 * QUARTER_OF_AN_HOUR_S)
    ends = Counter(case["state"] for case in desk.staff("GET", "/cases").json["cases"])
    assert set(ends) <= {"awaited", "rejected", "incomplete", "ready", "collected", "shipped"}
    assert ends["collected"] > 30
    assert ends["shipped"] >= 4
    for case, lines in stories(desk).items():
        if dict(lines).keys() & {"collected", "shipped"}:
            assert local("batam", dict(lines)["checked_in"]).date().isoformat() == TOMORROW, case


def test_a_passport_is_ready_within_four_working_days_of_the_interview(staffed):
    """Published; nobody is received outside the hours of the session either."""
    desk = staffed()
    for case in MANY[:40]:
        # A Friday: the weekend does not count.
        desk.put(case, name=case, date="2023-02-03", session="afternoon")
    live(desk, 12)
    seen = [dict(lines) for lines in stories(desk).values()]
    ready = [lines for lines in seen if "ready" in lines]
    assert len(ready) > 25
    for lines in ready:
        assert lines["interviewed"] < lines["adjudication"] < lines["printing"] < lines["ready"]
        assert lines["ready"] <= working_days_later("batam", lines["interviewed"], 4) + QUARTER_OF_AN_HOUR_S * NS
        assert 13 <= local("batam", lines["checked_in"]).hour <= 16


def test_an_express_passport_is_ready_on_the_day_of_the_interview(staffed):
    """Percepatan: whoever is heard gets it the same day, in the office's zone; nobody else does."""
    desk = staffed()
    for case in MANY[:40]:
        desk.put(case, name=case, date=TOMORROW, express=True)
        desk.put(f"{case}-ordinary", name=case, date=TOMORROW)
    live(desk, 7)
    days = {}
    for line in desk.progress():
        days.setdefault(line["case"], {})[line["type"]] = local("batam", line["unix_ns"]).date()
    express = [told for case, told in days.items() if "ready" in told and not case.endswith("ordinary")]
    ordinary = [told for case, told in days.items() if "ready" in told and case.endswith("ordinary")]
    assert len(express) > 25
    assert all(told["ready"] == told["interviewed"] for told in express)
    assert any(told["ready"] > told["interviewed"] for told in ordinary)


def test_the_shares_of_fates_are_those_that_were_assumed():
    """Of two thousand about 5 % stay away, 4 % lack papers, 1 % are rejected."""
    fates = [Fate.of("1", case) for case in MANY]
    results = Counter(fate.interview for fate in fates)
    assert 60 < sum(not fate.comes for fate in fates) < 145
    assert 45 < results[Step.INCOMPLETENESS] < 120
    assert 5 < results[Step.REJECTION] < 45


def test_a_fate_hangs_on_seed_and_person_alone(staffed, tmp_path):
    """The same cases entered in the other order live the same lives; another seed gives others."""
    assert Fate.of("1", "a") == Fate.of("1", "a")
    assert Fate.of("1", "a") != Fate.of("2", "a") != Fate.of("2", "b")
    lives = []
    for order in (MANY[:8], MANY[7::-1]):
        desk = staffed()
        began_s = desk.clock.elapsed_s
        for case in order:
            desk.put(case, name=case, date=TOMORROW)
        live(desk, 3)
        lives.append(stories(desk))
        desk.opened.close()
        (tmp_path / "simkim.db").unlink()
        desk.clock.elapsed_s = began_s
    assert lives[0] == lives[1]
    assert len(lives[0]) >= 6


def test_whoever_is_entered_for_the_same_day_is_at_the_counter(staffed):
    """A walk-in does not stay away, and is received within minutes, late in the evening still on that day."""
    desk = staffed()
    # 23:55 at Batam.
    desk.clock.advance(15 * 3600 + 55 * 60)
    for case in MANY[:40]:
        desk.put(case, name=case, pass_code=None, channel="walk_in")
    live(desk, 0.01, step_s=10)
    assert {lines[0][0] for lines in stories(desk).values()} == {"checked_in"}
    assert len(stories(desk)) == 40


def test_without_blanks_the_clerks_wait_and_come_back(staffed):
    """Nothing is lost while the stock is empty; new blanks are printed on."""
    desk = staffed(blanks=0)
    for case in MANY[:5]:
        desk.put(case, name=case)
    live(desk, 7, step_s=4 * QUARTER_OF_AN_HOUR_S)
    adjudicated = [case for case, lines in stories(desk).items() if lines[-1][0] == "adjudication"]
    assert len(adjudicated) >= 3
    desk.staff("POST", "/blanks", {"office": "batam", "passport_type": "regular", "number": 5})
    live(desk, 1, step_s=4 * QUARTER_OF_AN_HOUR_S)
    assert {case for case, lines in stories(desk).items() if "ready" in dict(lines)} == set(adjudicated)
    assert desk.stock() == 5 - len(adjudicated)


def test_referrals_are_decided_within_five_days(staffed):
    """Most are approved; the decision names force majeure where it was."""
    desk = staffed()
    for case in MANY[:60]:
        desk.put(case, name=case, kind="bap", date=None)
    live(desk, 5.1, step_s=4 * QUARTER_OF_AN_HOUR_S)
    decisions = Counter((line["type"], line.get("reason")) for line in desk.progress())
    assert sum(decisions.values()) == 60
    assert set(decisions) == {
        ("bap_approved", None), ("bap_approved", "force_majeure"), ("bap_rejected", None),
    }  # fmt: skip


def test_days_pass_at_the_pace_of_the_clock(staffed, clock):
    """At a day a second a visit tomorrow has happened after two seconds of the wall clock, whose time is told."""
    pace = Pace(scale=DAY_S, epoch_ns=clock.unix_ns())
    desk = staffed(pace=pace)
    comes = next(case for case in MANY if Fate.of("1", person(case)).comes)
    desk.put(comes, name=comes, date=TOMORROW)
    live(desk, 2 / DAY_S, step_s=0.02)
    told = dict(stories(desk)[comes])
    assert told["checked_in"] - clock.unix_ns() <= 0
    assert local("batam", pace.at(told["checked_in"])).date() == datetime.date.fromisoformat(TOMORROW)


def test_nobody_acts_in_an_office_without_clerks_of_its_own(desk):
    """`manual`: every step is somebody's call."""
    desk.put()
    assert desk.opened.system.background == ()


def test_a_day_is_chosen_in_the_office_s_zone(open_a_simkim, staffed):
    """A session in Jayapura begins two hours before one at Batam."""
    desk = staffed()
    arrivals = {}
    for office in ("batam", "jayapura"):
        desk.put(office, office=office, date=TOMORROW)
        case = desk.opened.system.background[0]._cases.find(office)
        fate = replace(Fate.of("1", "a"), comes=True)
        arrivals[office] = fate.due_ns(case)
    assert arrivals["batam"] - arrivals["jayapura"] == 2 * 3600 * NS
    assert arrivals["batam"] - unix_ns_of(local("batam", desk.clock.unix_ns())) < 2 * DAY_NS
    assert CASE["session"] == "morning"
