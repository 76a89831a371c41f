"""Each defect of the registry does its harm, and on the same steps the correct service does not: places and keys."""

import threading
from concurrent.futures import ThreadPoolExecutor

from mock_mpaspor.defects.acknowledgement import HastyHolds
from tests.service.planting import PATIENCE_S, either, parts_of


def at_once(*acts):
    """Do it all side by side; what each gave."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(PATIENCE_S) for future in [pool.submit(act) for act in acts]]


@either("M1")
def test_two_who_saw_the_last_place(planted, harmed, monkeypatch):
    """M1: both get it. Correct: the transaction of the second finds it taken."""
    (slot,) = planted.release(places=1)
    people = [planted.person() for _ in range(2)]
    ready = [(person, person.prepare()) for person in people]
    both_saw_it = threading.Barrier(2)
    commit = parts_of(planted).holds._commit

    def meet_and_commit(*arguments):
        both_saw_it.wait(PATIENCE_S)
        return commit(*arguments)

    monkeypatch.setattr(parts_of(planted).holds, "_commit", meet_and_commit)
    answers = at_once(*(lambda who=who, what=what: who.hold(what, slot) for who, what in ready))
    assert sorted(answer.status_code for answer in answers) == ([201, 201] if harmed else [201, 409])
    assert len(planted.events("held")) == (2 if harmed else 1)


@either("M2")
def test_a_hold_sent_again(planted, harmed):
    """M2: takes a second place under the same key. Correct: gets the first one's answer."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    application = person.prepare()
    answers = [person.hold(application, slot, key="k").status_code for _ in range(2)]
    assert answers == [201, 201]
    assert [event["key"] for event in planted.events("held")] == (["k", "k"] if harmed else ["k"])
    assert planted.free() == (2 if harmed else 3)


@either("M5")
def test_the_last_place_promised_before_the_commit(planted, harmed, monkeypatch):
    """M5: two are told that they have it, one does. Correct: only who has it is told so."""
    (slot,) = planted.release(places=1)
    behind = []
    monkeypatch.setattr(HastyHolds, "later", lambda _holds, act: behind.append(act))
    people = [planted.person() for _ in range(2)]
    told = [person.hold(person.prepare(), slot).status_code for person in people]
    for act in behind:
        act()
    assert told == ([201, 201] if harmed else [201, 409])
    assert len(planted.events("held")) == 1


@either("M7")
def test_a_place_that_lapses(planted, harmed):
    """M7: comes back twice, so that somebody else's place is given again. Correct: comes back once."""
    slot, _ = planted.release(places=4)
    first, second = planted.person(), planted.person()
    first.hold(first.prepare(), slot)
    planted.clock.pass_s(500)
    second.hold(second.prepare(), slot)
    planted.clock.pass_s(401)
    assert planted.jobs.expiry.lapse_holds() == 1
    assert planted.free() == (4 if harmed else 3)
    assert len(planted.events("released")) == (2 if harmed else 1)


@either("M8")
def test_a_place_nobody_asked_a_code_for(planted, harmed):
    """M8: is nobody's for ever. Correct: is free again."""
    (slot,) = planted.release(places=1)
    person = planted.person()
    person.hold(person.prepare(), slot)
    planted.clock.pass_s(901)
    assert planted.jobs.expiry.lapse_holds() == 1
    assert planted.free() == (0 if harmed else 1)


@either("M9")
def test_a_hold_within_the_second_of_the_last_place(planted, harmed):
    """M9: is granted from what was free before. Correct: is refused."""
    (slot,) = planted.release(places=1)
    answers = []
    for person in (planted.person(), planted.person()):
        answers.append(person.hold(person.prepare(), slot).status_code)
    assert answers == ([201, 201] if harmed else [201, 409])


@either("M11")
def test_a_key_that_somebody_else_used(planted, harmed):
    """M11: answers with their booking. Correct: keys are each account's own."""
    slot, _ = planted.release(places=4)
    first, second = planted.person(), planted.person()
    theirs, own = first.prepare(), second.prepare()
    first.hold(theirs, slot, key="k")
    answer = second.hold(own, slot, key="k")
    assert answer.json["application_id"] == (theirs if harmed else own)
    assert len(planted.events("held")) == (1 if harmed else 2)


@either("M14")
def test_who_takes_the_last_place(planted, harmed):
    """M14: is told that it is full, definitely, and holds it. Correct: is told that they have it."""
    (slot,) = planted.release(places=1)
    person = planted.person()
    application = person.prepare()
    answer = person.hold(application, slot)
    assert answer.status_code == (409 if harmed else 201)
    assert person.status(application)["state"] == "SLOT_HELD"


@either("M22")
def test_a_hold_sent_again_after_two_seconds(planted, harmed):
    """M22: is a new request by then. Correct: is the same one for good."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    application = person.prepare()
    person.hold(application, slot, key="k")
    person.hold(application, slot, key="k")
    assert len(planted.events("held")) == 1
    planted.clock.pass_s(2)
    assert person.hold(application, slot, key="k").status_code == 201
    assert len(planted.events("held")) == (2 if harmed else 1)


@either("M23")
def test_a_duplicate_while_the_first_is_under_way(planted, harmed, monkeypatch):
    """M23: gets 200 and an empty body. Correct: gets the one answer there is."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    application = person.prepare()
    first_is_in, duplicate_is_out = threading.Event(), threading.Event()
    commit = parts_of(planted).holds._commit

    def commit_late(*arguments):
        if not first_is_in.is_set():
            first_is_in.set()
            assert duplicate_is_out.wait(PATIENCE_S)
        return commit(*arguments)

    monkeypatch.setattr(parts_of(planted).holds, "_commit", commit_late)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(person.hold, application, slot, "k")
        assert first_is_in.wait(PATIENCE_S)
        duplicate = person.hold(application, slot, "k")
        duplicate_is_out.set()
        answer = first.result(PATIENCE_S)
    assert answer.status_code == 201
    expected = (200, b"") if harmed else (201, answer.data)
    assert (duplicate.status_code, duplicate.data) == expected


@either("M26")
def test_a_place_that_comes_back_to_a_full_office(planted, harmed):
    """M26: is refused as sold out. Correct: whoever comes first has it."""
    (slot,) = planted.release(places=1)
    first, second = planted.person(), planted.person()
    first.hold(first.prepare(), slot)
    application = second.prepare()
    assert second.hold(application, slot).json["error"]["code"] == "sold_out"
    planted.clock.pass_s(901)
    planted.jobs.expiry.lapse_holds()
    assert planted.free() == 1
    assert second.hold(application, slot).status_code == (409 if harmed else 201)


@either("M29")
def test_a_second_booking_of_one_person(planted, harmed):
    """M29: is held beside the first. Correct: one live booking a person."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    answers = [person.hold(person.prepare(), slot).status_code for _ in range(2)]
    assert answers == ([201, 201] if harmed else [201, 409])


@either("M31")
def test_a_hold_while_a_stale_run_is_about(planted, harmed):
    """M31: another row stands beside it, under a key that nobody sent. Correct: every row's key was sent."""
    slot, _ = planted.release(places=4)
    person = planted.person()
    person.hold(person.prepare(), slot, key="k")
    keys = [event["key"] for event in planted.events("held")]
    assert keys[0] == "k"
    assert len(keys) == (2 if harmed else 1)
    assert planted.free() == (2 if harmed else 3)
