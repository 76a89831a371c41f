"""Applications: every kind, who is entitled to what, the interview that some need, drafts that persist."""

from datetime import date

import pytest

from mock_mpaspor.domain.applications import Replaced
from mock_mpaspor.domain.nik import Sex, birth_digits
from tests.service.person import OFFICE
from tests.service.routes import refused

LOST = {"kind": "REPLACEMENT", "replaced": "lost"}
DAMAGED = {"kind": "REPLACEMENT", "replaced": "damaged"}
DATA_CHANGE = {"kind": "DATA_CHANGE"}
DRAFT = {"kind": "NEW", "passport_type": "regular", "validity_years": 5, "office": OFFICE, "purpose": "hajj"}


def born(day):
    """The identity of somebody born on a date (of `datetime.date`)."""
    return {"birth_date": day.isoformat(), "nik": f"997101{birth_digits(day, Sex.FEMALE)}0001", "sex": "female"}


@pytest.mark.parametrize(
    ("kind", "replaced", "status"),
    [
        ("NEW", None, 201),
        ("DATA_CHANGE", None, 201),
        *[("REPLACEMENT", reason.value, 201) for reason in Replaced],
        ("REPLACEMENT", None, 422),
        ("REPLACEMENT", "stolen", 422),
        ("NEW", "lost", 422),
        ("DATA_CHANGE", "expired", 422),
        ("RENEWAL", None, 422),
    ],
)
def test_a_replacement_and_nothing_else_says_why(service, kind, replaced, status):
    """All kinds are taken; a reason that is missing, unknown or out of place is refused."""
    wanted = {**DRAFT, "kind": kind, "replaced": replaced}
    assert service.person().call("POST", "/v1/applications", json=wanted).status_code == status


@pytest.mark.parametrize("changes", [{"validity_years": 7}, {"purpose": "fun"}, {"passport_type": "gold"}])
def test_a_draft_outside_the_rules_is_refused(service, changes):
    """Five or ten years, the two books, the seven purposes."""
    answer = service.person().call("POST", "/v1/applications", json={**DRAFT, **changes})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("purpose", ["tourism", "umrah", "hajj", "formal_work", "migrant_worker", "study", "medical"])
def test_every_purpose_is_taken(service, purpose):
    """The seven purposes of the application form."""
    assert service.person().apply(purpose=purpose)


def test_whoever_says_that_they_are_married_shows_it(service):
    """The certificate itself, and no other proof of birth in its place; a child is a minor whatever it says."""
    person = service.person()
    application = person.apply(married=True)
    person.identify(application)
    assert set(person.missing(application)) == {"ktp", "kk", "marriage_certificate"}
    for kind in ("ktp", "kk", "birth_certificate"):
        assert person.upload(application, kind=kind).json["state"] == "NIK_VERIFIED"
    assert person.upload(application, kind="marriage_certificate").json["state"] == "DOCS_UPLOADED"
    child = person.apply(married=True)
    stated = {"nik": "9971010203200001", "birth_date": "2020-03-02", "sex": "male"}
    assert person.identify(child, **stated).json["error"]["code"] == "not_eligible"
    five_years = person.apply(married=True, validity_years=5)
    assert person.identify(five_years, **stated).status_code == 200
    assert "parent_ktp" in person.missing(five_years)


@pytest.mark.parametrize(
    ("instant", "birth", "years", "married", "status"),
    [
        # The seventeenth birthday is 4 February 2008 + 17; midnight in Jayapura (WIT) is 22:00 in Jakarta.
        ("2025-02-03T23:59:59+09:00", "2008-02-04", 10, False, 422),
        ("2025-02-04T00:00:00+09:00", "2008-02-04", 10, False, 200),
        ("2025-02-03T23:59:59+09:00", "2008-02-04", 10, True, 200),
        ("2025-02-03T23:59:59+09:00", "2008-02-04", 5, False, 200),
        ("2025-02-28T12:00:00+09:00", "2008-02-29", 10, False, 422),
        ("2025-03-01T12:00:00+09:00", "2008-02-29", 10, False, 200),
    ],
)
def test_ten_years_are_for_those_of_age_or_married(service, instant, birth, years, married, status):
    """Seventeen on the day, in the office's zone."""
    service.clock.turn_to(instant)
    person = service.person()
    application = person.apply(office="jayapura", validity_years=years, married=married)
    answer = person.identify(application, **born(date.fromisoformat(birth)))
    assert answer.status_code == status
    if status == 422:
        assert answer.json["error"]["code"] == "not_eligible"
        assert service.dukcapil.asked == []
        assert person.status(application)["state"] == "DRAFT"


def test_nobody_is_born_tomorrow(service):
    """A birth date in the future is no identity, whatever the NIK says."""
    person = service.person()
    answer = person.identify(person.apply(validity_years=5), **born(date(2025, 2, 4)))
    assert answer.json["error"]["code"] == "identity_invalid"


