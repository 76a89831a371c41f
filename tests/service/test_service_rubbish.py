"""What nobody should send, sent to every route that would read it: a clean refusal, and nothing done."""

import io
from pathlib import Path

import pytest

from mock_mpaspor.web.bodies import LARGEST_JSON
from mock_mpaspor.web.operations import Door
from tests.service.person import JPEG
from tests.service.routes import TOKENS, open_, path_of, refused, routes_of, sent_to
from tests.service.tables import rows_by_table


@pytest.fixture
def guarded(start):
    """The service with every token set."""
    return start(MPASPOR_OFFICE_TOKEN="off")


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
    routes = [route for route in routes_of(guarded.app) if "<" in route[1]]
    for method, rule, declared in routes:
        for hostile in HOSTILE_IDS:
            key = TOKENS.get(declared.door, token)
            answer = open_(guarded, method, path_of(rule, hostile), key, **sent_to(rule, declared))
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
        route for route in routes_of(guarded.app) if route[2].body is not None and route[2].door is not Door.SIGNATURE
    ]
    for method, rule, declared in routes:
        key = TOKENS.get(declared.door, token)
        sent = {"data": HOSTILE_BODIES[name], "content_type": "application/json"}
        answer = open_(guarded, method, path_of(rule), key, **sent)
        if not 400 <= answer.status_code < 500 or not answer.json["error"]["definite"]:
            odd.append((method, rule, answer.status_code))
    assert odd == []
    assert len(routes) >= 8
    assert guarded.events() == events


def test_a_json_body_is_small(guarded):
    """64 KB are read; a byte more is 413 on every route, before anything is made of it, the callback included."""
    token = guarded.person().token
    routes = [route for route in routes_of(guarded.app) if route[2].body is not None]
    for method, rule, declared in routes:
        key = TOKENS.get(declared.door, token)
        for size, status in ((LARGEST_JSON, {401, 404, 422}), (LARGEST_JSON + 1, {404, 413})):
            answer = open_(guarded, method, path_of(rule), key, data=b" " * size, content_type="application/json")
            assert answer.status_code in status, (rule, size, answer.status_code)
    assert refused(guarded.app.test_client().post("/v1/sessions", data=b" " * (LARGEST_JSON + 1))) == (
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
    assert refused(answer) == (422, "invalid")
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
        assert refused(answer) == (415, "unsupported_type")
    made = {name for name in set(_files(tmp_path)) - before if "mpaspor.db" not in name}
    assert made == set()
    assert not any("escaped" in row or "marker" in row for _, rows in rows_by_table(service) for row in rows)


@pytest.mark.parametrize("kind", ["../ktp", "ktp%00", "KTP", "", "ktp/../kk", "passwd"])
def test_a_kind_of_document_is_one_of_the_list(service, kind):
    """Nothing else is taken, and nothing is made of what was asked for."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    answer = person.call(
        "POST", f"/v1/applications/{application}/documents?kind={kind}", data=JPEG, content_type="image/jpeg"
    )
    assert refused(answer) == (422, "invalid")
