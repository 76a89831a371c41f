"""Every door of the service, tried by whoever should not come in: one test a door.

The routes come from the app itself, so that a new one is tried without anybody remembering to.
"""

import hashlib
import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import inspect, text

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.web.bodies import LARGEST_JSON
from mock_mpaspor.web.headers import SECURITY_HEADERS
from mock_mpaspor.web.operations import Door, Operation, declared_by
from mock_mpaspor.web.parts import EXTENSION
from tests.service.person import JPEG, PASSWORD

ROOT = Path(__file__).parents[2]
NTPN = "N" * 16
KEY = {"Idempotency-Key": "k"}
IDENTITY = {"nik": "9971014203900042", "name": "Warga", "birth_date": "1990-03-02", "sex": "female"}
SLOT = "belakang_padang-2025-02-03-morning"

# What a route must be sent to get as far as asking whose application it is; the others need nothing.
BODIES: dict[str, object] = {
    "/v1/applications/<application_id>/identity": IDENTITY,
    "/v1/applications/<application_id>/hold": {"slot": SLOT},
    "/v1/applications/<application_id>/reschedule": {"slot": SLOT},
    "/v1/applications/<application_id>/delivery": {"method": "collect"},
}
CLOSED = {
    Door.SESSION: (401, "unauthenticated"),
    Door.ADMIN: (401, "wrong_token"),
    Door.AUDIT: (401, "wrong_token"),
    Door.OFFICE: (401, "wrong_token"),
    Door.SIGNATURE: (401, "bad_signature"),
}
# What opens them in the tests: each is tried at every door but its own.
TOKENS = {Door.ADMIN: "adm", Door.AUDIT: "aud", Door.OFFICE: "off"}


def _refused(answer):
    return answer.status_code, answer.json["error"]["code"]


def _routes(app) -> Iterator[tuple[str, str, Operation]]:
    """(method, rule, what its view declares) of every route."""
    for rule in app.url_map.iter_rules():
        declared = declared_by(app.view_functions[rule.endpoint])
        if declared is None:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, rule.rule, declared


def _path(rule: str, value: str = "none") -> str:
    return re.sub(r"<[^>]+>", value, rule)


def _sent(rule: str, declared: Operation) -> dict[str, object]:
    """What to send so that the route reads as far as it can."""
    if declared.body_type == "application/json":
        return {"json": BODIES.get(rule, {})} if declared.body else {}
    return {"data": JPEG, "content_type": declared.body_type, "query_string": {"kind": "ktp"}}


def _open(service, method, path, token, **sent):
    headers = {**KEY, **({} if token is None else {"Authorization": f"Bearer {token}"})}
    return service.app.test_client().open(path, method=method, headers=headers, **sent)


def _tables(service) -> Iterator[tuple[str, list[str]]]:
    """Every table of the database with its rows as text."""
    database = service.app.extensions[EXTENSION].database
    with database.read() as connection:
        for table in inspect(connection).get_table_names():
            yield table, [repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]


@pytest.fixture
def guarded(start):
    """The service with every token set."""
    return start(MPASPOR_OFFICE_TOKEN="off")


def test_no_route_opens_without_its_token_or_with_the_wrong_one(guarded):
    """Nothing, another door's token, a person's session, rubbish: each door refuses in its own words."""
    session = guarded.person().token
    tried, wide_open = 0, []
    for method, rule, declared in _routes(guarded.app):
        if declared.door is Door.OPEN:
            continue
        keys = [None, "", "rubbish", *(token for door, token in TOKENS.items() if door is not declared.door)]
        keys += [] if declared.door is Door.SESSION else [session]
        for key in keys:
            answer = _open(guarded, method, _path(rule), key, **_sent(rule, declared))
            tried += 1
            if _refused(answer) != CLOSED[declared.door]:
                wide_open.append((method, rule, key, answer.status_code))
    assert wide_open == []
    assert tried > 50


def test_a_stranger_is_told_of_no_application_that_it_exists(guarded):
    """Every route with the id of an application answers 404 to whoever does not own it."""
    guarded.release(places=2)
    owner, stranger = guarded.person(), guarded.person()
    application = owner.prepare()
    before = owner.status(application)
    tried, told = 0, []
    for method, rule, declared in _routes(guarded.app):
        if "<application_id>" not in rule or declared.door is not Door.SESSION:
            continue
        path = _path(rule, application)
        answer = _open(guarded, method, path, stranger.token, **_sent(rule, declared))
        tried += 1
        if _refused(answer) != (404, "unknown_application"):
            told.append((method, rule, answer.status_code, answer.json))
    assert told == []
    assert tried >= 8
    assert owner.status(application) == before


