"""What must not be readable anywhere: a NIK, a password, a code, and whatever opens other people's doors."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.web.parts import EXTENSION
from tests.service.person import PASSWORD
from tests.service.tables import rows_by_table

ROOT = Path(__file__).parents[2]
NTPN = "N" * 16


def test_a_nik_is_open_nowhere(service, caplog):
    """Not in any table, event, metric, log line, error or printed part: refused, confirmed, booked or broken down."""
    caplog.set_level("DEBUG")
    (slot,) = service.release(places=1)
    person = service.person()
    nik = person.identity["nik"]
    answers = [person.identify(person.apply(), birth_date="1991-03-02")]
    for refusal in (ErrorCode.IDENTITY_INVALID, ErrorCode.DUKCAPIL_UNAVAILABLE):
        service.dukcapil.refusal = refusal
        answers.append(person.identify(person.apply()))
    service.dukcapil.refusal = None
    application = person.book(slot)
    service.relay()
    service.call_back(person.see_code(application).json["billing_code"], NTPN)
    answers += [person.call("GET", f"/v1/applications/{application}"), person.call("GET", "/v1/applicants")]
    applications = service.app.extensions[EXTENSION].applications
    broken = person.apply()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(applications), "identify", _breaks)
        answers.append(person.identify(broken))
    assert {answer.status_code for answer in answers} == {200, 422, 500, 503}
    seen = [answer.text for answer in answers]
    seen += [row for _, rows in rows_by_table(service) for row in rows]
    seen += [repr(service.events()), service.app.test_client().get("/metrics").text, caplog.text]
    seen += [repr(service.app.extensions[EXTENSION]), repr(service.dukcapil.asked)]
    assert caplog.records
    assert service.dukcapil.asked[0].nik == nik
    assert not any(nik in each for each in seen)


def _breaks(*_given, **_named):
    raise RuntimeError("broken on purpose")


def test_a_password_is_kept_nowhere_and_a_code_only_in_the_mail(service, caplog):
    """What opens an account cannot be read back from the house."""
    caplog.set_level("DEBUG")
    email = service.register()
    code = service.mailed_code(email)
    service.log_in(email, "Salah12345")
    service.confirm(email)
    tables = dict(rows_by_table(service))
    assert any(code in row for row in tables.pop("mails"))
    assert tables["accounts"]
    everywhere = caplog.text + repr(tables)
    assert not any(secret in everywhere for secret in (PASSWORD, "Salah12345"))
    assert f"'{code}'" not in everywhere


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bglpat-[A-Za-z0-9_-]{20}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\."
    r"|://[^/\s:@{}$<>]+:[^/\s:@{}$<>*]{8,}@"
)
SPECIMENS = [
    "-----BEGIN RSA PRIVATE" + " KEY-----",
    "AKIA" + "A1B2C3D4E5F6G7H8",
    "ghp_" + "a" * 36,
    "glpat-" + "a" * 20,
    "https://user:" + "secretpassword@host",
]


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_the_search_for_secrets_finds_one(specimen):
    """A search that finds nothing anywhere would be no search."""
    assert SECRETS.search(f"before {specimen} after")


def test_no_secret_lies_in_the_repository():
    """No private key, access token or password in an address, in any file that is kept."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60).stdout
    files = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    texts = {path: path.read_bytes().decode("utf-8", "replace") for path in files if path.is_file()}
    assert Path(__file__) in texts
    assert [str(path.relative_to(ROOT)) for path, content in texts.items() if SECRETS.search(content)] == []
