"""What the service tells and to whom: strangers, readers of the feed and of the metrics; and what it cannot read."""

import pytest

from tests.service.neighbour import everything_stored

NTPN = "N" * 16


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", "/identity"),
        ("POST", "/documents?kind=ktp"),
        ("GET", "/documents"),
        ("POST", "/referral"),
        ("POST", "/hold"),
        ("POST", "/billing"),
        ("GET", "/billing"),
    ],
)
def test_a_stranger_finds_no_application_of_anybody_else(service, method, path):
    """Every route of an application answers 404 to whoever does not own it, as if it did not exist."""
    (slot,) = service.release(places=1)
    owner, stranger = service.person(), service.person()
    application = owner.prepare()
    headers = {"Idempotency-Key": "k"}
    bodies = {"/identity": stranger.identity, "/hold": {"slot": slot}}
    answer = stranger.call(method, f"/v1/applications/{application}{path}", json=bodies.get(path), headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "unknown_application")


def test_the_feed_continues_where_the_reader_stopped(service):
    """Pages of the feed, asked for by the last number seen, make the whole, ascending and without gaps."""
    service.person().book(service.release(places=2)[0])
    whole = [event["seq"] for event in service.events()]
    pages, after = [], 0
    while lines := service.admin("GET", f"/audit/events?after={after}&limit=3", token="aud").data.splitlines():
        assert len(lines) <= 3
        pages += lines
        after = max(int(line.split(b'"seq":')[1].split(b",")[0]) for line in lines)
    assert len(pages) == len(whole)
    assert whole == sorted(whole)


def test_an_event_keeps_the_trace_of_the_request_that_caused_it(service):
    """The trace id of `traceparent` stands on the event, and on those that the relay writes for it later."""
    (slot,) = service.release(places=1)
    person = service.person()
    application = person.prepare()
    person.hold(application, slot)
    headers = {"Idempotency-Key": "k", "traceparent": f"00-{'c' * 32}-{'d' * 16}-01"}
    person.call("POST", f"/v1/applications/{application}/billing", headers=headers)
    service.relay()
    traced = service.events("billing_requested", "bill_issued")
    assert [event["trace_id"] for event in traced] == ["c" * 32, "c" * 32]


def test_a_nik_is_nowhere_in_the_database_nor_in_the_feed(service):
    """What is kept of a NIK is a keyed hash."""
    service.person().book(service.release(places=1)[0])
    nik = service.person().identity["nik"][:12].encode()
    assert service.dukcapil.asked[0].nik.encode().startswith(nik)
    stored = everything_stored(service)
    assert b"warga1@contoh.example" in stored
    assert nik not in stored


def test_a_session_ends_after_its_time(service):
    """A token is good for its time and not a moment longer."""
    person = service.person()
    application = person.apply()
    service.clock.pass_s(7200)
    assert person.call("GET", f"/v1/applications/{application}").status_code == 200
    service.clock.pass_s(2)
    assert person.call("GET", f"/v1/applications/{application}").status_code == 401


def test_metrics_count_routes_by_pattern_and_name_nobody(service):
    """Labels are route patterns and offices; no id, e-mail address or code is among them."""
    person = service.person()
    application = person.book(service.release(places=3)[0])
    text = service.app.test_client().get("/metrics").text
    assert 'route="/v1/applications/<application_id>/hold",status="201"' in text
    assert 'mpaspor_quota_held{office="belakang_padang"} 1.0' in text
    assert 'mpaspor_quota_free{office="belakang_padang"} 2.0' in text
    assert 'mpaspor_outbox_depth{topic="bill"} 1.0' in text
    assert application not in text
    assert "contoh.example" not in text


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"email": 1, "password": ""}', b'{"email": "\xff", "password": ""}']
)
def test_a_body_that_cannot_be_read_is_refused_definitely(service, body):
    """Nothing, a list, half an object, a wrong type, bytes that are no text: 422, never 500."""
    answer = service.app.test_client().post("/v1/sessions", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=1.5", f"after={10**30}"])
def test_a_page_of_the_feed_is_asked_for_in_whole_numbers(service, query):
    """Anything else is 422."""
    assert service.admin("GET", f"/audit/events?{query}", token="aud").status_code == 422


@pytest.mark.parametrize(
    ("field", "value"), [("opens_at", "2025-02-03T09:00:00"), ("places", 0), ("days", 0), ("office", "oslo")]
)
def test_a_release_that_makes_no_sense_is_refused(service, field, value):
    """An instant without a zone, no places, no days, no such office: 422, and nothing is released."""
    wanted = {"office": "kupang", "opens_at": "2025-02-03T09:00:00Z", "days": 1, "places": 1, field: value}
    assert service.admin("POST", "/admin/releases", json=wanted).status_code == 422
    assert service.events() == []


def test_a_callback_from_another_time_is_refused(service):
    """A right signature over a timestamp six minutes old, or over no number, opens nothing."""
    old = str(service.clock.now_ns // 10**9 - 360)
    for timestamp in (old, "now", ""):
        answer = service.call_back("8" * 15, NTPN, timestamp=timestamp)
        assert answer.json["error"]["code"] == "bad_signature"
