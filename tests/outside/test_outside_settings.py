"""Settings of the outside systems: every problem in one line, and every variable in the contract."""

import io
import re
from pathlib import Path

import pytest

from mock_mpaspor.outside.__main__ import main
from mock_mpaspor.outside.environment import SettingsError
from mock_mpaspor.outside.settings import read_bank, read_dukcapil, read_simkim, read_simponi

PACKAGE = Path(__file__).parents[2] / "mock_mpaspor" / "outside"
CONTRACT = Path(__file__).parents[2] / "docs" / "mpaspor-api.md"
BANK = {"OUTSIDE_TOKEN": "t", "BANK_SIMPONI_URL": "http://127.0.0.1:1", "BANK_LEDGER_PATH": "ledger.ndjson"}


def test_every_problem_is_told_at_once():
    """One message names each variable that is missing or wrong."""
    with pytest.raises(SettingsError) as caught:
        read_simponi(
            {
                "SIMPONI_DATABASE_PATH": "nowhere/simponi.db",
                "SIMPONI_BANK_URL": "ftp://x",
                "SIMPONI_VALIDITY_S": "soon",
                "OUTSIDE_TIMEOUT_S": "nan",
            }
        )
    for name in (
        "OUTSIDE_TOKEN is not set",
        "SIMPONI_DATABASE_PATH='nowhere/simponi.db'",
        "SIMPONI_CALLBACK_URL is not set",
        "SIMPONI_CALLBACK_SECRET is not set",
        "SIMPONI_BANK_URL='ftp://x'",
        "SIMPONI_VALIDITY_S='soon'",
        "OUTSIDE_TIMEOUT_S='nan'",
    ):
        assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("threads", ["0", "-1", "many", "1.5"])
def test_a_thread_count_is_a_whole_number_above_zero(threads):
    """Anything else is refused with what was expected."""
    with pytest.raises(SettingsError, match=r"OUTSIDE_THREADS=.*expected a whole number ≥ 1"):
        read_bank(BANK | {"OUTSIDE_THREADS": threads})


def test_dukcapil_needs_nothing_and_refuses_shares_beyond_one():
    """Every variable has a default; shares that add up to more than everybody are refused."""
    assert read_dukcapil({}).median_ms == 300.0
    with pytest.raises(SettingsError, match="more than 1"):
        read_dukcapil({"DUKCAPIL_MISMATCH_SHARE": "0.6", "DUKCAPIL_NOT_FOUND_SHARE": "0.6"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"SIMKIM_STAFF": "robots"}, "SIMKIM_STAFF='robots': expected manual or auto"),
        ({"OUTSIDE_CLOCK_SCALE": "360"}, "OUTSIDE_CLOCK_SCALE needs OUTSIDE_CLOCK_EPOCH"),
        ({"OUTSIDE_CLOCK_SCALE": "0"}, "OUTSIDE_CLOCK_SCALE='0'"),
        ({"SIMKIM_SERVICE_TOKEN": ""}, "SIMKIM_SERVICE_TOKEN is not set"),
    ],
)
def test_simkim_is_told_what_is_wrong(given, expected, tmp_path):
    """Its staff, its clock and its tokens; and without a mistake it starts."""
    right = {"SIMKIM_DATABASE_PATH": str(tmp_path / "s.db"), "SIMKIM_SERVICE_TOKEN": "a", "SIMKIM_STAFF_TOKEN": "b"}
    assert read_simkim(right).blanks == 1000
    with pytest.raises(SettingsError) as caught:
        read_simkim(right | given)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["bank", "--port", "1"], "BANK_LEDGER_PATH is not set"),
        (["bank"], "--port"),
        (["post-office", "--port", "1"], "post-office"),
        (["bank", "--port", "one"], "one"),
    ],
)
def test_a_start_that_cannot_be_is_one_line_and_exit_code_2(args, expected):
    """Bad flags and bad settings alike, without a traceback."""
    err = io.StringIO()
    assert main(args, {}, err) == 2
    assert expected in err.getvalue()
    assert err.getvalue().count("\n") == 1


def test_every_variable_stands_in_the_contract():
    """A variable that the code reads is one that docs/mpaspor-api.md names."""
    variable = r'"((?:OUTSIDE|DUKCAPIL|SIMPONI|BANK|SIMKIM)_[A-Z_]+)"'
    read = set(re.findall(variable, (PACKAGE / "settings.py").read_text()))
    assert len(read) > 10
    assert read <= set(re.findall(r"[A-Z]+_[A-Z_]+", CONTRACT.read_text()))
