"""The arrival pass: a signed code of one appointment, as text and as a picture, and how the passport is delivered."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from mock_mpaspor.domain.arrival_pass import ArrivalPasses, ForgedPassError, Pass
from mock_mpaspor.web.arrival_pass import BORDER, SCALE


@pytest.fixture
def slots(service):
    """Two days of places."""
    return service.release(places=8, days=2)


@pytest.fixture
def paid(service, slots):
    """Somebody with a paid appointment: the person and the application."""
    person = service.person()
    return person, person.pay_for(slots[0])


def test_the_pass_says_where_and_when_and_its_code_can_be_verified(paid, slots):
    """The code is bound to the application and its appointment, and signed by the service."""
    person, application = paid
    shown = person.arrival_pass(application).json
    code = shown.pop("pass_code")
    assert shown == {
        "application_id": application,
        "office": "belakang_padang",
        "date": "2025-02-04",
        "session": "morning",
    }
    assert ArrivalPasses("a secret of the house").read(code) == Pass(application, slots[0])


def test_the_picture_is_the_code_as_a_qr_code(paid):
    """A reader of another maker than the writer finds one QR code in it, and in that exactly the text."""
    person, application = paid
    drawn = person.arrival_pass(application, ".png")
    assert (drawn.status_code, drawn.content_type) == (200, "image/png")
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(drawn.data)))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.text == person.arrival_pass(application).json["pass_code"]
    # The quiet zone that the standard asks for, so that a reader finds it on any screen.
    assert found.position.top_left.x == BORDER * SCALE


def test_a_moved_appointment_has_another_pass(paid, slots):
    """The pass of the old day is no longer the one that the office expects."""
    person, application = paid
    old = person.arrival_pass(application).json["pass_code"]
    person.reschedule(application, slots[2])
    new = person.arrival_pass(application).json
    assert new["pass_code"] != old
    assert new["date"] == "2025-02-05"


@pytest.mark.parametrize(
    "change", [lambda code: code[:-1], lambda code: "0" * 16 + code[16:], lambda code: "", str.upper]
)
def test_a_pass_that_was_altered_is_not_genuine(paid, change):
    """Cut, for another application, empty, in capitals."""
    person, application = paid
    code = person.arrival_pass(application).json["pass_code"]
    with pytest.raises(ForgedPassError):
        ArrivalPasses("a secret of the house").read(change(code))
    with pytest.raises(ForgedPassError):
        ArrivalPasses("another secret").read(code)


@pytest.mark.parametrize("form", ["", ".png"])
def test_nobody_has_a_pass_before_the_payment(service, slots, form):
    """Neither as text nor as a picture."""
    person = service.person()
    refused = person.arrival_pass(person.book(slots[0]), form)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "wrong_state")


def test_a_number_in_the_counter_queue_has_a_pass(service):
    """Whoever pays at the counter is expected as well."""
    person = service.person()
    ticket = person.queue_up(service.release(places=2, lane="apapo")[0]).json["application_id"]
    assert person.arrival_pass(ticket).status_code == 200


@pytest.mark.parametrize("form", ["", ".png"])
def test_a_pass_is_shown_to_its_owner_alone(service, paid, form):
    """To anybody else there is no such application."""
    _, application = paid
    assert service.person().arrival_pass(application, form).status_code == 404


def test_a_passport_is_collected_unless_its_holder_has_it_sent(paid):
    """The choice can be made and unmade; a passport sent by post needs an address."""
    person, application = paid
    assert person.status(application)["delivery"] == "collect"
    assert person.choose_delivery(application, "post").status_code == 422
    posted = person.choose_delivery(application, "post", "Jalan Contoh 1, Batam")
    assert (posted.status_code, posted.json) == (200, {"application_id": application, "method": "post"})
    assert person.status(application)["delivery"] == "post"
    assert person.choose_delivery(application, "collect").status_code == 200


def test_the_delivery_is_chosen_from_the_draft_on(service):
    """Nothing needs to be paid yet."""
    person = service.person()
    assert person.choose_delivery(person.apply(), "post", "Jalan Contoh 1").status_code == 200


def test_what_has_ended_is_not_delivered(service):
    """A cancelled application has no passport to send; a stranger's does not exist."""
    person = service.person()
    application = person.apply()
    assert service.person().choose_delivery(application, "collect").status_code == 404
    person.cancel(application)
    refused = person.choose_delivery(application, "collect")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "wrong_state")
