"""Faults: what a file may say, how a mistake is explained, and what Toxiproxy is told."""

import re
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from chaos.faults import Fault
from chaos.links import LINKS
from chaos.toxics import Toxic

SLOW = {"ms": 3000, "jitter_ms": 800}


@pytest.mark.parametrize(
    ("fields", "toxic", "sentence"),
    [
        (
            {"latency": SLOW},
            Toxic("fault_f", "latency", "downstream", 1.0, {"latency": 3000, "jitter": 800}),
            "SIMPONI answers 3000 ± 800 ms later",
        ),
        (
            {"link": "bank", "latency": {"ms": 50}, "stream": "upstream"},
            Toxic("fault_f", "latency", "upstream", 1.0, {"latency": 50, "jitter": 0}),
            "Requests from the bank to SIMPONI arrive 50 ms later",
        ),
        (
            {"timeout": {}},
            Toxic("fault_f", "timeout", "downstream", 1.0, {"timeout": 0}),
            "SIMPONI's answers to M-Paspor are lost",
        ),
        (
            {"timeout": {"ms": 900}, "stream": "upstream"},
            Toxic("fault_f", "timeout", "upstream", 1.0, {"timeout": 900}),
            "Requests from M-Paspor to SIMPONI are lost, and the connection closes after 900 ms",
        ),
        (
            {"link": "edge", "bandwidth": {"kbps": 20}},
            Toxic("fault_f", "bandwidth", "downstream", 1.0, {"rate": 20}),
            "M-Paspor's answers to the people pass at 20 KB/s a connection",
        ),
        (
            {"link": "callback", "reset": {"after_ms": 5}, "share": 0.25},
            Toxic("fault_f", "reset_peer", "downstream", 0.25, {"timeout": 5}),
            "Connections from SIMPONI to M-Paspor are reset after 5 ms, on 25 % of connections",
        ),
        ({"link": "dukcapil", "down": True}, None, "M-Paspor cannot reach Dukcapil"),
        (
            {"link": "edge", "shared_bandwidth": {"kbps": 900}},
            Toxic("fault_f", "shared_bandwidth", "downstream", 1.0, {"rate": 900}),
            "M-Paspor's answers to the people pass at 900 KB/s, all connections together",
        ),
        (
            {"link": "edge", "refused": {}, "share": 0.5},
            Toxic("fault_f", "dial_refused", "downstream", 0.5, {"delay": 0}),
            "M-Paspor refuses new connections of the people, on 50 % of them",
        ),
        (
            {"link": "dukcapil", "unresolved": {"after_ms": 5000}},
            Toxic("fault_f", "dial_unresolved", "downstream", 1.0, {"delay": 5000}),
            "M-Paspor cannot find the name of Dukcapil",
        ),
        (
            {"link": "simponi", "unanswered": {"after_ms": 900}},
            Toxic("fault_f", "dial_timeout", "downstream", 1.0, {"timeout": 900}),
            "SIMPONI does not answer new connections of M-Paspor, and the attempt fails after 900 ms",
        ),
        (
            {"link": "edge", "status": {"code": 429, "retry_after_s": 2, "method": "post", "path": "/v1/**"}},
            Toxic(
                "fault_f",
                "http_status",
                attributes={"method": "post", "path": "/v1/**", "status": 429, "retry_after": 2},
            ),
            "M-Paspor's answers to the people's POST /v1/** are replaced by 429, and it never hears of them",
        ),
        (
            {"link": "simponi", "slow_answer": {"ms": 9, "jitter_ms": 2, "first": 3}, "share": 0.5},
            Toxic("fault_f", "http_latency", "downstream", 0.5, {"first": 3, "latency": 9, "jitter": 2}),
            "SIMPONI's answers to the first 3 of M-Paspor's requests come 9 ± 2 ms later, on 50 % of requests",
        ),
        (
            {"link": "bank", "cut_answer": {"bytes": 7, "header": "X-A: b"}},
            Toxic("fault_f", "http_cut", attributes={"header": "X-A: b", "bytes": 7}),
            "SIMPONI's answers to the bank's requests with X-A: b are cut off after 7 bytes",
        ),
        (
            {"link": "simkim", "garbled_answer": {}},
            Toxic("fault_f", "http_garble"),
            "SIMKIM's answers to M-Paspor's requests are garbled",
        ),
        (
            {"link": "edge", "lost_answer": {"path": "/v1/applications/*/hold", "after_ms": 50}},
            Toxic("fault_f", "http_lose", attributes={"path": "/v1/applications/*/hold", "timeout": 50}),
            "M-Paspor's answers to the people's /v1/applications/*/hold are lost, though it did the work",
        ),
        (
            {"link": "edge", "office": "batam", "status": {"code": 503, "method": "POST"}, "share": 0.5},
            Toxic(
                "fault_f",
                "http_status",
                "downstream",
                0.5,
                {"method": "POST", "header": "X-Office: batam", "status": 503},
            ),
            "M-Paspor's answers to the people's POST are replaced by 503, and it never hears of them, "
            "on 50 % of requests, for those at batam",
        ),
    ],
)
def test_each_disturbance_becomes_its_toxic_and_its_sentence(
    make_fault: Callable[..., Fault], fields: dict[str, object], toxic: Toxic | None, sentence: str
) -> None:
    """The mapping onto Toxiproxy's types and attributes is exact, and a person can read what will happen."""
    fault = make_fault(name="f", **fields)
    assert fault.toxic() == toxic
    assert fault.describe() == sentence


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        (
            {"link": "simpony"},
            ("link",),
            "expected a link (edge, dukcapil, simponi, simkim, bank, callback, database), found 'simpony'",
        ),
        ({"link": "simpony"}, ("link",), "did you mean simponi?"),
        ({"link": "moon"}, ("link",), "found 'moon'"),
        ({"for": 20}, ("for",), "expected a duration with its unit"),
        ({"for": "0s"}, ("for",), "longer than nothing"),
        ({"at": "opns+2s"}, ("at",), "expected an instant"),
        ({"name": "1 slow"}, ("name",), "expected a name of letters, digits and _"),
        ({"stream": "sideways"}, ("stream",), "'downstream' or 'upstream'"),
        ({"share": 1.5}, ("share",), "less than or equal to 1"),
        ({"share": 0}, ("share",), "greater than 0"),
        ({"latency": {"ms": 1.5}}, ("latency", "ms"), "valid integer"),
        ({"latency": {"ms": -1}}, ("latency", "ms"), "greater than or equal to 0"),
        ({"latency": {"ms": 5, "jitter_ms": 6}}, ("latency",), "expected jitter_ms of at most ms (5), found 6"),
        ({"latency": {"ms": 5, "jiter": 6}}, ("latency", "jiter"), "not permitted"),
        ({"bandwidth": {"kbps": 0}}, ("bandwidth", "kbps"), "greater than 0"),
        ({"down": False}, ("down",), "True"),
        ({"lag": {"ms": 5}, "timeout": {}}, ("lag",), "not permitted"),
        (
            {"timeout": None},
            (),
            "fault silence: expected exactly one of latency, timeout, bandwidth, reset, ",
        ),
        ({"timeout": None, "status": {"code": 99}}, ("status", "code"), "greater than or equal to 200"),
        ({"timeout": None, "lost_answer": {"path": "v1"}}, ("lost_answer", "path"), "a path that begins with /"),
        ({"timeout": None, "cut_answer": {}}, ("cut_answer", "bytes"), "Field required"),
        (
            {"timeout": None, "lost_answer": {}, "stream": "upstream"},
            (),
            "fault silence: lost_answer is about answers, so expected no stream",
        ),
        (
            {"timeout": None, "garbled_answer": {}, "link": "database"},
            (),
            "fault silence: garbled_answer is about HTTP, which link database does not speak",
        ),
        (
            {"office": "batam", "garbled_answer": {}, "link": "simponi"},
            (),
            "fault silence: an office is where people are, who are on link edge alone",
        ),
        (
            {"office": "batam", "latency": {"ms": 5}, "link": "edge"},
            (),
            "fault silence: an office is told by its requests, so expected one of status, slow_answer, cut_answer, "
            "garbled_answer, lost_answer, found latency",
        ),
        (
            {"office": "batam", "cut_answer": {"bytes": 5, "header": "X-A"}, "link": "edge"},
            (),
            "fault silence: an office is told by a header, so expected no other header",
        ),
        ({"timeout": None}, (), "found none"),
        ({"timeout": {}, "down": True}, (), "found timeout and down"),
        ({"down": True, "share": 0.5}, (), "fault silence: down takes the whole link"),
        ({"down": True, "stream": "upstream"}, (), "fault silence: down takes the whole link"),
    ],
)
def test_a_mistake_is_explained_where_it_stands(
    make_fault: Callable[..., Fault], fields: dict[str, object], place: tuple[str, ...], words: str
) -> None:
    """The error carries the field's place, what was found and what was expected; a link's, the list of links."""
    with pytest.raises(ValidationError) as refusal:
        make_fault(**fields)
    (error,) = refusal.value.errors()
    assert error["loc"] == place
    assert words in error["msg"]


