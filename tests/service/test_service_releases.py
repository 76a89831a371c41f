"""Release calendars: each rule's openings over weeks, months and years, and the job that makes them once."""

from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_mpaspor.domain.calendars import Rule, next_opening, openings, plans, quota_on
from mock_mpaspor.domain.clock import NS_PER_S
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.domain.slots import Lane
from mock_mpaspor.settings import SettingsError, read_settings
from tests.service.premises import environment

OPENINGS = [
    # A Monday, the Friday itself a second before and at its hour, the last Friday of a year.
    ("weekly", "batam", "2025-02-03T09:00:00+07:00", "2025-02-07T14:00:00+07:00", "2025-02-10", "2025-02-14"),
    ("weekly", "batam", "2025-02-07T13:59:59+07:00", "2025-02-07T14:00:00+07:00", "2025-02-10", "2025-02-14"),
    ("weekly", "batam", "2025-02-07T14:00:00+07:00", "2025-02-14T14:00:00+07:00", "2025-02-17", "2025-02-21"),
    ("weekly", "kupang", "2024-12-27T14:00:00+07:00", "2025-01-03T14:00:00+07:00", "2025-01-06", "2025-01-10"),
    ("weekly", "batam", "2021-12-25T00:00:00+07:00", "2021-12-31T14:00:00+07:00", "2022-01-03", "2022-01-07"),
    # The month's end on a Sunday, of a leap February, of a year; WIB also for an office in WIT.
    ("month_end", "batam", "2025-08-01T00:00:00+07:00", "2025-08-29T09:00:00+07:00", "2025-09-01", "2025-09-30"),
    ("month_end", "batam", "2024-02-01T00:00:00+07:00", "2024-02-29T09:00:00+07:00", "2024-03-01", "2024-03-29"),
    ("month_end", "jayapura", "2024-12-31T08:59:59+07:00", "2024-12-31T09:00:00+07:00", "2025-01-01", "2025-01-31"),
    ("month_end", "jayapura", "2024-12-31T09:00:00+07:00", "2025-01-31T09:00:00+07:00", "2025-02-03", "2025-02-28"),
    # The two halves, over a year's end; at nine of the office's own zone.
    ("twice_monthly", "batam", "2023-11-02T00:00:00+07:00", "2023-11-15T09:00:00+07:00", "2023-12-01", "2023-12-15"),
    ("twice_monthly", "batam", "2023-12-15T09:00:00+07:00", "2024-01-01T09:00:00+07:00", "2024-01-16", "2024-01-31"),
    ("twice_monthly", "kupang", "2023-12-01T09:00:00+08:00", "2023-12-15T09:00:00+08:00", "2024-01-01", "2024-01-15"),
    # The first working day; the third month after, over a year's end.
    ("three_months", "batam", "2025-02-28T12:00:00+07:00", "2025-03-03T09:00:00+07:00", "2025-06-02", "2025-06-30"),
    ("three_months", "batam", "2025-09-30T12:00:00+07:00", "2025-10-01T09:00:00+07:00", "2026-01-01", "2026-01-30"),
]


def _ns(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp()) * NS_PER_S


@pytest.mark.parametrize(("rule", "office", "after", "opens", "first", "last"), OPENINGS)
def test_a_rule_gives_the_next_opening_and_its_days(rule, office, after, opens, first, last):
    """The first opening after the instant, to the second, and the first and last day that it is for."""
    found = next_opening(Rule(rule), OFFICES[office], _ns(after))
    assert found.opens_ns == _ns(opens)
    assert (str(found.days[0]), str(found.days[-1])) == (first, last)


@pytest.mark.parametrize("name", OFFICES)
def test_an_office_that_releases_by_itself_keeps_its_day_early_in_the_month(name):
    """Within the first five working days, at nine of its own zone, for the next month."""
    office = OFFICES[name]
    found = next_opening(Rule.OWN, office, _ns("2025-12-31T23:00:00+07:00"))
    local = datetime.fromtimestamp(found.opens_ns / NS_PER_S, office.zone.value)
    assert (local.year, local.month, local.hour, local.minute) == (2026, 1, 9, 0)
    assert local.day <= 7
    assert (found.days[0], found.days[-1]) == (date(2026, 2, 2), date(2026, 2, 27))


@given(
    rule=st.sampled_from(Rule),
    name=st.sampled_from(sorted(OFFICES)),
    after_ns=st.integers(_ns("2022-01-01T00:00:00+07:00"), _ns("2027-12-31T00:00:00+07:00")),
)
def test_a_calendar_leaves_no_day_out_and_opens_none_twice(rule, name, after_ns):
    """Openings ascend, follow the instant, precede their days, and their days join without gap or overlap."""
    stream = openings(rule, OFFICES[name], after_ns)
    following = [next(stream) for _ in range(6)]
    instants = [opening.opens_ns for opening in following]
    assert instants == sorted(set(instants))
    assert instants[0] > after_ns
    assert next_opening(rule, OFFICES[name], instants[0]) == following[1]
    days = [day for opening in following for day in opening.days]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    assert {gap.days for gap in gaps} <= {1, 3}
    assert all(day.weekday() < 5 for day in days)
    zone = OFFICES[name].zone
    assert all(zone.day(opening.opens_ns) < opening.days[0] for opening in following)


