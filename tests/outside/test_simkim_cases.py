"""SIMKIM over HTTP: a case goes from step to step, each once, each only from the one before."""

import pytest

from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.outside.simkim.zones import ZONES
from tests.outside.simkim_desk import CASE, DAY_S, NIK, PASS, PATH

BEFORE = {step: PATH[:position] for position, (step, _) in enumerate(PATH)}
TOLD = ["checked_in", "interviewed", "adjudication", "printing", "ready", "collected"]


def test_a_case_goes_from_check_in_to_the_hand(desk):
    """Every step is 200; M-Paspor reads its progress in order, numbered without a gap."""
    assert desk.put().status_code == 201
    assert [desk.step("a", *step).status_code for step in PATH] == [200] * len(PATH)
    lines = desk.progress()
    assert [(line["seq"], line["case"], line["type"]) for line in lines] == [
        (number, "a", told) for number, told in enumerate(TOLD, start=1)
    ]
    assert [line["type"] for line in desk.progress(after=4)] == ["ready", "collected"]
    assert [line["type"] for line in desk.progress(limit=1)] == ["checked_in"]
    assert desk.state() == "collected"


@pytest.mark.parametrize("step", PATH, ids=[word for word, _ in PATH])
def test_the_same_step_twice_is_once(desk, step):
    """200 both times, told once; a clerk who is late with it does no harm either."""
    desk.put()
    desk.walk(*BEFORE[step[0]], step)
    told = desk.progress()
    assert desk.step("a", *step).status_code == 200
    desk.walk(*PATH[len(BEFORE[step[0]]) + 1 :])
    assert desk.step("a", *step).status_code == 200
    assert desk.progress()[: len(told)] == told
    assert len(desk.progress()) == len(TOLD)


@pytest.mark.parametrize("position", range(1, len(PATH)), ids=[word for word, _ in PATH[1:]])
def test_a_step_out_of_order_is_refused_and_changes_nothing(desk, position):
    """409 wrong_step from every place but the one before."""
    desk.put()
    for taken in range(position):
        assert desk.refused(desk.step("a", *PATH[position])) == (409, "wrong_step")
        desk.walk(PATH[taken])
    assert desk.step("a", *PATH[position]).status_code == 200


@pytest.mark.parametrize(
    ("steps", "told", "state"),
    [
        ([("interview", {"result": "rejected"})], ["interviewed", "rejected"], "rejected"),
        ([("interview", {"result": "incomplete"})], ["incomplete"], "incomplete"),
        ([("interview", {"result": "incomplete"}), ("completion", {})], ["incomplete", "interviewed"], "interviewed"),
    ],
)
def test_an_interview_may_end_otherwise(desk, steps, told, state):
    """A rejection is told after its interview; missing papers that came let the interview stand."""
    desk.put()
    desk.walk(*PATH[:2], *steps)
    assert [line["type"] for line in desk.progress()][1:] == told
    assert desk.state() == state


def test_an_interview_has_one_result(desk):
    """Another result than the first is refused."""
    desk.put()
    desk.walk(*PATH[:3])
    assert desk.refused(desk.step("a", "interview", {"result": "rejected"})) == (409, "wrong_step")


def test_only_the_case_s_own_pass_opens_its_visit(desk):
    """Another pass is 422; a case that has none needs none."""
    desk.put()
    assert desk.refused(desk.step("a", "check-in", {"pass_code": "other"})) == (422, "wrong_pass")
    assert desk.refused(desk.step("a", "check-in", {})) == (422, "wrong_pass")
    desk.put("walk-in", pass_code=None)
    assert desk.step("walk-in", "check-in", {}).status_code == 200


@pytest.mark.parametrize(
    ("office", "last_s"),
    [("batam", 17 * 3600), ("kupang", 16 * 3600), ("jayapura", 15 * 3600)],
)
def test_the_day_of_a_visit_is_the_office_s_own(desk, office, last_s):
    """A day ends at midnight of its zone: 17:00, 16:00 and 15:00 UTC; the second before is in time."""
    # The clock starts at 01:00 UTC of the day of the appointment.
    desk.put("late", office=office)
    desk.put("early", office=office)
    desk.clock.advance(last_s - 3600 - 1)
    assert desk.step("early", "check-in", PASS).status_code == 200
    desk.clock.advance(1)
    assert desk.refused(desk.step("late", "check-in", PASS)) == (409, "wrong_day")


def test_every_office_of_the_service_is_one_of_simkim_s_in_the_same_zone():
    """A case of an office that SIMKIM does not know would be refused."""
    offices = {name: office.zone.value.utcoffset(None) for name, office in OFFICES.items()}
    assert {name: zone.utcoffset(None) for name, zone in ZONES.items()} == offices


@pytest.mark.parametrize(
    ("before", "step", "days"),
    [([*PATH[:2], ("interview", {"result": "incomplete"})], "completion", 7), (PATH[:5], "hand-over", 30)],
)
def test_what_waits_too_long_is_over_to_the_second(desk, before, step, days):
    """Seven days for missing papers, a month for a passport: a second less is in time; then only a withdrawal."""
    for case in ("a", "b"):
        desk.put(case)
        desk.walk(*before, case=case)
    desk.clock.advance(days * DAY_S - 1)
    assert desk.refused(desk.withdraw("b")) == (409, "already_begun")
    assert desk.step("a", step, {}).status_code == 200
    desk.clock.advance(1)
    assert desk.refused(desk.step("b", step, {})) == (409, "too_late")
    assert desk.withdraw("b").status_code == 200


