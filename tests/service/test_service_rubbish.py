"""What nobody should send, sent to every route that would read it: a clean refusal, and nothing done."""

import io
from itertools import product
from pathlib import Path

from mock_mpaspor.web.bodies import LARGEST_JSON
from mock_mpaspor.web.operations import Door
from tests.service.person import JPEG
from tests.service.routes import TOKENS, open_, path_of, refused, routes_of, sent_to
from tests.service.tables import rows_by_table

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


def test_no_id_in_a_path_breaks_or_opens_anything(service):
    """Traversal, NUL, line breaks, quotes, no text at all, twenty thousand letters: a clean refusal on every route."""
    token = service.person().token
    odd = []
    routes = [route for route in routes_of(service.app) if "<" in route[1]]
    for (method, rule, declared), hostile in product(routes, HOSTILE_IDS):
        key = TOKENS.get(declared.door, token)
        answer = open_(service, method, path_of(rule, hostile), key, **sent_to(rule, declared))
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


def test_no_body_breaks_anything(service):
    """On every route that reads JSON the answer is a definite refusal, and nothing is done."""
    token = service.person().token
    events, odd = service.events(), []
    routes = [
        route for route in routes_of(service.app) if route[2].body is not None and route[2].door is not Door.SIGNATURE
    ]
    for (method, rule, declared), (name, content) in product(routes, HOSTILE_BODIES.items()):
        key = TOKENS.get(declared.door, token)
        answer = open_(service, method, path_of(rule), key, data=content, content_type="application/json")
        if not 400 <= answer.status_code < 500 or not answer.json["error"]["definite"]:
            odd.append((method, rule, name, answer.status_code))
    assert odd == []
    assert len(routes) >= 8
    assert service.events() == events


def test_a_json_body_is_small(service):
    """64 KB are read; of a byte more nothing is made, on no route: it is 413, and 401 where SIMPONI alone may speak."""
    token = service.person().token
    routes = [route for route in routes_of(service.app) if route[2].body is not None]
    for method, rule, declared in routes:
        key = TOKENS.get(declared.door, token)
        too_large = {401} if declared.door is Door.SIGNATURE else {404, 413}
        for size, status in ((LARGEST_JSON, {401, 404, 422}), (LARGEST_JSON + 1, too_large)):
            answer = open_(service, method, path_of(rule), key, data=b" " * size, content_type="application/json")
            assert answer.status_code in status, (rule, size, answer.status_code)
    assert refused(service.app.test_client().post("/v1/sessions", data=b" " * (LARGEST_JSON + 1))) == (
        413,
        "too_large",
    )


def test_a_key_is_short_plain_text(service):
    """Nothing, too much, and what no eye sees: refused before it is kept."""
    person = service.person()
    application = person.prepare()
    for key in ("", "k" * 201, "a\0b", "a\r\nX-Evil: 1", "a\tb", "\x7f"):
        environ = {"HTTP_IDEMPOTENCY_KEY": key}
        answer = person.call("POST", f"/v1/applications/{application}/cancel", environ_overrides=environ)
        assert refused(answer) == (422, "invalid")
    assert person.status(application)["state"] == "DOCS_UPLOADED"


HEADERS = ("HTTP_AUTHORIZATION", "HTTP_TRACEPARENT", "HTTP_X_QUEUE_TICKET", "HTTP_X_SIMPONI_SIGNATURE", "CONTENT_TYPE")
VALUES = ("x" * 100_000, "\u00ff\u00fe", "Bearer", "Bearer \u00e9", "a\r\nb", "\x01")


def test_no_header_breaks_anything(service):
    """However long or strange: an answer below 500."""
    person = service.person()
    path = f"/v1/applications/{person.apply()}/identity"
    odd = []
    for header, value in product(HEADERS, VALUES):
        for method, place in (("PUT", path), ("POST", "/v1/callbacks/simponi")):
            answer = person.call(method, place, json=person.identity, environ_overrides={header: value})
            if answer.status_code >= 500:
                odd.append((place, header, value[:20], answer.status_code))
    assert odd == []


def test_no_query_breaks_anything(service):
    """The mailbox is asked for nonsense: an empty page or a definite refusal."""
    service.register()
    for query in ("to=%00", "to=%ff", "to=" + "a" * 5000, "to=%0d%0aX-Evil:1", "to=a&to=b", "to="):
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
    # A comment within the picture.
    marker = JPEG[:2] + b"\xff\xfe\x00\x20" + b"marker of this very upload.   " + JPEG[2:]
    before = set(_files(tmp_path))
    for name in ("../../escaped.jpg", "/etc/cron.d/escaped", "C:\\escaped.jpg", "a\0.jpg"):
        headers = {"Content-Disposition": f'attachment; filename="{name}"'.replace("\0", "%00"), "Slug": "escaped.jpg"}
        stored = person.call("POST", path, data=marker, content_type="image/jpeg", headers=headers)
        assert stored.status_code == 201
        form = {"file": (io.BytesIO(marker), name)}
        answer = person.call("POST", path, data=form, content_type="multipart/form-data")
        assert refused(answer) == (415, "unsupported_type")
    made = {name for name in set(_files(tmp_path)) - before if "mpaspor.db" not in name}
    assert made == set()
    assert not any("escaped" in row or "marker" in row for _, rows in rows_by_table(service) for row in rows)


def test_a_kind_of_document_is_one_of_the_list(service):
    """Nothing else is taken, and nothing is made of what was asked for."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    for kind in ("../ktp", "ktp%00", "KTP", "", "ktp/../kk", "passwd"):
        assert refused(person.upload(application, kind=kind)) == (422, "invalid")
