"""SIMKIM as a house: its doors, its feed, its stock of blanks, its outage, and what outlives a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.outside.simkim.cases import CaseState
from mock_mpaspor.outside.simkim.zones import ZONES
from tests.outside.simkim_desk import CASE, NIK, PATH, Desk

DOORS = [
    ("PUT", "/cases/a", "service-token"), ("POST", "/cases/a/withdrawal", "service-token"),
    ("GET", "/feed/progress", "service-token"), ("GET", "/cases", "staff-token"), ("GET", "/cases/a", "staff-token"),
    ("POST", "/blanks", "staff-token"), ("GET", "/blanks", "staff-token"), ("POST", "/outage", "staff-token"),
    *[("POST", f"/cases/a/{word}", "staff-token") for word in ("bap", *[word for word, _ in PATH], "completion")],
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "token"), DOORS)
def test_every_door_has_its_own_key(desk, method, path, token):
    """No token, a wrong one and the other door's are 401; the right one is let in, whatever comes then."""
    others = {"", "wrong", "service-token", "staff-token"} - {token}
    for shown in others:
        assert desk.refused(desk.ask(shown, method, path, {})) == (401, "wrong_token")
    assert desk.ask(token, method, path, {}).status_code != 401


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "after=" + "9" * 30])
def test_a_feed_is_asked_for_by_whole_numbers(desk, query):
    """Anything else is 422."""
    assert desk.refused(desk.service("GET", f"/feed/progress?{query}")) == (422, "invalid")


def test_everything_is_there_after_a_restart(open_a_simkim):
    """Cases, progress and blanks are on disk before an answer leaves; a restart brings no new blanks."""
    first = Desk(open_a_simkim(blanks=5))
    first.put()
    first.walk(*PATH[:5])
    told = first.progress()
    first.opened.close()
    second = Desk(open_a_simkim(blanks=5))
    assert (second.state(), second.progress(), second.stock()) == ("ready", told, 4)
    second.walk(PATH[5])
    assert second.progress()[-1]["seq"] == len(told) + 1


def test_one_blank_is_printed_on_once(desk):
    """Sixteen cases and five blanks: five are printed, eleven stay where they were, nothing goes below nothing."""
    cases = [f"case-{number}" for number in range(16)]
    for case in cases:
        desk.put(case)
        desk.walk(*PATH[:4], case=case)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda case: desk.step(case, "print", {}), cases))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 11
    assert desk.stock() == 0
    assert sorted(desk.state(case) for case in cases) == ["adjudicated"] * 11 + ["ready"] * 5
    assert desk.staff("POST", "/blanks", {"office": "batam", "passport_type": "regular", "number": 11}).json == {
        "stock": 11
    }
    assert {desk.step(case, "print", {}).status_code for case in cases} == {200}
    assert desk.stock() == 0
    assert [line["seq"] for line in desk.progress()] == list(range(1, 16 * 5 + 1))


def test_photo_and_interview_go_on_while_printing_is_down(desk):
    """As in June 2024: everything but the printer works, and what waits for it is printed afterwards."""
    desk.put()
    desk.staff("POST", "/outage", {"printing": False})
    desk.walk(*PATH[:4])
    assert desk.refused(desk.step("a", "print", {})) == (409, "printing_down")
    assert (desk.state(), desk.stock()) == ("adjudicated", 5)
    desk.staff("POST", "/outage", {"printing": True})
    assert desk.step("a", "print", {}).status_code == 200


def test_metrics_have_few_labels_and_nobody_s_name(desk):
    """Cases by state, blanks by office and passport; no case, no pass, no NIK."""
    desk.put()
    desk.walk(PATH[0])
    shown = desk.opened.call("GET", "/metrics").text
    assert 'simkim_cases{state="checked_in"} 1.0' in shown
    assert 'simkim_blanks{office="batam",passport_type="regular"} 5.0' in shown
    assert shown.count("simkim_blanks{") == 2 * len(ZONES)
    assert shown.count("simkim_cases{") == len(CaseState)
    assert not [word for word in (NIK, CASE["name"], CASE["pass_code"]) if word in shown]
