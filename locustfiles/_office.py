"""The office beside the application: what anybody may ask it, the clerk at its counter, and its administration."""

from dataclasses import replace

from locustfiles import _steps as steps
from locustfiles._mpaspor import at, encode, identity
from locustfiles._people import Person
from loket.load.call import Call


def offices(latitude: float, longitude: float) -> Call:
    return Call(steps.OFFICES, "GET", f"/v1/offices?lat={latitude:.4f}&lon={longitude:.4f}")


def fees() -> Call:
    return Call(steps.FEES, "GET", "/v1/fees")


def requirements(kind: str, replaced: str | None, minor: bool) -> Call:
    because = f"&replaced={replaced}" if replaced else ""
    return Call(steps.REQUIREMENTS, "GET", f"/v1/requirements?kind={kind}{because}&minor={str(minor).lower()}")


def calendar(office: str) -> Call:
    """Of the month that it is at the office."""
    return Call(steps.CALENDAR, "GET", f"/v1/offices/{office}/calendar", headers=at(office))


class Clerk:
    """Enters people who have priority at the counter of an office; `token` opens it."""

    def __init__(self, token: str, office: str) -> None:
        self._office = office
        self._bearer = (*at(office), ("authorization", f"Bearer {token}"))

    def receive(self, person: Person, ground: str, key: str) -> Call:
        """Somebody who came without an appointment, for a regular passport of five years."""
        book = {"office": self._office, "ground": ground, "passport_type": "regular", "validity_years": 5}
        headers = (*self._bearer, ("idempotency-key", key))
        body = encode({**identity(person), **book})
        return Call(steps.WALK_IN, "POST", "/office/walk-ins", body, headers=headers, key=key)

    def billing_code(self, application_id: str) -> Call:
        call = Call(steps.BILLING_CODE, "GET", f"/office/applications/{application_id}/billing", headers=self._bearer)
        return replace(call, application_id=application_id)


class Administration:
    """Speaks for the office, past the network; `token` opens it."""

    def __init__(self, token: str) -> None:
        self._bearer = (("authorization", f"Bearer {token}"),)

    def call_off(self, office: str, day: str) -> Call:
        """A day (ISO 8601) on which nobody can be received: whoever was expected may move."""
        body = encode({"office": office, "date": day, "reason": "force_majeure"})
        return Call(steps.GRANT_MOVES, "POST", "/admin/special-reschedules", body, headers=self._bearer)


def pay_for(application_id: str, bill: steps.Code, channel: str, key: str) -> Call:
    """At the bank, which knows the code and nobody behind it."""
    body = {"billing_code": bill.billing_code, "amount_idr": bill.amount_idr, "channel": channel}
    headers = (("idempotency-key", key),)
    return Call(steps.PAY, "POST", "/pay", encode(body), headers=headers, key=key, application_id=application_id)
