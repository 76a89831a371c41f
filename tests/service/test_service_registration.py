"""Registering: what an account asks for, and an address that somebody else has registered and never confirmed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_mpaspor.domain.limits import MAILED_CODES
from tests.service.routes import refused


def test_an_address_that_nobody_confirmed_is_kept_from_nobody(service):
    """Who registers it anew has the password that counts; the code mailed before is worth nothing."""
    email = service.register()
    squatters = service.mailed_code(email)
    again = service.open_account(email.upper(), "Milikku12345")
    assert again.status_code == 201
    new = service.mailed_code(email)
    assert squatters == new or refused(service.confirm(email, squatters)) == (422, "otp_wrong")
    assert service.confirm(email, new).json["account_id"] == again.json["account_id"]
    assert service.log_in(email, "Milikku12345").status_code == 201
    assert refused(service.log_in(email)) == (401, "wrong_credentials")
    assert refused(service.open_account(email)) == (409, "account_exists")


def test_registering_anew_sends_no_more_mails_than_asking_for_a_code(service):
    """The two are counted together, and what is refused changes nothing."""
    email = service.register()
    for number in range(MAILED_CODES.number):
        again = service.open_account(email) if number % 2 else service.resend_code(email)
        assert again.status_code < 300
    assert refused(service.open_account(email, "Milikku12345")) == (429, "too_many_attempts")
    assert len(service.mails(email)) == 1 + MAILED_CODES.number
    service.confirm(email)
    assert service.log_in(email).status_code == 201


def test_two_who_register_an_address_at_once_are_one_account(service):
    """Whichever was last has the password; both were told the same account."""
    gate = threading.Barrier(2)

    passwords = ("Pertama123", "Kedua12345")

    def register(password):
        gate.wait(timeout=30)
        return service.open_account("dua@contoh.example", password)

    with ThreadPoolExecutor(2) as crowd:
        answers = list(crowd.map(register, passwords))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json["account_id"] for answer in answers}) == 1
    service.confirm("dua@contoh.example")
    seen = {service.log_in("dua@contoh.example", password).status_code for password in passwords}
    assert seen == {201, 401}


@pytest.mark.parametrize(
    "password", ["Short1", "Rahas12", "Rahasia123456", "Waytoolongpassword", "rahasia123", "", "12345678"]
)
def test_a_password_has_eight_to_twelve_characters_and_a_capital(service, password):
    """Anything else opens no account."""
    assert refused(service.open_account("baru@contoh.example", password)) == (422, "invalid")


def test_a_code_is_six_digits_and_nothing_behind(service):
    """A line break is no part of a code."""
    email = service.register()
    assert refused(service.confirm(email, service.mailed_code(email) + "\n")) == (422, "invalid")
