"""What an answer means: the table that decides between `ok`, `fail` and `info`."""

import pytest

from loket.load.answers import Loss, Reply, Step, judge, judge_loss
from loket.records import OperationType

OK, FAIL, INFO = OperationType.OK, OperationType.FAIL, OperationType.INFO
HOLD = Step("hold_slot", frozenset({201}), frozenset({"sold_out"}))
LOOK = Step("availability", frozenset({200}), read=True)


def error(code, definite=None):
    flag = "" if definite is None else f', "definite": {str(definite).lower()}'
    return f'{{"error": {{"code": "{code}", "message": "m"{flag}}}}}'.encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "expected", "error_class"),
    [
        (201, b'{"slot": "s1"}', OK, True, None),
        (200, b"{}", INFO, False, "http_200"),
        (204, b"", INFO, False, "http_204"),
        (201, b"", INFO, False, "unreadable_answer"),
        (201, b'{"slot": 7}', INFO, False, "unreadable_answer"),
        (201, b"\xff\xfe", INFO, False, "unreadable_answer"),
        (302, b"", INFO, False, "http_302"),
        (303, b"", INFO, False, "http_303"),
        (302, error("moved", True), FAIL, False, "moved"),
        (409, error("sold_out", True), FAIL, True, "sold_out"),
        (409, error("sold_out"), FAIL, True, "sold_out"),
        (409, error("already_booked", True), FAIL, False, "already_booked"),
        (422, b"<html>", FAIL, False, "http_422"),
        (409, error("odd", False), INFO, False, "odd"),
        (503, error("busy", True), FAIL, False, "busy"),
        (503, error("busy", False), INFO, False, "busy"),
        (503, error("busy"), INFO, False, "busy"),
        (500, b"", INFO, False, "http_500"),
        (502, b"Bad Gateway", INFO, False, "http_502"),
    ],
)
def test_an_answer_is_judged_by_whether_it_may_have_had_an_effect(status, body, kind, expected, error_class):
    """Only a success that was declared is ok; only a definite refusal is a failure; the rest may have happened."""
    answer = judge(HOLD, status, body)
    assert (answer.type, answer.expected, answer.error_class) == (kind, expected, error_class)
    assert answer.http_status == status
    assert (answer.reply is not None) == (kind is OK)


@pytest.mark.parametrize(("status", "body"), [(500, b""), (204, b""), (200, b"<html>"), (302, b"")])
def test_a_read_without_a_usable_answer_is_an_error_and_never_unknown(status, body):
    """It changed nothing, whatever was answered; counting it as unknown would hide an error among the doubts."""
    answer = judge(LOOK, status, body)
    assert (answer.type, answer.expected) == (FAIL, False)


@pytest.mark.parametrize(
    ("step", "loss", "kind"),
    [
        (HOLD, Loss.NO_SOCKET, FAIL),
        (HOLD, Loss.CONNECT_REFUSED, FAIL),
        (HOLD, Loss.CONNECT_TIMEOUT, FAIL),
        (HOLD, Loss.TIMEOUT, INFO),
        (HOLD, Loss.RESET, INFO),
        (HOLD, Loss.CUT, INFO),
        (LOOK, Loss.TIMEOUT, FAIL),
        (LOOK, Loss.CUT, FAIL),
    ],
)
def test_a_lost_answer_is_a_failure_only_where_nothing_can_have_happened(step, loss, kind):
    """A write whose answer was lost after sending may have had its effect."""
    answer = judge_loss(step, loss)
    assert (answer.type, answer.expected, answer.error_class) == (kind, False, loss.value)


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (judge_loss(HOLD, Loss.TIMEOUT), True),
        (judge_loss(HOLD, Loss.CONNECT_REFUSED), True),
        (judge(HOLD, 503, error("busy", True)), True),
        (judge(HOLD, 500, b""), True),
        (judge(HOLD, 409, error("sold_out", True)), False),
        (judge(HOLD, 422, error("invalid", True)), False),
        (judge(HOLD, 429, error("overloaded", True), 3.0), True),
        (judge(HOLD, 429, error("overloaded", True)), True),
        (judge(HOLD, 201, b"{}"), False),
    ],
)
def test_only_silence_and_errors_of_the_service_are_worth_a_retry(answer, again):
    """A refusal is an answer: asking again would only be more load."""
    assert answer.worth_retrying is again


def test_a_reply_carries_what_the_journal_keeps():
    """The fields of a success body that the history is made of."""
    answer = judge(HOLD, 201, b'{"application_id": "a1", "slot": "s1", "state": "SLOT_HELD", "more": 1}')
    assert answer.reply == Reply(application_id="a1", slot="s1", state="SLOT_HELD")


def test_who_is_turned_away_meets_an_error_and_learns_when_to_come_back():
    """Nothing happened, no step declares it, and the time to wait is the service's own."""
    answer = judge(HOLD, 429, error("overloaded", True), 3.0)
    assert (answer.type, answer.expected, answer.retry_after_s) == (FAIL, False, 3.0)


def test_a_picture_is_an_answer_although_it_is_no_json():
    """Only where the step says so: of any other step it is an answer that nobody can read."""
    picture = Step("arrival_pass_picture", frozenset({200}), read=True, picture=True)
    assert judge(picture, 200, b"\x89PNG").reply == Reply()
    assert judge(LOOK, 200, b"\x89PNG").error_class == "unreadable_answer"
