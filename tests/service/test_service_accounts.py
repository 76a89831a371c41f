"""Accounts: the mailed code that confirms an address, and the limits on guessing codes and passwords."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_mpaspor.domain.limits import LOG_IN, MAILED_CODES, guesses
from mock_mpaspor.domain.otp import draw_code
from mock_mpaspor.web.parts import EXTENSION
from tests.service.person import PASSWORD
from tests.service.routes import refused

NOBODY = "nobody@contoh.example"
GUESSES = guesses(300).number


def _wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_code_comes_by_mail_and_opens_the_account(service):
    """Before it is confirmed an address logs nobody in; the six digits of the mail confirm it."""
    email = service.register()
    assert refused(service.log_in(email)) == (403, "not_verified")
    (mail,) = service.mails(email)
    assert mail["recipient"] == email
    assert len(re.findall(r"\b\d{6}\b", mail["body"])) == 1
    assert service.confirm(email).status_code == 200
    assert service.log_in(email).status_code == 201


def test_the_end_of_a_code_is_told_at_registration(start):
    """`otp_expires_at` is so many seconds of the wall clock away as the setting says."""
    service = start(MPASPOR_OTP_S="60", MPASPOR_CLOCK_SCALE="360", MPASPOR_CLOCK_EPOCH="1738548000")
    email = service.register()
    assert service.resend_code(email).json == {"otp_expires_at": "2025-02-03T09:01:00.000+07:00"}


def test_the_same_code_again_is_answered_the_same(service):
    """Whoever lost the answer asks again, even after the code's time, and learns the same."""
    email = service.register()
    first = service.confirm(email)
    service.clock.pass_s(3600)
    again = service.confirm(email)
    assert (again.status_code, again.json) == (200, first.json)


@pytest.mark.parametrize(("age_s", "status"), [(299.9, 200), (300, 410), (86_400, 410)])
def test_a_code_is_good_for_five_minutes(service, age_s, status):
    """To the moment; afterwards it is `otp_expired` for who knows it."""
    email = service.register()
    service.clock.pass_s(age_s)
    assert service.confirm(email).status_code == status
    assert service.log_in(email).status_code == (201 if status == 200 else 403)


def test_a_wrong_code_after_its_time_is_only_wrong(service):
    """That a code has ended is told to nobody who guesses: it would tell that the address waits for one."""
    email = service.register()
    code = service.mailed_code(email)
    service.clock.pass_s(301)
    assert refused(service.confirm(email, _wrong(code))) == (422, "otp_wrong")


def test_a_code_withstands_five_guesses(service):
    """After five wrong ones the right one is refused too, and when to come back is told."""
    email = service.register()
    code = service.mailed_code(email)
    for _ in range(GUESSES):
        assert refused(service.confirm(email, _wrong(code))) == (422, "otp_wrong")
    answer = service.confirm(email, code)
    assert refused(answer) == (429, "too_many_attempts")
    assert answer.headers["Retry-After"] == "300"


def test_many_guesses_at_once_are_no_more_than_five(service):
    """Side by side they are counted as one after another."""
    email = service.register()
    wrong = _wrong(service.mailed_code(email))
    gate = threading.Barrier(12)

    def guess():
        gate.wait(timeout=30)
        return service.confirm(email, wrong).status_code

    with ThreadPoolExecutor(12) as crowd:
        statuses = [each.result() for each in [crowd.submit(guess) for _ in range(12)]]
    assert sorted(statuses) == [422] * GUESSES + [429] * (12 - GUESSES)


def test_a_new_code_replaces_the_old_one_and_can_be_guessed_at_anew(service):
    """The old code is wrong from then on; the new one has attempts of its own."""
    email = service.register()
    old = service.mailed_code(email)
    for _ in range(GUESSES + 1):
        service.confirm(email, _wrong(old))
    assert service.resend_code(email).status_code == 202
    new = service.mailed_code(email)
    assert old == new or refused(service.confirm(email, old)) == (422, "otp_wrong")
    assert service.confirm(email, new).status_code == 200


def test_an_expired_code_is_replaced_on_request(service):
    """Whoever was too slow asks for another."""
    email = service.register()
    service.clock.pass_s(400)
    service.resend_code(email)
    assert service.confirm(email).status_code == 200


def test_a_confirmed_address_is_sent_no_further_code(service):
    """Nor does asking for one take back what was confirmed."""
    email = service.register()
    service.confirm(email)
    assert service.resend_code(email).status_code == 202
    assert len(service.mails(email)) == 1
    assert service.log_in(email).status_code == 201


def test_mails_to_an_address_are_bounded(service):
    """So many in a quarter of an hour, whoever asks; then it is open again."""
    email = service.register()
    for _ in range(MAILED_CODES.number):
        assert service.resend_code(email).status_code == 202
    answer = service.resend_code(email)
    assert refused(answer) == (429, "too_many_attempts")
    assert answer.headers["Retry-After"] == "900"
    assert len(service.mails(email)) == 1 + MAILED_CODES.number
    service.clock.pass_s(900)
    assert service.resend_code(email).status_code == 202