def test_the_month_end_leaves_a_fifth_to_the_counter_queue():
    """80 % online, 20 % APAPO of the ordinary places; express and priority are not shared."""
    quota = quota_on(Rule.MONTH_END, OFFICES["batam"], date(2022, 3, 1))
    assert quota == {Lane.ONLINE: 160, Lane.APAPO: 40, Lane.EXPRESS: 35, Lane.PRIORITY: 50}
    assert sum(quota.values()) == OFFICES["batam"].daily_quota
    assert Lane.APAPO not in quota_on(Rule.WEEKLY, OFFICES["batam"], date(2022, 3, 1))


def test_belakang_padang_receives_twenty_a_day_in_ramadan():
    """50 a day, 20 in the fasting month; other offices keep theirs."""
    small, large = OFFICES["belakang_padang"], OFFICES["batam"]
    days = [date(2025, 2, 28), date(2025, 3, 3), date(2025, 3, 31)]
    assert [sum(quota_on(Rule.OWN, small, day).values()) for day in days] == [50, 20, 50]
    assert {sum(quota_on(Rule.OWN, large, day).values()) for day in days} == {285}


def test_a_release_makes_the_quota_of_each_of_its_days():
    """Every lane, every day, exactly."""
    made = plans(Rule.OWN, OFFICES["batam"], (date(2025, 2, 3), date(2025, 2, 4)))
    assert sum(plan.capacity for plan in made) == 2 * 285
    assert len({plan.slot for plan in made}) == len(made)


def test_the_releaser_announces_a_release_the_day_before_and_people_wait_for_its_hour(start):
    """Friday 14:00: shown from Thursday 14:00 on, not open until the second, then held."""
    service = start(MPASPOR_RELEASES="belakang_padang=weekly")
    assert service.jobs.releaser.step() == 2 * 4
    assert service.free() == 4 * 50
    service.clock.pass_s(3 * 86_400 + 5 * 3600 - 1)
    assert service.jobs.releaser.step() == 0
    service.clock.pass_s(1)
    assert service.jobs.releaser.step() == 2 * 5
    monday = "belakang_padang-20250210-morning"
    service.clock.pass_s(86_400 - 1)
    person = service.person()
    application = person.prepare()
    assert person.hold(application, monday).json["error"]["code"] == "not_open"
    service.clock.pass_s(1)
    assert person.hold(application, monday).status_code == 201


def test_the_month_end_opens_a_fifth_of_the_places_to_the_counter_queue(start):
    """Made by the job: eighty in a hundred to book, twenty to queue for, and a number is really given out."""
    service = start(MPASPOR_RELEASES="belakang_padang=month_end")
    service.clock.turn_to("2025-01-31T09:00:00+07:00")
    assert service.jobs.releaser.step() > 0
    online, queue = service.free("online"), service.free("apapo")
    assert (online, queue) == (20 * 40, 20 * 10)
    assert service.person().queue_up("belakang_padang-20250204-morning-apapo").status_code == 201
    assert service.free("apapo") == queue - 1


def test_whoever_has_priority_is_received_on_the_day_the_service_begins(start):
    """The calendar's days to come begin tomorrow, the counter's today."""
    service = start(MPASPOR_RELEASES="batam=weekly")
    service.jobs.releaser.step()
    days = {
        lane: {event["slot"].split("-")[1] for event in service.events("slot_opened") if event["slot"].endswith(lane)}
        for lane in ("priority", "express")
    }
    assert min(days["priority"]) == "20250203"
    assert min(days["express"]) == "20250204"
    assert service.walk_in(office="batam").status_code == 201


def test_a_release_is_made_once_whoever_makes_it_how_often(start):
    """Again in the same process, in another, beside a release by hand: no slot twice, no place more."""
    first = start(MPASPOR_RELEASES="batam=month_end,kupang=own")
    by_hand = first.release(places=7, office="kupang")
    assert first.jobs.releaser.step() > 0
    opened = first.events("slot_opened")
    assert first.jobs.releaser.step() == 0
    another = start(MPASPOR_RELEASES="batam=month_end,kupang=own")
    assert another.jobs.releaser.step() == 0
    assert first.events("slot_opened") == opened
    slots = [event["slot"] for event in opened]
    assert len(slots) == len(set(slots))
    assert sum(event["capacity"] for event in opened if event["slot"] in by_hand) == 7


def test_a_service_that_was_away_makes_what_it_missed_for_the_days_to_come(start):
    """Three weeks later the present week's places are there, open; those of days gone by are not made."""
    service = start(MPASPOR_RELEASES="belakang_padang=weekly")
    service.clock.pass_s(21 * 86_400)
    service.jobs.releaser.step()
    days = sorted({event["slot"].split("-")[1] for event in service.events("slot_opened")})
    assert days == ["20250225", "20250226", "20250227", "20250228"]
    assert service.free() == 200


@pytest.mark.parametrize("stated", ["batam", "oslo=own", "batam=daily", "batam=own,batam=weekly"])
def test_a_calendar_that_cannot_be_kept_is_told_at_the_start(stated):
    """No rule, no such office, no such rule, two rules for one office."""
    with pytest.raises(SettingsError, match="MPASPOR_RELEASES"):
        read_settings({**environment("sqlite:///x.db"), "MPASPOR_RELEASES": stated})
