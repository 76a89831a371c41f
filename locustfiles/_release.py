"""The office releases its places: administration's part of a run, before anybody comes."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from locustfiles._steps import OPEN_RELEASE, Reading, read_clock
from loket.load.answers import Answer, judge
from loket.load.call import Attempt, Call, render
from loket.load.connection import Connection, Lost, Timeouts
from loket.load.plan import LoadPlan
from loket.load.scenario import CannotPrepare

# Second 0 of the run waits for the release to be opened.
ADMINISTRATION_TIMEOUTS = Timeouts(connect_s=0.5, total_s=1.5)


def open_release(
    plan: LoadPlan,
    opens_at_unix_ns: int,
    wall: Callable[[], int] = time.time_ns,
    shares: Mapping[str, float] | None = None,
) -> None:
    """Have the office release its places, to open at that instant of the wall clock. Raises CannotPrepare.

    `shares` says how the plan's places are shared out among lanes; without it all are for whoever comes online.
    """
    administration = Connection(plan.direct_url, ADMINISTRATION_TIMEOUTS)
    try:
        opens_at = _service_time(administration, opens_at_unix_ns, wall).isoformat(timespec="milliseconds")
        for body in _releases(plan, opens_at, shares):
            _release(administration, plan, body, opens_at_unix_ns)
    except Lost as lost:
        raise CannotPrepare(f"{plan.direct_url} did not open the release ({lost.loss}).") from lost
    finally:
        administration.close()


def _releases(plan: LoadPlan, opens_at: str, shares: Mapping[str, float] | None) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for office, places in plan.places_of().items():
        whole = {"office": office, "opens_at": opens_at, "days": plan.days}
        if shares is None:
            found.append(whole | {"places": places})
        else:
            found += [whole | {"lane": lane, "places": max(1, round(places * share))} for lane, share in shares.items()]
    return found


def _release(administration: Connection, plan: LoadPlan, body: Mapping[str, object], trace: int) -> None:
    headers = (("authorization", f"Bearer {plan.admin_token}"),)
    call = Call(OPEN_RELEASE, "POST", "/admin/releases", msgspec.json.encode(body), headers=headers)
    answer = _exchange(administration, call, trace)
    if not answer.ok:
        why = f"HTTP {answer.http_status}, {answer.error_class}"
        raise CannotPrepare(f"{plan.direct_url} did not open the release ({why}).")


def _service_time(administration: Connection, unix_ns: int, wall: Callable[[], int]) -> datetime:
    """What the service's clock shows at that instant; a service without a clock of its own goes by the wall's."""
    asked_ns = wall()
    reading = _exchange(administration, read_clock(), unix_ns).reply
    if not isinstance(reading, Reading) or reading.now is None:
        return datetime.fromtimestamp(unix_ns / 1e9, UTC)
    # The answer was given somewhere between the two looks at the wall clock.
    answered_ns = (asked_ns + wall()) / 2
    return (reading.now + timedelta(seconds=(unix_ns - answered_ns) / 1e9 * reading.scale)).astimezone(UTC)


def _exchange(administration: Connection, call: Call, trace: int) -> Answer:
    request = render(Attempt(call, 0, None, f"{trace:032x}", 0), administration.host)
    return judge(call.step, *administration.exchange(call.method, request))
