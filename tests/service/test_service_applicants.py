"""The people an account applies for: five at most, and their NIK readable for nobody but the service."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mock_mpaspor.domain.errors import ErrorCode
from mock_mpaspor.domain.limits import WRONG_IDENTITIES
from mock_mpaspor.domain.sealing import Seal, SealBrokenError
from mock_mpaspor.store.applicants import MOST_APPLICANTS
from mock_mpaspor.store.schema import APPLICANTS
from mock_mpaspor.web.parts import EXTENSION
from tests.service.routes import refused


def _nik(number):
    return f"997101420390{number:04}"


def test_an_account_applies_for_five_people(service):
    """The sixth is refused; the five may go on applying, under a corrected name too."""
    person = service.person()
    for number in range(1, MOST_APPLICANTS + 1):
        service.clock.pass_s(1)
        assert person.identify(person.apply(), nik=_nik(number)).status_code == 200
    sixth = person.apply()
    assert refused(person.identify(sixth, nik=_nik(6))) == (409, "too_many_applicants")
    assert person.status(sixth)["state"] == "DRAFT"
    assert person.identify(sixth, nik=_nik(3), name="Nama Baru").status_code == 200
    shown = person.call("GET", "/v1/applicants").json["applicants"]
    assert [each["nik"] for each in shown] == [f"{'*' * 12}{number:04}" for number in range(1, 6)]
    assert shown[2]["name"] == "Nama Baru"
    assert shown[2]["birth_date"] == "1990-03-02"


def test_whoever_an_application_is_not_for_any_more_is_not_counted(service):
    """A draft stated anew for one person after another takes one place of the five, a cancelled one none."""
    person = service.person()
    draft = person.apply()
    statuses = [person.identify(draft, nik=_nik(number)).status_code for number in range(1, MOST_APPLICANTS + 3)]
    assert set(statuses) == {200}
    shown = person.call("GET", "/v1/applicants").json["applicants"]
    assert [each["nik"][-1] for each in shown] == [str(MOST_APPLICANTS + 2)]
    others = [person.apply() for _ in range(MOST_APPLICANTS)]
    answers = [person.identify(other, nik=_nik(20 + number)) for number, other in enumerate(others)]
    assert [answer.status_code for answer in answers] == [200] * (MOST_APPLICANTS - 1) + [409]
    assert refused(person.identify(person.apply(), nik=_nik(1))) == (409, "too_many_applicants")
    assert person.cancel(draft).status_code == 200
    assert person.identify(others[-1], nik=_nik(1)).status_code == 200


def _kept_people(service):
    with service.app.extensions[EXTENSION].database.read() as connection:
        return len(connection.execute(select(APPLICANTS)).all())


def test_nothing_is_kept_of_somebody_whom_no_application_names(service):
    """Neither number nor name of a person stated by mistake; of one whom another application names both stay."""
    person = service.person()
    first, second = person.apply(), person.apply()
    for number in (1, 2, 3):
        person.identify(first, nik=_nik(number))
    assert _kept_people(service) == 1
    person.identify(second, nik=_nik(3))
    person.identify(first, nik=_nik(4))
    assert _kept_people(service) == 2


def test_wrong_people_may_be_stated_ten_times(service):
    """Then the registry is asked no more for this account for a while; another's is open."""
    person, other = service.person(), service.person()
    application = person.apply()
    assert person.identify(application).status_code == 200
    service.dukcapil.refusal = ErrorCode.IDENTITY_INVALID
    for _ in range(WRONG_IDENTITIES.number):
        assert refused(person.identify(application)) == (422, "identity_invalid")
    asked = len(service.dukcapil.asked)
    service.dukcapil.refusal = None
    answer = person.identify(application)
    assert refused(answer) == (429, "too_many_attempts")
    assert answer.headers["Retry-After"] == "900"
    assert len(service.dukcapil.asked) == asked
    assert other.identify(other.apply()).status_code == 200
    service.clock.pass_s(WRONG_IDENTITIES.window_s)
    assert person.identify(application).status_code == 200


def test_a_registry_that_is_away_counts_against_nobody(service):
    """Only what it refuses is a guess."""
    person = service.person()
    application = person.apply()
    service.dukcapil.refusal = ErrorCode.DUKCAPIL_UNAVAILABLE
    for _ in range(WRONG_IDENTITIES.number + 1):
        assert refused(person.identify(application)) == (503, "dukcapil_unavailable")
    service.dukcapil.refusal = None
    assert person.identify(application).status_code == 200


def test_two_sixth_people_at_once_are_not_both_the_fifth(service):
    """Eight people are identified side by side for one account: five of them pass."""
    person = service.person()
    drafts = [person.apply() for _ in range(8)]
    gate = threading.Barrier(len(drafts))

    def identify(number):
        gate.wait(timeout=30)
        return person.identify(drafts[number], nik=_nik(number + 1)).status_code

    with ThreadPoolExecutor(len(drafts)) as crowd:
        statuses = list(crowd.map(identify, range(len(drafts))))
    assert sorted(statuses) == [200] * 5 + [409] * 3
    assert len(person.call("GET", "/v1/applicants").json["applicants"]) == 5


def test_nobody_sees_the_people_of_another_account(service):
    """The list is the account's own."""
    owner, stranger = service.person(), service.person()
    owner.identify(owner.apply())
    assert stranger.call("GET", "/v1/applicants").json == {"applicants": []}


def test_the_applicant_of_an_application_is_found_with_the_nik(service):
    """What the back office needs is opened for it, in memory, and prints nothing."""
    person = service.person()
    application = person.apply()
    applicants = service.app.extensions[EXTENSION].applicants
    with pytest.raises(LookupError):
        applicants.of(application)
    person.identify(application)
    found = applicants.of(application)
    assert found.identity.nik == person.identity["nik"]
    assert found.identity.birth_date.isoformat() == "1990-03-02"
    assert person.identity["nik"] not in repr(found)


@given(plain=st.text(max_size=40), owner=st.text(max_size=40))
def test_what_is_sealed_opens_for_its_owner_alone(plain, owner):
    """Under the same secret; altered, for another, or under another secret it does not open."""
    seal = Seal(b"one secret")
    sealed = seal.close(plain, owner)
    assert seal.open(sealed, owner) == plain
    broken = bytes([*sealed[:-1], sealed[-1] ^ 1])
    attempts = (
        (seal, sealed, owner + "x"),
        (seal, broken, owner),
        (Seal(b"another"), sealed, owner),
        (seal, b"", owner),
    )
    for which, what, who in attempts:
        with pytest.raises(SealBrokenError):
            which.open(what, who)


def test_the_same_nik_is_sealed_differently_each_time():
    """Two rows do not tell that they hold the same, nor what."""
    seal = Seal(b"secret")
    sealed = {seal.close(_nik(1), "x") for _ in range(10)}
    assert len(sealed) == 10
    assert not any(_nik(1).encode() in each for each in sealed)
