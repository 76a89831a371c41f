"""On any correct history no check fires; on the same history with one mutation, the check named does."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from loket.verdict import CheckVerdict

CAPACITY = 2
SLOTS = ("s1", "s2")


@dataclass
class Model:
    """A tiny service that is right by construction; it tells its `story` while people, faults and money happen."""

    story: object
    rng: Random
    free: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SLOTS, CAPACITY))
    place: dict[str, str] = field(default_factory=dict)

    def run(self, people: int) -> None:
        for slot in SLOTS:
            self.story.opened(slot, CAPACITY)
        for number in range(people):
            self._person(f"a{number}", f"8{number:014d}", number)

    def _person(self, application: str, code: str, user: int) -> None:
        slot = self.rng.choice(SLOTS)
        facts = {"user": user, "key": f"hold-{application}", "application_id": application, "slot": slot}
        if not self._take(slot):
            self.story.attempt("hold_slot", "fail", **facts)
            return
        self.place[application] = slot
        self._write("hold_slot", facts, lambda: self.story.held(application, slot, key=facts["key"]))
        if self.rng.random() < 0.2:
            self._give_back(application, "hold_lapsed")
            return
        facts = {"user": user, "key": f"bill-{application}", "application_id": application}
        self._write("request_billing", facts, lambda: self.story.asked(application, key=facts["key"]))
        if self.rng.random() < 0.2:
            self.story.event("bill_attempt_failed", application, reason="timeout", attempt=1)
            self.story.event("billing_failed", application)
            self._give_back(application, "billing_failed")
            return
        self.story.issued(application, code)
        self._pay(application, code)

    def _pay(self, application: str, code: str) -> None:
        choice = self.rng.choice(["on_time", "on_time", "never", "late", "late", "returned"])
        if choice == "on_time":
            self.story.bill(code, application, "paid").entry("debited", code, f"b{code}")
            self.story.paid(application, code, slot=self.place[application])
            return
        self.story.event("expired", application, billing_code=code)
        self._give_back(application, "expired")
        if choice == "late":
            self._pay_late(application, code)
            return
        self.story.bill(code, application, "open")
        if choice == "returned":
            self.story.entry("debited", code, f"b{code}").entry("returned", code, f"b{code}")

    def _pay_late(self, application: str, code: str) -> None:
        self.story.entry("debited", code, f"b{code}").event("late_payment", application, billing_code=code)
        slot = self.rng.choice(SLOTS)
        # Half of the late have booked again meanwhile: their money goes back although there may be room.
        if self.rng.random() < 0.5 and self._take(slot):
            self.place[application] = slot
            self.story.held(application, slot, reason="late_payment")
            self.story.paid(application, code, reason="late_honoured", slot=slot).bill(code, application, "paid")
        else:
            self.story.refunded(application, code).bill(code, application, "refunded")

    def _write(self, step: str, facts: dict[str, object], happen: object) -> None:
        """Asked once or twice, with the answer lost or not; it happens exactly once."""
        answer = self.rng.choice(["ok", "info", None, "retried"])
        if answer == "retried":
            self.story.attempt(step, self.rng.choice(["info", None]), **facts)
            happen()
            self.story.attempt(step, "ok", attempt=2, **facts)
        else:
            happen()
            self.story.attempt(step, answer, **facts)

    def _take(self, slot: str) -> bool:
        self.free[slot] -= 1 if (taken := self.free[slot] > 0) else 0
        return taken

    def _give_back(self, application: str, reason: str) -> None:
        slot = self.place.pop(application)
        self.free[slot] += 1
        self.story.released(application, slot, reason)


def rows(path: Path) -> list[dict[str, object]]:
    """The file's rows."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def rewrite(path: Path, changed: list[dict[str, object]]) -> None:
    """Put the rows in the file's place, numbered anew where they are numbered."""
    numbered = [row | {"seq": seq} if "seq" in row else row for seq, row in enumerate(changed, start=1)]
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in numbered))


def correct_story(make_story, seed: int, people: int):
    """A written run of the model, in a directory that lives as long as the returned pair."""
    folder = tempfile.TemporaryDirectory()
    story = make_story(Path(folder.name))
    Model(story, Random(seed)).run(people)
    story.write()
    return folder, story


def verdicts(story) -> dict[int, CheckVerdict]:
    """Number → verdict."""
    return {result.number: result.verdict for result in story.audit_again().checks}


