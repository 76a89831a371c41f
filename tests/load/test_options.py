"""Whom a load may be sent to, and plans that cannot be used."""

import msgspec
import pytest

from loket.load.plan import LoadPlan
from loket.load.target import ForbiddenTarget, check_targets


def plan(**changes):
    here = "http://127.0.0.1:8000"
    whole = LoadPlan(
        scenario="quota_rush",
        seed=1,
        office="kupang",
        people=1,
        places=1,
        days=1,
        opens_at_s=1,
        rush_s=1,
        drain_s=1,
        patience_s=1,
        payment_deadline_s=1,
        profile=None,
        service_url=here,
        bank_url=here,
        direct_url=here,
        admin_token="",
        run_directory="",
    )
    return msgspec.structs.replace(whole, **changes)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://127.9.9.9", "http://localhost:1/", "http://[::1]:80"])
def test_this_host_may_be_loaded(url):
    """A loopback address, by number or by its own name."""
    check_targets(plan(service_url=url))


@pytest.mark.parametrize("field", ["service_url", "bank_url", "direct_url"])
@pytest.mark.parametrize("url", ["http://10.0.0.1", "http://mpaspor.example", "http://127.0.0.1.example"])
def test_no_other_host_may_be_loaded_by_mistake(field, url):
    """Every address of the plan is looked at, and none is resolved first."""
    with pytest.raises(ForbiddenTarget, match="i_am_allowed_to_load_it"):
        check_targets(plan(**{field: url}))


def test_another_host_may_be_loaded_with_permission():
    """The plan's author says so in so many words."""
    check_targets(plan(service_url="http://10.0.0.1", i_am_allowed_to_load_it=True))


@pytest.mark.parametrize("url", ["https://127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1/api", ""])
def test_an_address_that_the_client_cannot_use_is_refused(url):
    """Better a sentence than requests to the wrong place."""
    with pytest.raises(ForbiddenTarget, match="is not an http:// address"):
        check_targets(plan(service_url=url, i_am_allowed_to_load_it=True))
