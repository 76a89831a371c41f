"""The requirement list of the studies: one story a row, told over HTTP. docs/requirements.md has the rows."""

import json
from datetime import UTC, datetime

import pytest

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.outside.bank.channels import Channel
from tests.service.neighbour import everything_stored
from tests.service.person import OFFICE
from tests.service.surroundings import open_town

HOUR_S = 3600
DAY_S = 24 * HOUR_S
STUDIED = {
    "pekanbaru", "belakang_padang", "batam", "kupang", "tanjung_uban",
    "bengkulu", "samarinda", "tangerang", "ponorogo", "jakarta_selatan", "dumai",
}  # fmt: skip


@pytest.fixture
def town(environ, tmp_path):
    """The service among the real Dukcapil, SIMPONI, bank and SIMKIM."""
    with open_town(environ, tmp_path) as opened:
        yield opened


def _open_to_all(service, path):
    answer = service.app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def _code(town, person, application):
    """The code of an application, once SIMPONI has issued it."""
    town.service.relay()
    answer = person.see_code(application)
    assert answer.status_code == 200, answer.text
    return answer.json


def _pay(town, person, application, channel="atm"):
    """Pay at the bank for what was booked, and have SIMPONI tell the service of it."""
    bill = _code(town, person, application)
    receipt = town.pay(bill["billing_code"], bill["amount_idr"], channel)
    assert receipt.status_code == 201, receipt.text
    town.deliver()
    return receipt.json


def _states(person, application):
    return [entry["state"] for entry in person.status(application)["timeline"]]


def _step(town, application, word, **body):
    taken = town.step(application, word, **body)
    assert taken.status_code == 200, (word, taken.text)


def _pass_office(town, application, pass_code=None):
    """The office takes an applicant with whom all is well as far as a passport that is ready."""
    _step(town, application, "check-in", **({"pass_code": pass_code} if pass_code else {}))
    _step(town, application, "biometrics")
    _step(town, application, "interview", result="approved")
    _step(town, application, "adjudication")
    _step(town, application, "print")


def test_row_1_nine_steps_lead_from_the_telephone_to_the_passport_in_the_hand(town):
    """Install, register, choose, state the data, upload, pay, choose the day, be confirmed, collect."""
    service = town.service
    assert _open_to_all(service, "/v1/clock")["scale"] == 1  # the application was installed: it finds its service
    slot = service.release(places=4)[0]
    person = service.person()  # registers, confirms by the mailed code, logs in
    application = person.apply()  # chooses the service
    assert person.identify(application).status_code == 200  # states the data
    person.complete(application)  # uploads the papers
    assert person.hold(application, slot).status_code == 201  # chooses office and day, before paying
    assert person.ask_code(application).status_code == 202
    _pay(town, person, application)  # pays
    shown = person.arrival_pass(application).json  # is confirmed, and verified by the pass at the office
    assert (shown["office"], shown["date"]) == (OFFICE, "2025-02-04")
    service.tell_office()
    service.clock.pass_s(DAY_S)
    _pass_office(town, application, shown["pass_code"])
    _step(town, application, "hand-over")  # collects
    person.renew_session()
    assert _states(person, application) == [
        "DRAFT", "NIK_VERIFIED", "DOCS_UPLOADED", "SLOT_HELD", "BILLING_REQUESTED", "AWAITING_PAYMENT", "PAID",
        "CHECKED_IN", "INTERVIEWED", "ADJUDICATION", "PRINTING", "READY", "COLLECTED",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "paper", "in_person"),
    [
        ({"kind": "NEW"}, None, False),
        ({"kind": "REPLACEMENT", "replaced": "expired"}, "old_passport", False),
        ({"kind": "REPLACEMENT", "replaced": "full"}, "old_passport", False),
        ({"kind": "REPLACEMENT", "replaced": "damaged"}, "old_passport", True),
        ({"kind": "REPLACEMENT", "replaced": "lost"}, "police_report", True),
        ({"kind": "DATA_CHANGE"}, "old_passport", True),
    ],
)
def test_row_2_every_kind_of_application_leads_to_an_appointment(town, wanted, paper, in_person):
    """New, renewed, changed: each with its own papers, some seen by the office before they book."""
    service = town.service
    slot = service.release(places=2)[0]
    person = service.person()
    application = person.apply(**wanted)
    person.identify(application)
    asked = person.missing(application)
    assert paper is None or paper in asked
    person.complete(application)
    if in_person:
        assert person.hold(application, slot).json["error"]["code"] == "interview_first"
        assert person.refer(application).status_code == 200
        service.tell_office()
        _step(town, application, "bap", approved=True)
    assert person.hold(application, slot, key="after").status_code == 201
    assert person.ask_code(application).status_code == 202
    _pay(town, person, application)
    assert person.status(application)["state"] == "PAID"