def drop_one(story, rng: Random, file: str, **wanted: object) -> bool:
    """Take one of the rows that match away; whether there was one."""
    path = story.run.root / file
    all_rows = rows(path)
    matching = [row for row in all_rows if wanted.items() <= row.items()]
    if matching:
        all_rows.remove(rng.choice(matching))
        rewrite(path, all_rows)
    return bool(matching)


def repeat_one(story, rng: Random, file: str, changes: dict[str, object], **wanted: object) -> bool:
    """Say one of the rows that match twice, the second time with changes; whether there was one."""
    path = story.run.root / file
    all_rows = rows(path)
    matching = [place for place, row in enumerate(all_rows) if wanted.items() <= row.items()]
    if matching:
        place = rng.choice(matching)
        all_rows.insert(place + 1, all_rows[place] | changes)
        rewrite(path, all_rows)
    return bool(matching)


def lose_a_code(story, rng: Random) -> bool:
    """Take away the code of a booking whose place was never given back; whether there was one."""
    paid = [row for row in rows(story.run.root / EVENTS) if row.get("reason") == "on_time"]
    return bool(paid) and drop_one(
        story, rng, EVENTS, type="bill_issued", application_id=rng.choice(paid)["application_id"]
    )


def forget_a_refund(story, rng: Random) -> bool:
    """Take a refund away from the service's events and from the gateway's bill; whether there was one."""
    refunded = [row["billing_code"] for row in rows(story.run.root / EVENTS) if row["type"] == "refunded"]
    code = rng.choice(refunded) if refunded else None
    return drop_one(story, rng, EVENTS, type="refunded", billing_code=code) and drop_one(
        story, rng, BILLS, billing_code=code
    )


EVENTS = "events.ndjson"
BILLS = "bills.ndjson"
# What is done to the history, and the check that must see it.
MUTATIONS = {
    "a release is lost": (2, lambda story, rng: drop_one(story, rng, EVENTS, type="released", reason="expired")),
    "a release is done twice": (2, lambda story, rng: repeat_one(story, rng, EVENTS, {}, type="released")),
    "a failed booking keeps its place": (
        11,
        lambda story, rng: drop_one(story, rng, EVENTS, type="released", reason="billing_failed"),
    ),
    "a hold is done twice": (5, lambda story, rng: repeat_one(story, rng, EVENTS, {}, type="held")),
    "a slot was smaller than thought": (
        1,
        lambda story, rng: repeat_one(story, rng, EVENTS, {"capacity": 0}, type="slot_opened", slot="s1"),
    ),
    "a code never came": (11, lose_a_code),
    "a code is used twice": (
        9,
        lambda story, rng: repeat_one(story, rng, EVENTS, {"application_id": "somebody else"}, type="bill_issued"),
    ),
    "a second bill is open": (
        10,
        lambda story, rng: repeat_one(story, rng, BILLS, {"billing_code": "7", "state": "open"}, state="open"),
    ),
    "a payment is forgotten": (13, lambda story, rng: drop_one(story, rng, EVENTS, type="paid")),
    "a refund is forgotten": (13, forget_a_refund),
}
HISTORIES = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@HISTORIES
@given(seed=st.integers(0, 2**32 - 1), people=st.integers(0, 14))
def test_no_check_fires_on_a_correct_history(make_story, seed, people):
    """Lost answers, retries, expiries, late and returned money: all of it is right."""
    folder, story = correct_story(make_story, seed, people)
    with folder:
        assert CheckVerdict.VIOLATED not in verdicts(story).values()


@pytest.mark.parametrize("mutation", MUTATIONS)
@HISTORIES
@given(seed=st.integers(0, 2**32 - 1), people=st.integers(10, 16))
def test_a_mutated_history_is_caught_by_the_check_named(make_story, mutation, seed, people):
    """One line lost, repeated or changed, and its own check sees it."""
    number, mutate = MUTATIONS[mutation]
    folder, story = correct_story(make_story, seed, people)
    with folder:
        assume(mutate(story, Random(seed)))
        assert verdicts(story)[number] is CheckVerdict.VIOLATED


@HISTORIES
@given(seed=st.integers(0, 2**32 - 1), people=st.integers(10, 16))
def test_a_lost_booking_is_a_lost_acknowledgement(make_story, seed, people):
    """The event of an accepted request disappears."""
    folder, story = correct_story(make_story, seed, people)
    with folder:
        answered = [row for row in rows(story.run.journal / "operations-w1.ndjson") if row["type"] == "ok"]
        assume(answered)
        assert drop_one(story, Random(seed), EVENTS, key=Random(seed).choice(answered)["key"])
        assert verdicts(story)[3] is CheckVerdict.VIOLATED