@pytest.mark.parametrize("wanted", [LOST, DAMAGED, DATA_CHANGE])
def test_lost_damaged_and_changed_data_see_the_office_before_they_book(service, wanted):
    """No place without the interview; once it is passed the application is booked as any other."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare(**wanted)
    refused = person.hold(application, slot)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "interview_first")
    referred = person.refer(application)
    assert (referred.status_code, referred.json["state"]) == (200, "REFERRED")
    assert service.interview(application, passed=True)
    assert person.hold(application, slot, key="again").status_code == 201
    states = [entry["state"] for entry in person.status(application)["timeline"]]
    assert states == ["DRAFT", "NIK_VERIFIED", "DOCS_UPLOADED", "REFERRED", "DOCS_UPLOADED", "SLOT_HELD"]
    assert [event["type"] for event in service.events("referred", "referral_approved")] == [
        "referred",
        "referral_approved",
    ]


def test_a_rejected_interview_ends_the_application(service):
    """It is over, and says so; nothing can be booked."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare(**LOST)
    person.refer(application)
    assert service.interview(application, passed=False)
    assert person.status(application)["state"] == "REJECTED"
    assert person.hold(application, slot).json["error"]["code"] == "wrong_state"
    assert not service.interview(application, passed=True)
    assert len(service.events("rejected")) == 1


@pytest.mark.parametrize("wanted", [{}, {"kind": "REPLACEMENT", "replaced": "expired"}])
def test_who_needs_no_interview_gets_none(service, wanted):
    """New passports, and replacements of expired and full ones, go straight to the calendar."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare(**wanted)
    assert person.refer(application).json["error"]["code"] == "wrong_state"
    assert person.hold(application, slot).status_code == 201


def test_asking_for_the_interview_twice_is_asking_once(service):
    """The second answer is the first; without documents, and after the interview, there is nothing to ask for."""
    person = service.person()
    application = person.apply(**LOST)
    assert person.refer(application).status_code == 409
    person.identify(application)
    person.complete(application)
    assert person.refer(application).json == person.refer(application).json
    assert len(service.events("referred")) == 1
    assert service.interview(application, passed=True)
    assert not service.interview(application, passed=True)
    assert person.refer(application).status_code == 409


def test_drafts_persist_from_session_to_session(service):
    """Whoever logs in again finds their applications, the newest first, and nobody else's."""
    person = service.person()
    email = f"warga{person.number}@contoh.example"
    first = person.apply()
    service.clock.pass_s(60)
    second = person.apply(**LOST)
    service.person().apply()
    service.clock.pass_s(7300)
    assert person.call("GET", "/v1/applications").status_code == 401
    person.token = service.log_in(email).json["token"]
    listed = person.call("GET", "/v1/applications").json["applications"]
    assert [entry["application_id"] for entry in listed] == [second, first]
    assert listed[1] == {
        "application_id": first,
        "kind": "NEW",
        "office": OFFICE,
        "state": "DRAFT",
        "label": "Draft",
        "created_at": "2025-02-03T09:00:00.000+07:00",
    }
    read = person.status(second)
    wishes = {"kind": "REPLACEMENT", "replaced": "lost", "passport_type": "electronic", "validity_years": 10}
    wishes |= {"purpose": "umrah", "express": False, "married": False, "office": OFFICE}
    assert {name: read[name] for name in wishes} == wishes
    assert person.identify(first).status_code == 200


def test_a_draft_can_be_changed_until_somebody_is_identified_for_it(service):
    """Everything that was wished for, the fee with it; then it is fixed, and shows whom it is for."""
    person = service.person()
    application = person.apply()
    path, wishes = f"/v1/applications/{application}", {**DRAFT, **LOST, "express": True, "purpose": "study"}
    assert person.call("PUT", path, json=wishes).json["state"] == "DRAFT"
    read = person.status(application)
    assert {name: read[name] for name in wishes} == wishes
    assert read["amount_idr"] == person.status(person.apply(**wishes))["amount_idr"]
    assert read["applicant_name"] is None
    assert len(read["timeline"]) == 1
    assert refused(person.call("PUT", path, json={**wishes, "office": "oslo"})) == (422, "invalid")
    person.identify(application)
    assert refused(person.call("PUT", path, json=DRAFT)) == (409, "wrong_state")
    assert person.status(application)["kind"] == wishes["kind"]
    assert person.status(application)["applicant_name"] == person.identity["name"]


def test_a_status_names_every_state_in_both_languages(service):
    """Each entry of the timeline has its code, its Indonesian label and its instant in the office's zone."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.relay()
    status = person.status(application)
    assert status["label"] == "Menunggu Pembayaran"
    assert (status["kind"], status["office"], status["delivery"], status["queue_number"]) == (
        "NEW",
        OFFICE,
        "collect",
        None,
    )
    assert [(entry["state"], entry["label"]) for entry in status["timeline"]] == [
        ("DRAFT", "Draft"),
        ("NIK_VERIFIED", "Draft"),
        ("DOCS_UPLOADED", "Draft"),
        ("SLOT_HELD", "Kuota Dipesan"),
        ("BILLING_REQUESTED", "Menunggu Kode Billing"),
        ("AWAITING_PAYMENT", "Menunggu Pembayaran"),
    ]
    assert all(entry["at"].endswith("+07:00") for entry in status["timeline"])


def test_another_identity_takes_its_documents_with_it(service):
    """Before the papers are complete the identity may be stated anew; what was uploaded for somebody else is gone."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    person.upload(application, kind="kk")
    person.identify(application)
    assert "kk" not in person.missing(application)
    person.identify(application, nik="9971014203900777")
    assert person.missing(application) == ["ktp", "kk", "birth_certificate"]