def test_an_address_without_an_account_is_answered_like_one_with(service):
    """Resend, guesses and log-ins go the same way to the same end, limits included; no mail leaves."""
    email = service.register()
    wrong = _wrong(service.mailed_code(email))

    def seen(address):
        answers = [service.confirm(address, wrong) for _ in range(GUESSES + 1)]
        answers += [service.resend_code(address) for _ in range(MAILED_CODES.number + 1)]
        answers += [service.log_in(address, "Salah12345") for _ in range(LOG_IN.number + 1)]
        return [(answer.status_code, answer.json, answer.headers.get("Retry-After")) for answer in answers]

    assert seen(NOBODY) == seen(email)
    assert service.mails(NOBODY) == []


def test_a_log_in_costs_a_digest_whether_or_not_the_address_is_known(service, monkeypatch):
    """What takes time is done for both, so that time tells nothing."""
    accounts = service.app.extensions[EXTENSION].accounts
    digest, costs = accounts._digest, []
    monkeypatch.setattr(accounts, "_digest", lambda *given: costs.append(1) or digest(*given))
    email = service.register()
    costs.clear()
    service.log_in(email, "Salah12345")
    service.log_in(NOBODY, "Salah12345")
    assert len(costs) == 2


def test_only_the_password_tells_that_an_address_is_not_confirmed(service):
    """A wrong one is `wrong_credentials`, as for anybody."""
    assert refused(service.log_in(service.register(), "Salah12345")) == (401, "wrong_credentials")


def test_ten_wrong_passwords_close_the_door_for_a_while(service):
    """The right one is refused as well until the quarter of an hour is over."""
    email = service.register()
    service.confirm(email)
    service.clock.pass_s(60)
    for _ in range(LOG_IN.number):
        assert refused(service.log_in(email, "Salah12345")) == (401, "wrong_credentials")
    service.clock.pass_s(100.5)
    answer = service.log_in(email)
    assert refused(answer) == (429, "too_many_attempts")
    assert answer.headers["Retry-After"] == "800"
    service.clock.pass_s(799.5)
    assert service.log_in(email).status_code == 201


def test_a_right_password_clears_the_wrong_ones(service):
    """Nine wrong, one right, nine wrong: nobody is kept out."""
    email = service.register()
    service.confirm(email)
    for _ in range(3):
        for _ in range(LOG_IN.number - 1):
            assert service.log_in(email, "Salah12345").status_code == 401
        assert service.log_in(email).status_code == 201


def test_right_passwords_are_never_limited(service):
    """However often somebody logs in."""
    email = service.register()
    service.confirm(email)
    assert {service.log_in(email).status_code for _ in range(4 * LOG_IN.number)} == {201}


def test_a_guess_that_is_right_too_late_does_not_get_in(service, monkeypatch):
    """While a password is checked, a burst of wrong ones uses the attempts up: the limit holds for the burst."""
    email = service.register()
    service.confirm(email)
    accounts = service.app.extensions[EXTENSION].accounts
    digest = accounts._digest

    def slow(password, salt):
        if password == PASSWORD:
            for _ in range(LOG_IN.number):
                service.log_in(email, "Salah12345")
        return digest(password, salt)

    monkeypatch.setattr(accounts, "_digest", slow)
    assert refused(service.log_in(email)) == (429, "too_many_attempts")


def test_an_address_is_one_however_it_is_written(service):
    """Capitals make no other account, code, or limit."""
    email = service.register()
    assert service.confirm(email.upper(), service.mailed_code(email)).status_code == 200
    assert service.log_in(email.title()).status_code == 201


def test_an_address_that_is_none_is_refused(service):
    """Nothing that would break out of a mail's head, or grow in a database."""
    strange = (
        "a@b\r\nBcc: c@d",
        "a@b\n",
        "a b@c",
        "ß@contoh.example",
        "a\0@b",
        "@",
        "a@",
        "a",
        "a@@b",
        "x" * 254 + "@y",
    )
    for email in strange:
        assert refused(service.resend_code(email)) == (422, "invalid")
        assert refused(service.open_account(email)) == (422, "invalid")


@given(st.integers(min_value=0, max_value=999_999))
def test_a_code_has_six_digits(number):
    """Zeros in front included."""
    assert draw_code(lambda below: number % below) == f"{number:06}"


def test_a_token_of_an_account_that_is_gone_opens_nothing(service):
    """Rightly signed, but the database knows no such account (a restored copy, say): 401, not a failure."""
    person = service.person()
    stranger = replace(person, token=service.app.extensions[EXTENSION].sessions.issue("0123456789abcdef")[0])
    wanted = {"kind": "NEW", "passport_type": "regular", "validity_years": 5, "office": "kupang", "purpose": "tourism"}
    assert stranger.call("POST", "/v1/applications", json=wanted).status_code == 401
    assert person.call("POST", "/v1/applications", json=wanted).status_code == 201
