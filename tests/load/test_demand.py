"""The demand of a month: the published figures, along the clock of the service, the same in every worker."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from locustfiles._demand import HOURS, MONTHLY, SEASON, WIB, demand, weight
from locustfiles._month import MonthScenario
from loket.experiment import Experiment
from loket.experiment.offices import DAILY_QUOTA
from loket.load.arrivals import Drawn, schedule
from tests.load.scripted_visitor import PLAN

DAY_S = 6.0
SCALE = 86_400 / DAY_S
JANUARY = datetime(2025, 1, 1, tzinfo=WIB)


def come(from_day: float, to_day: float, starts: datetime = JANUARY, days: int = 31) -> float:
    """The share of the month's people who come between two days of it, counted from 0, over 20,000 draws."""
    month = schedule([Drawn(demand(starts, SCALE, days * DAY_S), 20_000)], seed=3)
    return sum(from_day * DAY_S <= one.at_s < to_day * DAY_S for one in month) / 20_000


def test_the_factors_are_of_a_whole_day_and_a_whole_year():
    """Hours average to one; the season has its published months."""
    assert sum(HOURS) == pytest.approx(24)
    assert (len(HOURS), len(SEASON)) == (24, 12)
    assert SEASON[:3] == (1.16, 1.26, 1.23)


def test_a_curve_integrates_its_weights():
    """A day that ends in the middle of an hour has the share of it that it holds."""
    rates = demand(JANUARY + timedelta(hours=9, minutes=30), SCALE, 3 * DAY_S / 24)
    hour_s = DAY_S / 24
    by_hand = sum(
        share * weight(JANUARY + timedelta(hours=hour)) for share, hour in ((0.5, 9), (1, 10), (1, 11), (0.5, 12))
    )
    assert rates.total == pytest.approx(by_hand * hour_s)


def test_the_month_peaks_on_its_first_working_day():
    """Who waited for the release comes then; 1 January 2025 is a Wednesday, 1 February a Saturday."""
    ordinary = come(21, 22)
    assert come(0, 1) > 5 * ordinary
    assert come(1, 2) > 2.5 * ordinary
    february = datetime(2025, 2, 1, tzinfo=WIB)
    assert come(0, 1, february, 28) < ordinary < come(2, 3, february, 28) / 4


def test_weekends_and_nights_are_quiet():
    """A third on a Saturday; hardly anybody between one and four at night."""
    assert come(24, 25) == pytest.approx(come(22, 23) / 3, rel=0.25)
    nights = sum(come(day + 1 / 24, day + 4 / 24) for day in range(31))
    assert nights < 0.01


def test_the_clock_of_the_plan_decides_the_month():
    """Any worker makes the same curve of the same plan, with a clock or without."""
    scenario = MonthScenario()
    january = replace(PLAN, clock_scale=SCALE, clock_start_s=JANUARY.timestamp())
    assert scenario.curve(january).knots == demand(JANUARY, SCALE, 60.0).knots
    unnamed = replace(PLAN, clock_scale=SCALE)
    assert scenario.curve(unnamed).knots == scenario.curve(unnamed).knots != scenario.curve(january).knots


def test_every_office_has_its_month():
    """An office that an experiment can name has a demand."""
    assert set(MONTHLY) == set(DAILY_QUOTA)


def test_the_ten_offices_share_the_people_by_their_months():
    """The experiment's shares are the published months', to a thousandth; its people are a thirtieth of theirs."""
    experiment = Experiment.read("monthly_demand_ten_offices")
    whole = sum(MONTHLY[office] for office in experiment.office_shares)
    assert len(experiment.office_shares) == 10
    for office, share in experiment.office_shares.items():
        assert share == pytest.approx(MONTHLY[office] / whole, abs=0.0011)
    assert experiment.people == pytest.approx(whole / 30, rel=0.01)
    assert Experiment.read("monthly_demand").people == MONTHLY["belakang_padang"]