def test_row_3_identity_payment_status_and_move_each_take_a_hop_of_their_own(town):
    """Dukcapil confirms the NIK, SIMPONI issues the code, the bank takes the fee, SIMKIM is told of the new day."""
    service = town.service
    slots = service.release(places=8, days=2)
    person = service.person()
    draft = person.apply()
    refused = person.identify(draft, birth_date="1991-03-02")
    assert (refused.status_code, refused.json["error"]["code"]) == (422, "identity_invalid")
    application = person.book(slots[0])
    receipt = _pay(town, person, application)
    assert person.status(application)["label"] == "Sudah Terbayar"
    assert [event["ntpn"] for event in service.events("paid")] == [receipt["ntpn"]]
    assert person.reschedule(application, slots[2]).status_code == 200
    service.tell_office()
    expected = town.clerk("GET", f"/cases?office={OFFICE}&date=2025-02-05").json["cases"]
    assert application in repr(expected)


def test_row_4_a_code_that_does_not_come_out_is_said_counted_and_ended(service):
    """Meanwhile the person is told to wait; in the end that it failed, and the only place is free for another."""
    slot = service.release(places=1)[0]
    person, rival = service.person(), service.person()
    service.simponi.failure = AttemptFailure.TIMEOUT
    application = person.book(slot)
    service.relay()
    waiting = person.see_code(application)
    assert (waiting.status_code, waiting.json["state"]) == (202, "BILLING_REQUESTED")
    assert person.status(application)["label"] == "Menunggu Kode Billing"
    assert rival.hold(rival.prepare(), slot).json["error"]["code"] == "sold_out"
    (attempt,) = service.events("bill_attempt_failed")
    assert (attempt["application_id"], attempt["reason"]) == (application, "timeout")
    assert service.pending()["awaiting_code"] == 1
    service.clock.pass_s(901)
    service.relay()
    failed = person.see_code(application)
    assert (failed.status_code, failed.json["error"]["code"]) == (410, "billing_failed")
    assert person.status(application)["label"] == "Kode Billing Gagal Terbit"
    assert service.pending()["awaiting_code"] == 0
    assert rival.hold(rival.prepare(), slot, key="again").status_code == 201


def test_row_5_wrong_data_is_told_and_can_be_put_right(service):
    """The draft stays: the same application goes on once the data are true."""
    person = service.person()
    application = person.apply()
    service.dukcapil.refusal = ErrorCode.IDENTITY_INVALID
    assert person.identify(application).status_code == 422
    assert person.status(application)["state"] == "DRAFT"
    service.dukcapil.refusal = None
    assert person.identify(application).json["state"] == "NIK_VERIFIED"


def test_row_5_who_does_not_pay_in_time_loses_the_place_and_no_late_rupiah_is_lost(service):
    """Expired, the place goes to another; money that comes all the same is sent back."""
    slot = service.release(places=1)[0]
    late, next_one = service.person(), service.person()
    application = late.book(slot)
    service.relay()
    code = late.see_code(application).json["billing_code"]
    service.clock.pass_s(2 * HOUR_S)
    service.jobs.expire()
    late.renew_session()
    next_one.renew_session()
    assert late.status(application)["label"] == "Kadaluarsa"
    assert next_one.hold(next_one.prepare(), slot).status_code == 201
    assert service.call_back(code, "N" * 16).status_code == 200
    assert late.status(application)["label"] == "Menunggu Pengembalian Dana"
    service.relay()
    assert service.simponi.refunded == [(code, "N" * 16)]
    assert late.status(application)["label"] == "Dana Dikembalikan"


def test_row_5_a_rejection_and_a_missed_day_forfeit_the_fee(start):
    """The office refuses one and never sees the other: neither is refunded, and both are told."""
    service = start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1")
    slots = service.release(places=2)
    rejected, absent = service.person(), service.person()
    applications = [rejected.pay_for(slots[0]), absent.pay_for(slots[1])]
    service.tell_office()
    service.simkim.decide(applications[0], "checked_in", "interviewed", "rejected")
    service.clock.pass_s(2 * DAY_S)
    service.hear_office()
    for person, application, label in zip((rejected, absent), applications, ("Ditolak", "Hangus"), strict=True):
        person.renew_session()
        assert person.status(application)["label"] == label
    assert service.events("refund_ordered") == []
    assert service.simponi.refunded == []


