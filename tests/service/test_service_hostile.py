"""What nobody should send, and what is sent nevertheless: a definite refusal, and nothing given away."""

from pathlib import Path

import pytest

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.store.accounts import NewAccount
from mock_mpaspor.web.parts import EXTENSION

NTPN = "N" * 16
CODE = "8" * 15


@pytest.mark.parametrize("digits", [19, 400, 5000])
def test_a_callback_from_the_end_of_time_is_refused(service, digits):
    """A timestamp too long for a clock, a float, or Python's own parser opens nothing and breaks nothing."""
    answer = service.call_back(CODE, NTPN, timestamp="9" * digits)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "bad_signature")


@pytest.mark.parametrize("opens_at", ["9999-12-31T23:59:59Z", "2263-01-01T00:00:00Z", "1969-12-31T23:00:00Z"])
def test_an_opening_outside_the_numbers_of_a_database_is_refused(service, opens_at):
    """Nanoseconds that no 64-bit number holds, or from before the epoch: 422, and nothing is released."""
    wanted = {"office": "kupang", "opens_at": opens_at, "days": 1, "places": 1}
    answer = service.admin("POST", "/admin/releases", json=wanted)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")
    assert service.events() == []


@pytest.mark.parametrize("trace", ["g" * 32, "C" * 32, "ä" * 32, "0" * 32, "c" * 31])
def test_a_trace_that_is_no_trace_is_not_kept(service, trace):
    """Only 32 lower-case hex digits, not all zero, are a trace id; anything else is as none."""
    person = service.person()
    headers = {"traceparent": f"00-{trace}-{'d' * 16}-01"}
    person.call("PUT", f"/v1/applications/{person.apply()}/identity", json=person.identity, headers=headers)
    assert "trace_id" not in service.events("identity_verified")[0]


def test_the_parts_of_the_app_print_no_secret(service):
    """A traceback or a debugger that prints the parts gives no token away."""
    shown = repr(service.app.extensions[EXTENSION])
    secrets = (service.settings.admin_token, service.settings.audit_token, service.settings.secret)
    assert not any(repr(secret) in shown for secret in secrets)


def test_a_new_account_prints_no_password(service):
    """Nor does what a person registers with."""
    fields = dict.fromkeys(("name", "email", "phone", "birth_date", "sex"), "x")
    assert "Rahasia123" not in repr(NewAccount(**fields, password="Rahasia123"))


def test_the_contract_names_every_refusal():
    """docs/mpaspor-api.md tells of each code that the service can answer with."""
    contract = (Path(__file__).parents[2] / "docs" / "mpaspor-api.md").read_text()
    assert [code for code in ErrorCode if f"`{code}`" not in contract] == []