def test_every_other_id_of_a_session_route_is_somebodys_own(guarded):
    """An id that is neither an application's nor an office's needs a test of its own: this one tells that it is new."""
    known = {"application_id", "office", "ticket"}
    named = {name for rule in guarded.app.url_map.iter_rules() for name in rule.arguments}
    assert named <= known


def test_an_office_that_set_no_token_lets_nobody_to_its_counter(service):
    """An empty token is no token: neither none nor an empty one matches it."""
    routes = [
        (method, rule, declared) for method, rule, declared in _routes(service.app) if declared.door is Door.OFFICE
    ]
    for method, rule, declared in routes:
        for token in (None, "", " ", "off"):
            assert _refused(_open(service, method, _path(rule), token, **_sent(rule, declared)))[0] == 401
    assert routes


def _signed(secret, salt, value):
    return TimestampSigner(secret, salt=salt, digest_method=hashlib.sha256).sign(value).decode()


def test_only_a_session_token_is_a_session(service, monkeypatch):
    """Another secret, another salt, no kind, a changed account or signature: none of them opens an account."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: service.clock.now_ns // 10**9)
    person = service.person()
    account = person.token.split(":")[1].split(".")[0]
    right = _signed("a secret", "mpaspor.session", f"session:{account}")
    forged = [
        _signed("a guess", "mpaspor.session", f"session:{account}"),
        _signed("a secret", "mpaspor.arrival-pass", f"session:{account}"),
        _signed("a secret", "itsdangerous.Signer", f"session:{account}"),
        _signed("a secret", "mpaspor.session", account),
        _signed("a secret", "mpaspor.session", f"pass:{account}"),
        person.token.replace(account, "0" * len(account)),
        person.token[:-1] + ("A" if person.token[-1] != "A" else "B"),
        person.token.rsplit(".", 1)[0],
        f"session:{account}",
        person.token + ".",
        "\u00e9" * 40,
        "." * 5000,
    ]
    assert _open(service, "GET", "/v1/applications", right).status_code == 200
    seen = [_refused(_open(service, "GET", "/v1/applications", token)) for token in forged]
    assert set(seen) == {(401, "unauthenticated")}


def test_a_session_from_the_future_or_from_long_ago_is_none(service):
    """A token is good from its making for its time, by the wall clock."""
    person = service.person()
    for seconds in (-60, 60 + 7202):
        service.clock.pass_s(seconds)
        assert person.call("GET", "/v1/applications").status_code == 401


def _billed(service):
    """A billing code waiting for its money."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.book(slot)
    service.relay()
    return person.see_code(application).json["billing_code"]


def test_a_callback_sent_again_is_credited_once(service):
    """The same bytes with the same signature, as often as they come: answered, counted, and paid once."""
    code = _billed(service)
    results = [service.call_back(code, NTPN).json["result"] for _ in range(4)]
    assert results == ["paid", "duplicate", "duplicate", "duplicate"]
    assert len(service.events("paid")) == 1


def test_the_same_money_under_a_fresh_signature_is_credited_once(service):
    """A later notice of the same NTPN, rightly signed anew: a duplicate still."""
    code = _billed(service)
    service.call_back(code, NTPN)
    service.clock.pass_s(4000)
    assert service.call_back(code, NTPN).json["result"] == "duplicate"
    assert len(service.events("paid")) == 1