def test_row_7_people_upload_for_themselves_choose_their_day_and_see_every_step(town):
    """At night as by day, also while the office works: the timeline grows by each step, with its instant and label."""
    service = town.service
    service.clock.turn_to("2025-02-03T02:30:00+07:00")
    slots = service.release(places=8, days=2)
    person = service.person()
    application = person.book(slots[3])
    _pay(town, person, application)
    service.tell_office()
    pass_code = person.arrival_pass(application).json["pass_code"]
    service.clock.turn_to("2025-02-05T13:00:00+07:00")
    seen = []
    for word, body in (
        ("check-in", {"pass_code": pass_code}),
        ("biometrics", {}),
        ("interview", {"result": "approved"}),
        ("adjudication", {}),
        ("print", {}),
    ):
        _step(town, application, word, **body)
        person.renew_session()
        seen.append(person.status(application)["label"])
    assert seen == ["Hadir", "Hadir", "Selesai Wawancara", "Adjudikasi", "Siap Diambil"]
    timeline = person.status(application)["timeline"]
    instants = [datetime.fromisoformat(entry["at"]) for entry in timeline]
    assert instants == sorted(instants)
    assert instants[0].astimezone(UTC).hour == 19  # half past two at night in Jakarta
    assert all(entry["label"] for entry in timeline)


@pytest.mark.parametrize("channel", list(Channel))
def test_row_8_a_code_is_paid_in_the_last_second_of_two_hours_by_every_channel(town, channel):
    """Bank, post office, marketplace and minimarket: the real bank debits, SIMPONI tells, the place is paid."""
    person = town.service.person()
    application = person.book(town.service.release(places=1)[0])
    bill = _code(town, person, application)
    town.service.clock.pass_s(2 * HOUR_S - 1)
    assert town.service.jobs.expire() == 0
    assert town.pay(bill["billing_code"], bill["amount_idr"], channel).status_code == 201
    town.deliver()
    person.renew_session()
    assert person.status(application)["state"] == "PAID"
    assert [json.loads(line)["type"] for line in town.ledger().splitlines()] == ["debited"]
    assert [event["reason"] for event in town.service.events("paid")] == ["on_time"]


def test_row_8_two_hours_end_to_the_second_although_simponi_takes_money_for_seven_days(town):
    """Expired at the bound; the bank still takes the fee, and while a place is free it buys one after all."""
    person = town.service.person()
    application = person.book(town.service.release(places=1)[0])
    bill = _code(town, person, application)
    town.service.clock.pass_s(2 * HOUR_S)
    assert town.service.jobs.expire() == 1
    person.renew_session()
    assert person.status(application)["label"] == "Kadaluarsa"
    assert town.pay(bill["billing_code"], bill["amount_idr"]).status_code == 201
    town.deliver()
    assert person.status(application)["state"] == "PAID"
    assert [event["reason"] for event in town.service.events("paid")] == ["late_honoured"]


def test_row_9_counter_queue_walk_ins_and_bookings_share_a_day_and_never_a_place(town):
    """One office, one Tuesday: each way in has its own places, and the last of one is no loss to another."""
    service = town.service
    online, queue = (service.release(places=1, lane=lane)[0] for lane in ("online", "apapo"))
    booker, queuer, rival = service.person(), service.person(), service.person()
    booked = booker.book(online)
    _pay(town, booker, booked)
    ticket = queuer.queue_up(queue).json
    assert ticket["queue_number"] == 1
    assert rival.queue_up(queue).json["error"]["code"] == "sold_out"
    service.tell_office()
    service.tell_office()
    service.clock.pass_s(DAY_S)
    service.release(places=1, lane="priority", opens_at="2025-02-04T00:00:00+07:00")
    received = service.walk_in()
    assert received.status_code == 201, received.text
    assert service.walk_in(2).json["error"]["code"] == "sold_out"
    slots = {event["slot"] for event in service.events("held")}
    assert slots == {online, queue, f"{OFFICE}-20250204-morning-priority"}
    cases = town.clerk("GET", f"/cases?office={OFFICE}&date=2025-02-04").json["cases"]
    assert all(application in repr(cases) for application in (booked, ticket["application_id"]))
    assert {service.free(lane) for lane in ("online", "apapo", "priority")} == {0}


