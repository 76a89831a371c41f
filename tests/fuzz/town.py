"""A service with a life behind it: people, and applications in the states that their own acts lead to.

Random ids open nothing. What is known here is put into generated requests, so that they get past the first question.
"""

from dataclasses import dataclass, field
from random import Random

from schemathesis import Case

from tests.service.house import Service
from tests.service.person import JPEG, OFFICE, PASSWORD, Person

TOKENS = {"/admin/": "adm", "/audit/": "aud", "/office/": "off"}
APAPO = "/v1/apapo/"
OFFICES_OWN = "/office/"
# So often a known value takes the place of a generated one.
KNOWN_SHARE = 0.7


@dataclass
class Town:
    """`values` are the known values of each field, variable or parameter, by its name; `person` is who asks."""

    service: Service
    slots: dict[str, list[str]]
    rng: Random = field(default_factory=Random)
    calls: int = 0
    strangers: int = 0

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Somebody else, with applications that nobody has touched yet: tests do not depend on those before them."""
        self.rng.seed(1)
        self.person = self.service.person()
        mine = f"warga{self.person.number}@contoh.example"
        self.applications = _applications(self.service, self.person, self.slots["online"][-1])
        self.values: dict[str, list[object]] = {
            "application_id": list(self.applications.values()),
            "office": [OFFICE],
            "ticket": [self.person.call("POST", f"/v1/offices/{OFFICE}/queue").json["ticket"]],
            "slot": [self.slots["online"][-2], self.slots["apapo"][-1]],
            "email": [mine, mine, "nobody@contoh.example"],
            "otp": [self.service.mailed_code(mine)],
            "password": [PASSWORD],
            "phone": ["+620000000000"],
            "to": [mine],
            "billing_code": [_code(self.service, self.applications[act]) for act in ("cancel", "reschedule")],
            "ntpn": [f"{self.person.number:08}{letter * 8}" for letter in "ABCDEFGH"],
            "amount_idr": [950_000],
            # The ends of the calendar beside the day that fits: arithmetic breaks there first.
            "month": ["2025-02", "0001-01", "9999-12"],
            "opens_at": ["2025-02-03T00:00:00+07:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"],
            "date": ["2025-02-04", "2025-02-04", "0001-01-01", "9999-12-31"],
            "birth_date": ["1990-03-02", "0001-01-01", "9999-12-31"],
            "paid_at": ["2025-02-03T09:10:00+07:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"],
            "ground": ["pregnant"],
        }

    def lead(self, case: Case) -> None:
        """Let a generated case in: give it the token of its door, a key of its own, and values that exist."""
        self.calls += 1
        # The cases at the edges are made once and come again for the other database: nothing of this town stays on one.
        case.headers.pop("Authorization", None)
        if self._mostly(0.95):
            case.headers["Authorization"] = f"Bearer {self._token(case.path)}"
        if "Idempotency-Key" in case.headers and self._mostly():
            case.headers["Idempotency-Key"] = f"key-{self.calls}"
        for place in (case.path_parameters, case.query, case.body):
            if isinstance(place, dict):
                self._fill(place)
        act = "walk-in" if case.path.startswith(OFFICES_OWN) else case.path.rpartition("/")[2]
        if (case.method, act) == ("GET", "billing"):
            act = "cancel"  # the one whose code was issued
        if (case.method, act) == ("PUT", "{application_id}"):
            act = "change"
        if "application_id" in case.path_parameters and act in self.applications and self._mostly(0.8):
            case.path_parameters["application_id"] = self.applications[act]
        if case.media_type == "image/jpeg" and self._mostly():
            case.body = JPEG

    def _token(self, path: str) -> str:
        if path.startswith(APAPO):
            # Five tickets to an account: the next applicant comes with another.
            return self.service.person().token
        return next((token for start, token in TOKENS.items() if path.startswith(start)), self.person.token)

    def _fill(self, place: dict[str, object]) -> None:
        for name in [name for name in place if name in self.values and self._mostly()]:
            place[name] = self.rng.choice(self.values[name])
        if "nik" in place and self._mostly():
            self.strangers += 1
            place |= {"nik": f"997101420390{9999 - self.strangers}", "birth_date": "1990-03-02", "sex": "female"}

    def _mostly(self, share: float = KNOWN_SHARE) -> bool:
        return self.rng.random() < share


def settle(service: Service) -> Town:
    """Give the service its town, on the morning of the first day of its places."""
    slots = {lane: _release(service, lane) for lane in ("online", "apapo", "priority")}
    service.clock.pass_s(24 * 3600)
    return Town(service, slots)


def _release(service: Service, lane: str) -> list[str]:
    wanted = {"office": OFFICE, "opens_at": "2025-02-03T00:00:00+07:00", "days": 4, "places": 80_000, "lane": lane}
    answer = service.admin("POST", "/admin/releases", json=wanted)
    assert answer.status_code == 201
    return [slot["slot"] for slot in answer.json["slots"]]


def _applications(service: Service, person: Person, slot: str) -> dict[str, str]:
    """The application that is ready for each act, by the last word of the act's path; of four applicants."""
    draft, changed, identified, ready, held, paid = (person.apply() for _ in range(6))
    assert person.identify(identified).status_code == 200
    lost = person.prepare(kind="REPLACEMENT", replaced="lost")
    for number, application in enumerate((ready, held, paid)):
        nik = f"997101420390{3000 + 3 * person.number + number}"
        assert person.identify(application, nik=nik).status_code == 200
        person.complete(application)
    for application in (held, paid):
        assert person.hold(application, slot).status_code == 201
    booked = person.book(slot)
    assert person.ask_code(paid).status_code == 202
    received = service.walk_in(person.number)
    assert received.status_code == 201
    _issue(service, paid, booked)
    assert service.call_back(_code(service, paid), f"{person.number:016}").status_code == 200
    assert person.see_code(booked).status_code == 200
    return {
        "identity": draft,
        "change": changed,
        "documents": identified,
        "hold": ready,
        "referral": lost,
        "billing": held,
        "cancel": booked,
        "reschedule": paid,
        "arrival-pass": paid,
        "arrival-pass.png": paid,
        "delivery": paid,
        "walk-in": received.json["application_id"],
    }


def _issue(service: Service, *applications: str) -> None:
    """Relay until these have their codes: what tests before left in the outbox comes first."""
    for _ in range(1000):
        if all(application in service.simponi.bills for application in applications):
            return
        service.relay()
    raise AssertionError("the codes did not come")


def _code(service: Service, application: str) -> str:
    return service.simponi.bills[application].billing_code
