"""Every door of the service, tried by whoever should not come in.

The routes come from the app itself, so that a new one is tried without anybody remembering to.
"""

import hashlib
import re

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select

from mock_mpaspor.store.schema import ACCOUNTS
from mock_mpaspor.web.headers import SECURITY_HEADERS
from mock_mpaspor.web.operations import Door
from mock_mpaspor.web.parts import EXTENSION
from tests.service.person import OFFICE, PASSWORD
from tests.service.routes import CLOSED, IDENTITY, TOKENS, open_, path_of, refused, routes_of, sent_to


def test_no_route_opens_without_its_token_or_with_the_wrong_one(service):
    """Nothing, another door's token, a person's session, rubbish: each door refuses in its own words."""
    session = service.person().token
    tried, wide_open = 0, []
    for method, rule, declared in routes_of(service.app):
        if declared.door is Door.OPEN:
            continue
        keys = [None, "", "rubbish", *(token for door, token in TOKENS.items() if door is not declared.door)]
        keys += [] if declared.door is Door.SESSION else [session]
        for key in keys:
            answer = open_(service, method, path_of(rule), key, **sent_to(rule, declared))
            tried += 1
            if refused(answer) != CLOSED[declared.door]:
                wide_open.append((method, rule, key, answer.status_code))
    assert wide_open == []
    assert tried > 50


def test_a_stranger_is_told_of_no_application_that_it_exists(service):
    """Every route with the id of an application answers 404 to whoever does not own it."""
    service.release(places=2)
    owner, stranger = service.person(), service.person()
    application = owner.prepare()
    before = owner.status(application)
    tried, told = 0, []
    for method, rule, declared in routes_of(service.app):
        if "<application_id>" not in rule or declared.door is not Door.SESSION:
            continue
        path = path_of(rule, application)
        answer = open_(service, method, path, stranger.token, **sent_to(rule, declared))
        tried += 1
        if refused(answer) != (404, "unknown_application"):
            told.append((method, rule, answer.status_code, answer.json))
    assert told == []
    assert tried >= 8
    assert owner.status(application) == before


def test_a_list_shows_what_is_ones_own(service):
    """No list of a session's tells of another account's people, applications or addresses."""
    owner, stranger = service.person(), service.person()
    application = owner.prepare()
    secrets = (application, owner.identity["name"], owner.identity["nik"][-4:], owner.token.split(":")[1].split(".")[0])
    lists = [
        rule
        for method, rule, declared in routes_of(service.app)
        if declared.door is Door.SESSION and method == "GET" and "<" not in rule
    ]
    assert len(lists) >= 2
    for rule in lists:
        assert any(secret in owner.call("GET", rule).text for secret in secrets)
        assert not any(secret in stranger.call("GET", rule).text for secret in secrets)


def test_a_ticket_of_the_waiting_room_is_its_owners(start):
    """To anybody else it is unknown."""
    service = start(MPASPOR_WAITING_ROOM="fifo")
    service.release(places=1)
    owner, stranger = service.person(), service.person()
    ticket = owner.call("POST", f"/v1/offices/{OFFICE}/queue").json["ticket"]
    assert owner.call("GET", f"/v1/queue/{ticket}").status_code == 200
    assert refused(stranger.call("GET", f"/v1/queue/{ticket}")) == (404, "unknown_ticket")


def test_every_other_id_of_a_session_route_is_somebodys_own(service):
    """An id that is neither an application's nor an office's needs a test of its own: this one tells that it is new."""
    known = {"application_id", "office", "ticket"}
    named = {name for rule in service.app.url_map.iter_rules() for name in rule.arguments}
    assert named <= known


def test_an_office_that_set_no_token_lets_nobody_to_its_counter(start):
    """An empty token is no token: neither none nor an empty one matches it."""
    service = start(MPASPOR_OFFICE_TOKEN="")
    routes = [
        (method, rule, declared) for method, rule, declared in routes_of(service.app) if declared.door is Door.OFFICE
    ]
    for method, rule, declared in routes:
        for token in (None, "", " ", "off"):
            assert refused(open_(service, method, path_of(rule), token, **sent_to(rule, declared)))[0] == 401
    assert routes


