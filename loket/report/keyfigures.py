"""The few figures that tell a run: how many came, how many places, who got one, how fast, who never got a code."""

from dataclasses import dataclass

from loket.report.evidence import Evidence
from loket.report.quantities import NOT_KNOWN, count, milliseconds, seconds, share

HOLD_STEP = "hold_slot"


@dataclass(frozen=True)
class KeyFigure:
    """`value` is the bare number for machines (empty where not recorded), `text` what people read."""

    name: str
    label: str
    text: str
    value: str
    note: str


def key_figures(evidence: Evidence) -> tuple[KeyFigure, ...]:
    """The key figures in reading order, those not recorded included."""
    return (_people(evidence), *_places(evidence), _hold(evidence), _missing(evidence), _worst_wait(evidence))


def _figure(name: str, label: str, number: float | None, text: str, note: str) -> KeyFigure:
    if number is None:
        return KeyFigure(name, label, NOT_KNOWN, "", "not recorded")
    return KeyFigure(name, label, text, f"{number:.6g}" if isinstance(number, float) else str(number), note)


def _people(evidence: Evidence) -> KeyFigure:
    planned = evidence.plan.experiment.load.people
    came = sum(evidence.verdict.outcomes.values()) if evidence.verdict else 0
    if came:
        return _figure("people", "People", came, count(came), f"of {count(planned)} planned")
    return _figure("people", "People", planned, count(planned), "planned; arrivals not recorded")


def _places(evidence: Evidence) -> tuple[KeyFigure, ...]:
    if evidence.bookings is None:
        planned = evidence.plan.experiment.load.places
        return (
            _figure("places", "Places", planned, count(planned), "planned; openings not recorded"),
            _figure("taken", "Taken", None, "", ""),
            _figure("paid", "Paid", None, "", ""),
        )
    places = evidence.bookings.places
    slots = len(places.overbooked_slots)
    overbooked = f"{slots} slot{'s' * (slots != 1)} overbooked" if slots else "no slot overbooked"
    taken_note = f"at the end; at most {count(places.peak_taken)} at once"
    return (
        _figure("places", "Places", places.capacity, count(places.capacity), overbooked),
        _figure("taken", "Taken", places.taken, count(places.taken), taken_note),
        _figure("paid", "Paid", places.paid, count(places.paid), f"{share(places.paid, places.taken)} of the taken"),
    )


def _hold(evidence: Evidence) -> KeyFigure:
    rush = evidence.timeline.rush
    found = evidence.load.percentiles(evidence.load.total([HOLD_STEP], rush))
    label = "Hold a place, p95"
    if found is None:
        return _figure(f"{HOLD_STEP}.p95", label, None, "", "")
    when = "in the rush" if rush else "over the run"
    note = f"{when}, median {milliseconds(found.p50_ms)}"
    return _figure(f"{HOLD_STEP}.p95", label, found.p95_ms, milliseconds(found.p95_ms), note)


def _missing(evidence: Evidence) -> KeyFigure:
    if evidence.verdict is None or not evidence.codes_counted:
        return _figure("billing_code.missing", "Missing codes", None, "", "")
    missing = len(evidence.verdict.missing_codes)
    asked = f"of {count(evidence.bookings.codes.asked)} asked for" if evidence.bookings else "asked for: not recorded"
    return _figure("billing_code.missing", "Missing codes", missing, count(missing), asked)


def _worst_wait(evidence: Evidence) -> KeyFigure:
    name, label = "billing_code.wait.max", "Longest code wait"
    verdict, waits_s = evidence.verdict, evidence.bookings.codes.waits_s if evidence.bookings else ()
    seen = verdict.longest_code_wait_s if verdict else None
    note = "from asking to seeing it"
    if seen is None:
        seen, note = max(waits_s, default=None), "from asked to shown, by the service's record"
    missing = verdict.missing_codes if verdict else ()
    in_vain = max((code.waited_s for code in missing if code.waited_s is not None), default=None)
    if in_vain is not None and in_vain >= (seen or 0.0):
        return _figure(name, label, in_vain, seconds(in_vain), f"in vain; slowest that came: {seconds(seen)}")
    return _figure(name, label, seen, seconds(seen), note)
