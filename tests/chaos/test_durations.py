"""Spans and instants: what is read, what is refused, and in which words."""

import pytest
from pydantic import BaseModel, ConfigDict

from chaos.durations import Duration, Instant, format_duration, parse_duration


class Times(BaseModel):
    model_config = ConfigDict(strict=True)

    span: Duration
    instant: Instant


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20.0),
        ("500ms", 0.5),
        ("2m", 120.0),
        ("1m30s", 90.0),
        ("2h", 7200.0),
        ("1h1m1s1ms", 3661.001),
        ("1.5s", 1.5),
        ("0s", 0.0),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    """Every unit counts, alone and together."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "found",
    [20, 1.5, True, None, "", "20", "s", "-5s", "20 s", "30s1m", "5s5s", "1d", "1e3s", "20S", ".5s", "opens", "²s"],
)
def test_anything_else_is_refused_with_what_was_expected(found: object) -> None:
    """A number without a unit, a sign, a wrong order: the message names what was found and shows the right form."""
    with pytest.raises(ValueError, match=r"expected a duration with its unit.*found") as refusal:
        parse_duration(found)
    assert repr(found) in str(refusal.value)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.5, 20.0, 90.0, 3661.001, 7200.0])
def test_a_duration_written_is_read_as_itself(seconds: float) -> None:
    """Writing and reading are inverse, so a resolved plan can be read again."""
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "resolved_s", "written"),
    [
        ("20s", 20.0, "20s"),
        ("opens", 15.0, "opens"),
        ("opens+2s", 17.0, "opens+2s"),
        ("opens-5s", 10.0, "opens-5s"),
        ("opens + 1m30s", 105.0, "opens+1m30s"),
        ("opens-20s", -5.0, "opens-20s"),
        ("sold_out", None, "sold_out"),
        ("first_code+1m30s", None, "first_code+1m30s"),
    ],
)
def test_an_instant_counts_from_the_start_or_from_the_opening(
    text: str, resolved_s: float | None, written: str
) -> None:
    """With the quota opening at 15 s, each form resolves to seconds of the run, and is written in one form."""
    instant = Instant.parse(text)
    assert instant.resolve(opens_at_s=15.0) == resolved_s
    assert str(instant) == written
    assert Instant.parse(written) == instant


@pytest.mark.parametrize("found", [2, "opens+", "opens2s", "opens+2", "closes+2s", "+2s", "", None])
def test_an_instant_in_another_form_is_refused(found: object) -> None:
    """The message names what was found and shows every form."""
    with pytest.raises(
        ValueError, match=r'expected an instant such as "20s".*"opens-5s".*"first_code\+2s", found'
    ) as refusal:
        Instant.parse(found)
    assert repr(found) in str(refusal.value)


@pytest.mark.parametrize("found", ["sold_out-2s", "first_code - 1s"])
def test_nobody_can_be_ahead_of_an_event(found: str) -> None:
    """Before the quota opens is a time, before the first code is none."""
    with pytest.raises(ValueError, match=r"expected (sold_out|first_code) or later.*found") as refusal:
        Instant.parse(found)
    assert repr(found) in str(refusal.value)


def test_both_stand_in_strict_models_and_survive_json() -> None:
    """As fields they are read from text, and dumped as the text that reads the same."""
    times = Times.model_validate({"span": "1m30s", "instant": "opens+2s"})
    assert (times.span, times.instant) == (90.0, Instant(2.0, from_opening=True))
    assert Times.model_validate_json(times.model_dump_json()) == times
    assert {field["type"] for field in Times.model_json_schema()["properties"].values()} == {"string"}
