"""The run in sentences: what was recorded is told, what was not is not made up."""

from loket.narrative import Bookings, networks, sentences
from loket.records import Event, Outcome, Visit
from loket.verdict import CheckResult, CheckVerdict, FaultSpan, MissingCode
from loket.waits import Wait


def booked(*types: str) -> Bookings:
    """One application's events after a release of two places."""
    opened = Event(seq=1, unix_ns=0, type="slot_opened", slot="s", capacity=2)
    events = [Event(seq=2 + n, unix_ns=0, type=kind, application_id="a") for n, kind in enumerate(types)]
    return Bookings.of([opened, *events])


def told(**changed: object) -> tuple[str, ...]:
    """The sentences of a run in which one of three people got a place and paid, but for what is changed."""
    known: dict[str, object] = {
        "people": 3,
        "bookings": booked("held", "bill_issued", "paid"),
        "missing": (),
        "waits": (Wait(begun_s=1, waited_s=0.5), Wait(begun_s=2, waited_s=1.25), Wait(begun_s=3, waited_s=None)),
        "faults": (),
        "checks": (CheckResult(number=1, name="n", promise="p", verdict=CheckVerdict.HOLDS, examined=1),),
    }
    return sentences(**(known | changed))  # type: ignore[arg-type]


def test_places_codes_and_invariants_are_told_in_this_order() -> None:
    """Who came and who paid; whether the codes came out; whether the service was right."""
    assert told() == (
        "3 people came for 2 places; 1 application got one: 1 was paid.",
        "Everybody who asked for a payment code saw it. The longest wait for a code was 1.2 s.",
        "1 of 1 invariants held.",
    )


def test_expiries_and_refunds_are_told_where_there_are_any() -> None:
    """Money that came too late is never silence."""
    ended = booked("held", "bill_issued", "expired", "late_payment", "refunded")
    assert told(bookings=ended)[0].endswith("0 were paid, 1 passed the payment deadline, 1 was refunded.")


def test_what_was_not_recorded_is_called_unknown() -> None:
    """Without the service's events and without a count of codes nothing is claimed."""
    places, codes, *_ = told(bookings=None, missing=None)
    assert places == "3 people came; what the service did is not recorded."
    assert codes == "Whether every payment code came out is unknown."


def test_where_nobody_asked_for_a_code_nobody_is_said_to_have_seen_it() -> None:
    """A praise of codes that nobody asked for would be true and misleading."""
    assert told(waits=())[1] == "Nobody asked for a payment code."


def test_missing_codes_are_told_apart_by_whether_one_was_ever_issued() -> None:
    """A code that exists and was not shown is another failure than one that does not."""
    lost = [
        MissingCode(application_id=f"{n}", applicant="x", asked_s=1, last_step="billing_requested", fate=fate)
        for n, fate in enumerate(("never_issued", "issued_not_shown"))
    ]
    assert told(missing=lost)[1].startswith("2 people never saw the payment code (1 was never issued).")


def test_a_fault_is_told_with_its_times_or_with_what_is_missing_of_them() -> None:
    """Healed, not healed, never there: three different sentences."""
    span = {"fault": "f", "link": "simponi", "what": "SIMPONI is slow", "requested_s": 20.0}
    faults = (
        FaultSpan(**span, confirmed_s=20.1, healed_s=30.2),  # type: ignore[arg-type]
        FaultSpan(**span, confirmed_s=20.1),  # type: ignore[arg-type]
        FaultSpan(**span),  # type: ignore[arg-type]
    )
    assert told(faults=faults)[2:5] == (
        "SIMPONI is slow: from second 20.1 to 30.2.",
        "SIMPONI is slow: from second 20.1 and was not healed.",
        "SIMPONI is slow: was asked for in second 20 and never took effect.",
    )


def left(profile: str | None, outcome: Outcome) -> Visit:
    return Visit(mono_ns=0, worker="w", user=1, type="leave", intended_ns=0, profile=profile, outcome=outcome)


def test_who_got_a_place_is_told_by_network_where_there_are_several() -> None:
    """Everybody who left, whether they paid or forgot; those who only came are not counted yet."""
    visits = [
        left("remote_satellite", Outcome.SOLD_OUT),
        left("remote_satellite", Outcome.FORGOT),
        left("java_4g", Outcome.CONFIRMED),
        Visit(mono_ns=0, worker="w", user=1, type="arrive", intended_ns=0, profile="java_4g"),
    ]
    assert networks(visits) == ("Who got a place, by network: 100% of 1 on java_4g, 50% of 2 on remote_satellite.",)
    assert networks(visits[:2]) == networks([left(None, Outcome.PAID)]) == ()