def test_a_parcel_leaves_only_where_the_post_was_asked_for(desk):
    """A change of delivery is taken up to the end, also after the check-in."""
    desk.put()
    desk.walk(*PATH[:5])
    assert desk.refused(desk.step("a", "shipment", {})) == (409, "wrong_step")
    assert desk.put(delivery="post", address="Jalan Contoh 1").status_code == 200
    assert desk.step("a", "shipment", {}).status_code == 200
    assert desk.progress()[-1]["type"] == "shipped"
    assert desk.refused(desk.put(delivery="collect")) == (409, "already_begun")


def test_a_parcel_waits_for_the_office_and_not_for_its_owner(desk):
    """Far past a month it is no withdrawal's matter, and can still be sent."""
    desk.put(delivery="post", address="Jalan Contoh 1")
    desk.walk(*PATH[:5])
    desk.clock.advance(100 * DAY_S)
    assert desk.refused(desk.withdraw()) == (409, "already_begun")
    assert desk.step("a", "shipment", {}).status_code == 200


def test_a_file_that_was_overtaken_on_its_way_changes_nothing(desk):
    """The newer day stays, whenever the older one arrives; the same file again is the same."""
    desk.put(date="2023-01-31", version=1)
    assert desk.put(date="2023-02-02", version=3).status_code == 200
    assert desk.put(date="2023-01-31", version=2).status_code == 200
    assert desk.staff("GET", "/cases/a").json["date"] == "2023-02-02"
    assert desk.put(date="2023-02-03", version=4).status_code == 200
    assert desk.staff("GET", "/cases/a").json["date"] == "2023-02-03"


def test_a_withdrawn_case_that_comes_after_all_is_expected_again(desk):
    """Under a newer file alone; the one that was withdrawn, come late, changes nothing."""
    desk.put(version=1)
    desk.withdraw()
    assert desk.put(version=1).status_code == 200
    assert desk.state() == "withdrawn"
    assert desk.put(version=2, date=desk.today()).status_code == 200
    assert desk.state() == "awaited"
    desk.walk(*PATH[:2])


def test_a_moved_appointment_replaces_the_old_one_until_the_visit_begins(desk):
    """The new day counts; once the applicant is there, another file is refused and the same one is not."""
    desk.put()
    assert desk.put(date="2023-01-31").status_code == 200
    assert desk.refused(desk.step("a", "check-in", PASS)) == (409, "wrong_day")
    desk.clock.advance(DAY_S)
    desk.walk(PATH[0])
    assert desk.refused(desk.put(date="2023-02-01")) == (409, "already_begun")
    assert desk.put(date="2023-01-31").status_code == 200
    assert desk.refused(desk.withdraw()) == (409, "already_begun")


def test_a_withdrawn_case_is_seen_no_more(desk):
    """Withdrawn twice is withdrawn once; nobody is checked in on it."""
    desk.put()
    assert [desk.withdraw().status_code for _ in range(2)] == [200, 200]
    assert desk.refused(desk.step("a", "check-in", PASS)) == (409, "wrong_step")
    assert desk.refused(desk.put(date="2023-02-01")) == (409, "already_begun")
    assert desk.progress() == []


@pytest.mark.parametrize("force_majeure", [True, False])
def test_a_referral_is_heard_first_and_booked_then(desk, force_majeure):
    """The decision is told, with its reason; the appointment follows; a belated copy of the referral does no harm."""
    referral = {"kind": "bap", "date": None, "session": None, "pass_code": None}
    desk.put(**referral)
    decision = {"approved": True, "force_majeure": force_majeure}
    assert [desk.step("a", "bap", decision).status_code for _ in range(2)] == [200, 200]
    (line,) = desk.progress()
    assert (line["type"], line.get("reason")) == ("bap_approved", "force_majeure" if force_majeure else None)
    assert desk.put().status_code == 200
    assert desk.put(**referral).status_code == 200
    desk.walk(PATH[0])
    assert desk.state() == "checked_in"


def test_a_refused_referral_is_the_end(desk):
    """No appointment follows it."""
    desk.put(kind="bap", date=None)
    desk.step("a", "bap", {"approved": False})
    assert [line["type"] for line in desk.progress()] == ["bap_rejected"]
    assert desk.refused(desk.put()) == (409, "already_begun")
    assert desk.refused(desk.step("a", "bap", {"approved": True})) == (409, "wrong_step")


@pytest.mark.parametrize(
    "changed",
    [
        {"office": "atlantis"},
        {"nik": "1"},
        {"date": None},
        {"kind": "visit"},
        {"validity_years": 7},
        {"date": "soon"},
        {"date": "9999-12-31"},
        {"date": "0001-01-01"},
    ],
)
def test_a_case_that_cannot_be_is_refused(desk, changed):
    """422, and nothing is kept."""
    assert desk.refused(desk.put(**changed)) == (422, "invalid")
    assert desk.refused(desk.step("a", "check-in", PASS)) == (404, "unknown_case")


def test_the_number_of_the_card_is_not_kept(desk, tmp_path):
    """Clerks see the last four digits; the whole NIK is in no answer and in no file."""
    desk.put()
    case = desk.staff("GET", "/cases/a")
    assert case.json["nik_ending"] == NIK[-4:]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a" in kept
    assert NIK.encode() not in kept + case.data
    assert CASE["pass_code"].encode() not in case.data


def test_clerks_find_the_cases_of_an_office_and_a_day(desk):
    """Both narrow the list; neither is needed."""
    desk.put("a")
    desk.put("b", date="2023-01-31")
    desk.put("c", office="kupang")

    def found(query: str) -> list[str]:
        return [case["case"] for case in desk.staff("GET", f"/cases{query}").json["cases"]]

    assert found("") == ["a", "b", "c"]
    assert found("?office=batam") == ["a", "b"]
    assert found("?office=batam&date=2023-01-31") == ["b"]
    assert desk.refused(desk.staff("GET", "/cases?date=today")) == (422, "invalid")