def test_row_10_simkim_takes_an_applicant_through_the_office_and_its_troubles(town):
    """Checked in by the pass, photographed and heard while the printers are down, handed over at last."""
    service = town.service
    person = service.person()
    application = person.book(service.release(places=2)[0])
    _pay(town, person, application)
    service.tell_office()
    pass_code = person.arrival_pass(application).json["pass_code"]
    assert town.step(application, "check-in", pass_code=pass_code).json["error"]["code"] == "wrong_day"
    service.clock.pass_s(DAY_S)
    assert town.step(application, "check-in", pass_code="of somebody else").json["error"]["code"] == "wrong_pass"
    assert town.step(application, "interview", result="approved").json["error"]["code"] == "wrong_step"
    town.clerk("POST", "/outage", {"printing": False})
    _step(town, application, "check-in", pass_code=pass_code)
    _step(town, application, "biometrics")
    _step(town, application, "interview", result="approved")
    _step(town, application, "adjudication")
    assert town.step(application, "print").json["error"]["code"] == "printing_down"
    person.renew_session()
    assert person.status(application)["state"] == "ADJUDICATION"
    town.clerk("POST", "/outage", {"printing": True})
    _step(town, application, "print")
    blanks = town.clerk("GET", f"/blanks?office={OFFICE}").json["blanks"]
    assert {row["passport_type"]: row["stock"] for row in blanks} == {"regular": 5, "electronic": 4}
    _step(town, application, "hand-over")
    assert person.status(application)["state"] == "COLLECTED"


def test_row_11_who_only_wants_to_know_is_answered_without_an_account_and_changes_nothing(service):
    """Offices, places, calendar, fees, papers: asked again and again, the same answers and not one event."""
    service.release(places=2)
    before = service.events()
    paths = [
        "/v1/offices?lat=1.1&lon=104.0",
        f"/v1/offices/{OFFICE}/availability",
        f"/v1/offices/{OFFICE}/calendar?month=2025-02",
        "/v1/fees",
        "/v1/requirements?kind=REPLACEMENT&replaced=lost",
    ]
    answers = [[_open_to_all(service, path) for path in paths] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0]["offices"][0]["office"] == "batam"
    assert answers[0][1]["free"] == 2
    assert answers[0][4]["in_person"]
    assert service.events() == before


def test_row_11_who_asks_for_the_status_again_and_again_gets_it_and_moves_nothing(service):
    """Twenty looks at an application are answered alike."""
    person = service.person()
    application = person.pay_for(service.release(places=1)[0])
    first = person.status(application)
    assert first["label"] == "Sudah Terbayar"
    before = service.events()
    assert all(person.status(application) == first for _ in range(20))
    assert service.events() == before


@pytest.mark.parametrize("office", sorted(STUDIED))
def test_row_12_every_office_of_the_studies_takes_bookings_in_its_own_zone(service, office):
    """Class, zone and quota are told to everybody; its places open, and its deadline is told in its own time."""
    offices = {each["office"]: each for each in _open_to_all(service, "/v1/offices")["offices"]}
    shown = offices[office]
    assert shown["class"].startswith("Kelas ")
    assert shown["daily_quota"] == OFFICES[office].daily_quota > 0
    slot = service.release(places=1, office=office)[0]
    person = service.person()
    application = person.book(slot, office=office)
    service.relay()
    offset = {"WIB": "+07:00", "WITA": "+08:00", "WIT": "+09:00"}[shown["zone"]]
    assert str(person.see_code(application).json["pay_before"]).endswith(offset)


def test_row_13_personal_data_are_seen_by_those_entitled_and_readable_nowhere_else(start, caplog):
    """A stranger finds nothing; the NIK lies open in no byte of the database, no log, metric, error or event."""
    caplog.set_level("DEBUG")
    service = start(MPASPOR_SIMKIM_URL="http://127.0.0.1:1")
    owner, stranger = service.person(), service.person()
    nik = owner.identity["nik"]
    application = owner.pay_for(service.release(places=1)[0])
    service.tell_office()
    service.simkim.decide(application, "danced")  # which the log tells of
    service.hear_office()
    for look in (stranger.see_code, stranger.arrival_pass, stranger.cancel, stranger.identify):
        assert look(application).status_code == 404
    assert stranger.call("GET", "/v1/applicants").json == {"applicants": []}
    assert service.simkim.cases[application].identity.nik == nik  # the office is entitled to it
    service.dukcapil.refusal = ErrorCode.IDENTITY_INVALID
    refused = owner.identify(owner.apply())
    assert refused.status_code == 422
    public = [refused.text, repr(service.events()), service.app.test_client().get("/metrics").text, caplog.text]
    public += [owner.call("GET", "/v1/applicants").text, repr(owner.status(application))]
    assert caplog.records
    assert not any(nik in each for each in public)
    stored = everything_stored(service)
    assert application.encode() in stored
    assert nik.encode() not in stored