def _capture(service, code):
    """A rightly signed callback, as somebody on the way would see it: its bytes and its headers."""
    body = (
        f'{{"event_id":"e","billing_code":"{code}","ntpn":"{NTPN}","ntb":"123456789012",'
        '"amount_idr":950000,"paid_at":"2025-02-03T09:10:00+07:00"}'
    ).encode()
    timestamp = str(service.clock.now_ns // 10**9)
    signature = service.app.extensions[EXTENSION].callback_signature.sign(timestamp, body)
    return body, {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}


def _replay(service, body, headers):
    client = service.app.test_client()
    return client.post("/v1/callbacks/simponi", data=body, headers=headers, content_type="application/json")


def test_a_captured_callback_is_worth_nothing_changed_or_late(service):
    """Another body, another time, another case of the signature's bytes, or past the window: refused, nothing paid."""
    code = _billed(service)
    body, headers = _capture(service, code)
    later = str(int(headers["X-Simponi-Timestamp"]) + 1)
    forged = [
        (body.replace(b"950000", b"950001"), headers),
        (body.replace(NTPN.encode(), b"M" * 16), headers),
        (body + b" ", headers),
        (body, {**headers, "X-Simponi-Timestamp": later}),
        (body, {**headers, "X-Simponi-Signature": ""}),
        (body, {**headers, "X-Simponi-Signature": headers["X-Simponi-Signature"].upper()}),
        (body, {"X-Simponi-Timestamp": headers["X-Simponi-Timestamp"]}),
    ]
    assert {_refused(_replay(service, *each)) for each in forged} == {(401, "bad_signature")}
    service.clock.pass_s(301)
    assert _refused(_replay(service, body, headers)) == (401, "bad_signature")
    service.clock.pass_s(-301)
    assert service.events("paid") == []
    assert _replay(service, body, headers).json == {"result": "paid"}


def test_every_answer_is_guarded(service):
    """Successes, refusals of every kind, unknown routes, feeds, metrics and breakdowns carry the same headers."""
    service.app.view_functions["health.healthz"] = lambda: 1 / 0
    person = service.person()
    answers = [
        person.call("GET", "/v1/applications"),
        person.call("GET", "/v1/applications/none"),
        person.upload(person.apply(), b"x" * 5_000_001),
        service.admin("GET", "/audit/events", token="aud"),
        service.admin("GET", "/audit/events", token="no"),
        service.log_in("nobody@contoh.example"),
        *(service.app.test_client().get(path) for path in ("/metrics", "/nowhere", "/healthz", "/v1/sessions", "/%00")),
    ]
    assert {answer.status_code for answer in answers} == {200, 401, 404, 405, 413, 422, 500}
    for answer in answers:
        assert [answer.headers.get(name) for name, _ in SECURITY_HEADERS] == [value for _, value in SECURITY_HEADERS]


def test_a_breakdown_tells_nothing_of_the_house(service):
    """No traceback, path, statement or version reaches a person."""
    service.app.view_functions["health.healthz"] = lambda: 1 / 0
    answer = service.app.test_client().get("/healthz")
    assert _refused(answer) == (500, "internal")
    assert not re.search(r"Zero|Traceback|\.py|line|SELECT|Werkzeug|Python", answer.text + str(answer.headers))


HOSTILE_IDS = [
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%5c%2e%2e",
    "%00",
    "a%00b",
    "%0d%0aX-Evil:%201",
    "' OR '1'='1",
    '"; DROP TABLE accounts; --',
    "%ff%fe",
    "%F0%9F%98%80",
    "{{7*7}}",
    "a" * 20_000,
    "-1",
    "%25",
]


def test_no_id_in_a_path_breaks_or_opens_anything(guarded):
    """Traversal, NUL, line breaks, quotes, no text at all, twenty thousand letters: a clean refusal on every route."""
    token = guarded.person().token
    odd = []
    routes = [route for route in _routes(guarded.app) if "<" in route[1]]
    for method, rule, declared in routes:
        for hostile in HOSTILE_IDS:
            key = TOKENS.get(declared.door, token)
            answer = _open(guarded, method, _path(rule, hostile), key, **_sent(rule, declared))
            if not 400 <= answer.status_code < 500 or "X-Evil" in answer.headers:
                odd.append((method, rule, hostile[:30], answer.status_code))
    assert odd == []
    assert len(routes) >= 8


HOSTILE_BODIES = {
    "nothing": b"",
    "no JSON": b"<xml/>",
    "half an object": b'{"email": "a',
    "a list": b"[]",
    "a number": b"1",
    "a NUL": b'{"email": "a\\u0000b", "slot": "\\u0000", "name": "\\u0000"}',
    "half a surrogate": b'{"email": "\\ud800", "slot": "\\ud800", "nik": "\\ud800"}',
    "bytes that are no text": b'{"email": "\xff"}',
    "a deep nest": b'{"x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep objects": b'{"x":' * 9_000 + b"1" + b"}" * 9_000,
    "a key twice": b'{"email": "a@b", "email": "c@d"}',
    "a key twice within": b'{"x": {"email": "a@b", "email": "c@d"}}',
    "a number too long": b'{"x": ' + b"9" * 5_000 + b', "amount_idr": ' + b"9" * 5_000 + b"}",
    "no number": b'{"amount_idr": NaN, "days": Infinity}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"email": "a@b"}'.encode("utf-16"),
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
def test_no_body_breaks_anything(guarded, name):
    """On every route that reads JSON the answer is a definite refusal, and nothing is done."""
    token = guarded.person().token
    events, odd = guarded.events(), []
    routes = [
        route for route in _routes(guarded.app) if route[2].body is not None and route[2].door is not Door.SIGNATURE
    ]
    for method, rule, declared in routes:
        key = TOKENS.get(declared.door, token)
        sent = {"data": HOSTILE_BODIES[name], "content_type": "application/json"}
        answer = _open(guarded, method, _path(rule), key, **sent)
        if not 400 <= answer.status_code < 500 or not answer.json["error"]["definite"]:
            odd.append((method, rule, answer.status_code))
    assert odd == []
    assert len(routes) >= 8
    assert guarded.events() == events


def test_a_signed_body_that_breaks_the_rules_is_refused_like_any(service):
    """A signature makes no body readable: a key twice, a NUL, an amount past every number."""
    for body in (HOSTILE_BODIES["a key twice"], HOSTILE_BODIES["a NUL"], HOSTILE_BODIES["a number too long"]):
        timestamp = str(service.clock.now_ns // 10**9)
        signature = service.app.extensions[EXTENSION].callback_signature.sign(timestamp, body)
        headers = {"X-Simponi-Timestamp": timestamp, "X-Simponi-Signature": signature}
        assert _refused(_replay(service, body, headers)) == (422, "invalid")


def test_a_json_body_is_small(guarded):
    """64 KB are read; a byte more is 413 on every route, before anything is made of it, the callback included."""
    token = guarded.person().token
    routes = [route for route in _routes(guarded.app) if route[2].body is not None]
    for method, rule, declared in routes:
        key = TOKENS.get(declared.door, token)
        for size, status in ((LARGEST_JSON, {401, 404, 422}), (LARGEST_JSON + 1, {404, 413})):
            answer = _open(guarded, method, _path(rule), key, data=b" " * size, content_type="application/json")
            assert answer.status_code in status, (rule, size, answer.status_code)
    assert _refused(guarded.app.test_client().post("/v1/sessions", data=b" " * (LARGEST_JSON + 1))) == (
        413,
        "too_large",
    )


@pytest.mark.parametrize("key", ["", "k" * 201, "a\0b", "a\r\nX-Evil: 1", "a\tb", "\x7f"])
def test_a_key_is_short_plain_text(service, key):
    """Anything else is refused before it is kept."""
    person = service.person()
    application = person.prepare()
    environ = {"HTTP_IDEMPOTENCY_KEY": key}
    answer = person.call("POST", f"/v1/applications/{application}/cancel", environ_overrides=environ)
    assert _refused(answer) == (422, "invalid")
    assert person.status(application)["state"] == "DOCS_UPLOADED"


@pytest.mark.parametrize("header", ["HTTP_AUTHORIZATION", "HTTP_TRACEPARENT", "HTTP_X_QUEUE_TICKET", "CONTENT_TYPE"])
@pytest.mark.parametrize("value", ["x" * 100_000, "\u00ff\u00fe", "Bearer", "Bearer \u00e9", "a\r\nb", "\x01"])
def test_no_header_breaks_anything(service, header, value):
    """However long or strange: an answer below 500."""
    person = service.person()
    application = person.apply()
    overrides = {header: value}
    path = f"/v1/applications/{application}/identity"
    answer = person.call("PUT", path, json=person.identity, environ_overrides=overrides)
    assert answer.status_code < 500


@pytest.mark.parametrize("query", ["to=%00", "to=%ff", "to=" + "a" * 5000, "to=%0d%0aX-Evil:1", "to=a&to=b", "to[]=a"])
def test_no_query_breaks_anything(service, query):
    """The mailbox is asked for nonsense: an empty page or a definite refusal."""
    answer = service.admin("GET", f"/admin/mails?{query}")
    assert answer.status_code == 422 or answer.json == {"mails": []}


def _files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def test_an_upload_never_becomes_a_file(service, tmp_path, monkeypatch):
    """Whatever name it comes with, nothing is written where the service runs, and a form is no picture."""
    monkeypatch.chdir(tmp_path)
    person = service.person()
    application = person.prepare()
    path = f"/v1/applications/{application}/documents?kind=ktp"
    marker = JPEG[:-2] + b"marker of this very upload" + JPEG[-2:]
    before = set(_files(tmp_path))
    for name in ("../../escaped.jpg", "/etc/cron.d/escaped", "C:\\escaped.jpg", "a\0.jpg"):
        headers = {"Content-Disposition": f'attachment; filename="{name}"'.replace("\0", "%00"), "Slug": "escaped.jpg"}
        person.call("POST", path, data=marker, content_type="image/jpeg", headers=headers)
        form = {"file": (io.BytesIO(marker), name)}
        answer = person.call("POST", path, data=form, content_type="multipart/form-data")
        assert _refused(answer) == (415, "unsupported_type")
    made = {name for name in set(_files(tmp_path)) - before if "mpaspor.db" not in name}
    assert made == set()
    assert not any("escaped" in row or "marker" in row for _, rows in _tables(service) for row in rows)


@pytest.mark.parametrize("kind", ["../ktp", "ktp%00", "KTP", "", "ktp/../kk", "passwd"])
def test_a_kind_of_document_is_one_of_the_list(service, kind):
    """Nothing else is taken, and nothing is made of what was asked for."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    answer = person.call(
        "POST", f"/v1/applications/{application}/documents?kind={kind}", data=JPEG, content_type="image/jpeg"
    )
    assert _refused(answer) == (422, "invalid")


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
    seen += [row for _, rows in _tables(service) for row in rows]
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
    tables = dict(_tables(service))
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