def _signed(secret, salt, value):
    return TimestampSigner(secret, salt=salt, digest_method=hashlib.sha256).sign(value).decode()


def test_only_a_session_token_is_a_session(service, monkeypatch):
    """Another secret, another salt, no kind, a changed account or signature: none of them opens an account."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: service.clock.now_ns // 10**9)
    person = service.person()
    account = person.token.split(":")[1].split(".")[0]
    right = _signed("a secret of the house", "mpaspor.session", f"session:{account}")
    forged = [
        _signed("a guess", "mpaspor.session", f"session:{account}"),
        _signed("a secret of the house", "mpaspor.arrival-pass", f"session:{account}"),
        _signed("a secret of the house", "itsdangerous.Signer", f"session:{account}"),
        _signed("a secret of the house", "mpaspor.session", account),
        _signed("a secret of the house", "mpaspor.session", f"pass:{account}"),
        person.token.replace(account, "0" * len(account)),
        person.token[:-9] + ("A" if person.token[-9] != "A" else "B") + person.token[-8:],
        person.token.rsplit(".", 1)[0],
        f"session:{account}",
        person.token + ".",
        "\u00e9" * 40,
        "." * 5000,
    ]
    assert open_(service, "GET", "/v1/applications", right).status_code == 200
    seen = [refused(open_(service, "GET", "/v1/applications", token)) for token in forged]
    assert set(seen) == {(401, "unauthenticated")}


def test_a_session_from_the_future_or_from_long_ago_is_none(service):
    """A token is good from its making for its time, by the wall clock."""
    person = service.person()
    for seconds in (-60, 60 + 7202):
        service.clock.pass_s(seconds)
        assert person.call("GET", "/v1/applications").status_code == 401


def test_every_answer_is_guarded(service):
    """Successes, refusals of every kind, unknown routes, feeds, metrics and breakdowns carry the same headers."""
    service.app.view_functions["health.healthz"] = lambda: 1 / 0
    person = service.person()
    identified = person.apply()
    person.identify(identified)
    answers = [
        person.call("GET", "/v1/applications"),
        person.call("GET", "/v1/applications/none"),
        person.upload(identified, b"x" * 5_000_001),
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
    assert refused(answer) == (500, "internal")
    assert not re.search(r"Zero|Traceback|\.py|line|SELECT|Werkzeug|Python", answer.text + str(answer.headers))


def test_a_counter_cannot_be_taken_over_or_stood_in_for(service):
    """The account of an office's counter has no address that could be registered, and no password opens it."""
    service.release(places=2, lane="priority")
    assert service.walk_in(1).status_code == 201
    database = service.app.extensions[EXTENSION].database
    with database.read() as connection:
        (address,) = connection.execute(select(ACCOUNTS.c.email).where(ACCOUNTS.c.password_hash == b"")).scalars()
    account = {**IDENTITY, "email": address, "phone": "+620000000000", "password": PASSWORD}
    assert refused(service.app.test_client().post("/v1/accounts", json=account)) == (422, "invalid")
    assert refused(service.resend_code(address)) == (422, "invalid")
    for password in ("", PASSWORD):
        assert refused(service.log_in(address, password)) == (401, "wrong_credentials")


@pytest.mark.parametrize("path", ["/v1//offices", "//v1/offices", "/v1/offices/", "/v1/queue//x"])
def test_a_path_has_one_spelling(service, path):
    """Another is unknown, and sends nobody to a host that the request itself has named."""
    answered = service.app.test_client().get(path, headers={"Host": "elsewhere.example"})
    assert (answered.status_code, answered.json["error"]["code"]) == (404, "unknown_route")
    assert "Location" not in answered.headers


def test_no_route_answers_options_by_itself(service):
    """A method that the document does not have is refused, and the refusal names those there are."""
    answered = service.app.test_client().options("/v1/applications")
    assert (answered.status_code, answered.headers["Allow"]) == (405, "GET, HEAD, POST")