@pytest.mark.parametrize("fields", [{"latency": SLOW, "at": "opens+2s"}, {"down": True}])
def test_a_fault_survives_being_written_and_read(make_fault: Callable[..., Fault], fields: dict[str, object]) -> None:
    """A resolved plan, dumped as JSON under the names that a file uses, reads as the same fault."""
    fault = make_fault(**fields)
    assert Fault.model_validate_json(fault.model_dump_json(by_alias=True)) == fault


def test_a_fault_cannot_be_changed(make_fault: Callable[..., Fault]) -> None:
    """What was planned is what is healed."""
    with pytest.raises(ValidationError, match="frozen"):
        make_fault().link = "edge"


def test_the_schema_lists_the_links(make_fault: Callable[..., Fault]) -> None:
    """An editor that reads the JSON Schema can offer them."""
    assert Fault.model_json_schema()["properties"]["link"]["enum"] == list(LINKS)


def test_no_two_links_share_a_sentence(make_fault: Callable[..., Fault]) -> None:
    """SIMPONI answers two callers, M-Paspor too: a reader can always tell which hop is meant."""
    for disturbance in ({"latency": SLOW}, {"timeout": {}}, {"reset": {}}, {"down": True}, {"bandwidth": {"kbps": 1}}):
        sentences = {make_fault(link=link, **disturbance).describe() for link in LINKS}
        assert len(sentences) == len(LINKS)
    assert all(re.match("[A-Z]", sentence) for sentence in sentences)
