"""Dukcapil: the same NIK is always answered alike; refusals, failures and waiting follow the settings."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from mock_mpaspor.outside.dukcapil.nik import Sex
from mock_mpaspor.outside.dukcapil.registry import LATENCY_CAP_S, Identity, Mismatch, Shares, look_up

BORN = date(1990, 8, 17)
CONFIRMING = Shares(not_found=0, mismatch=0, blocked=0)


def identity(serial: int) -> Identity:
    return Identity(f"990101170890{serial:04d}", BORN, Sex.MALE)


def question(nik: str = "9901011708900001", **changed: str) -> dict[str, str]:
    return {"nik": nik, "name": "Orang Contoh", "birth_date": "1990-08-17", "sex": "male"} | changed


def test_the_same_nik_is_always_answered_alike():
    """Outcome and latency are a function of the NIK and the seed; another seed gives another registry."""
    shares = Shares(not_found=0.3, mismatch=0.3, blocked=0.3)
    first = [look_up(identity(n), shares, 0.3, "7") for n in range(1, 50)]
    assert first == [look_up(identity(n), shares, 0.3, "7") for n in range(1, 50)]
    assert first != [look_up(identity(n), shares, 0.3, "8") for n in range(1, 50)]


@pytest.mark.parametrize("reason", list(Mismatch))
def test_each_share_refuses_for_its_own_reason(reason):
    """A share of 1 refuses everybody with the reason it is named after."""
    shares = replace(CONFIRMING, **{reason.value: 1.0})
    assert look_up(identity(1), shares, 0.3, "7").reason is reason


def test_shares_are_met_over_many_people():
    """Of 4,000 NIKs about the share given is not found, and the rest confirmed."""
    shares = replace(CONFIRMING, not_found=0.25)
    found = [look_up(identity(n), shares, 0.3, "7").reason for n in range(1, 4001)]
    assert found.count(Mismatch.NOT_FOUND) == pytest.approx(1000, rel=0.15)
    assert found.count(None) + found.count(Mismatch.NOT_FOUND) == 4000


def test_latency_is_log_normal_with_a_tail_of_five_medians():
    """Half within the median, 95 % within five times it, none beyond the cap."""
    waits_s = sorted(look_up(identity(n), CONFIRMING, 0.3, "7").latency_s for n in range(1, 4001))
    assert waits_s[2000] == pytest.approx(0.3, rel=0.1)
    assert waits_s[3800] == pytest.approx(1.5, rel=0.15)
    assert waits_s[-1] <= LATENCY_CAP_S
    assert look_up(identity(1), CONFIRMING, 1e9, "7").latency_s == LATENCY_CAP_S


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, {"match": True}),
        ({"sex": "female"}, {"match": False, "reason": "mismatch"}),
        ({"nik": "9901015708900001", "sex": "female"}, {"match": True}),
        ({"birth_date": "1990-08-18"}, {"match": False, "reason": "mismatch"}),
        ({"nik": "990101170890000"}, {"match": False, "reason": "not_found"}),
        ({"nik": "9901011708900000"}, {"match": False, "reason": "not_found"}),
    ],
)
def test_a_nik_must_agree_with_what_is_stated(open_a_dukcapil, changed, answer):
    """Digits that contradict the stated birth date or sex do not match; digits that are no NIK are not found."""
    response = open_a_dukcapil().post("/verify", json=question(**changed))
    assert (response.status_code, response.json) == (200, answer)


def test_the_request_waits_out_the_latency(open_a_dukcapil, clock):
    """The answer leaves after the latency that the NIK has at this registry."""
    dukcapil = open_a_dukcapil(median_ms=300.0)
    dukcapil.post("/verify", json=question())
    assert clock.slept_s == [look_up(identity(1), CONFIRMING, 0.3, "1").latency_s]


def test_failures_are_drawn_for_each_request(open_a_dukcapil):
    """With a share of one half, one and the same NIK is sometimes answered 500 and sometimes 200."""
    dukcapil = open_a_dukcapil(rng=Random(5), error_share=0.5)
    statuses = [dukcapil.post("/verify", json=question()).status_code for _ in range(50)]
    assert set(statuses) == {200, 500}


@pytest.mark.parametrize("changed", [{"birth_date": "17-08-1990"}, {"sex": "neither"}])
def test_a_malformed_question_is_refused(open_a_dukcapil, changed):
    """422 with the field named, and definite."""
    response = open_a_dukcapil().post("/verify", json=question(**changed))
    assert response.status_code == 422
    assert response.json["error"]["code"] == "invalid"
    assert response.json["error"]["definite"] is True


def test_metrics_count_results_and_name_nobody(open_a_dukcapil):
    """The results are counted by reason; neither a NIK nor a name stands in the metrics."""
    dukcapil = open_a_dukcapil(blocked_share=1.0)
    dukcapil.post("/verify", json=question())
    shown = dukcapil.get("/metrics").text
    assert 'dukcapil_verifications_total{result="blocked"} 1.0' in shown
    assert "9901011708900001" not in shown
    assert "Orang" not in shown
