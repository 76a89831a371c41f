"""Each defect of the registry does its harm, and on the same steps the correct service does not: what runs out."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import takewhile

import pytest
from sqlalchemy import event

from mock_mpaspor.defects import Defect, plant, strain
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.simponi import SimponiError
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.metrics import Metrics
from mock_mpaspor.store.releases import Releases
from tests.service.person import OFFICE
from tests.service.planting import PATIENCE_S, either, parts_of


@contextmanager
def silent_server():
    """An address that takes connections and never says a word; they end with it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def failure_of(simponi):
    with pytest.raises(SimponiError) as failed:
        simponi.find("a1")
    return failed.value.failure


def test_a_simponi_that_never_answers():
    """M17: is waited for as long as it likes. Correct: until the time-out."""
    metrics = Metrics()
    with ThreadPoolExecutor(1) as pool:
        with silent_server() as url:
            correct = Kinds().simponi(url, 0.05, 1, metrics)
            planted = plant(Kinds(), {Defect.M17}).simponi(url, 0.05, 1, metrics)
            waiting = pool.submit(failure_of, planted)
            assert [failure_of(correct) for _ in range(5)] == [AttemptFailure.TIMEOUT] * 5
            assert not waiting.done()
        assert waiting.result(PATIENCE_S) is AttemptFailure.RESET
    correct.close()
    planted.close()


@either("M19")
def test_the_connections_after_many_reads(planted, harmed, monkeypatch):
    """M19: some are never given back. Correct: all are."""
    monkeypatch.setattr(strain, "LEAK_EVERY", 5)
    planted.release(places=1)
    for _ in range(20):
        planted.free()
    lent = parts_of(planted).database._reads.pool.checkedout()
    assert lent >= 4 if harmed else lent == 0


@either("M19")
def test_reads_without_end(planted, harmed, monkeypatch):
    """M19: in the end everybody is refused, and stays so. Correct: the last is served like the first."""
    monkeypatch.setattr(strain, "LEAK_EVERY", 2)
    planted.release(places=1)
    client = planted.app.test_client()

    def look():
        return client.get(f"/v1/offices/{OFFICE}/availability").status_code

    statuses = takewhile(lambda status: status == 200, (look() for _ in range(3 * planted.settings.threads)))
    served = sum(1 for _ in statuses)
    assert served <= 2 * planted.settings.threads if harmed else served == 3 * planted.settings.threads
    assert look() == (503 if harmed else 200)


@either("M21")
def test_everybody_looks_at_the_moment_of_the_opening(planted, harmed, monkeypatch):
    """M21: each of them counts every slot. Correct: one look costs one look."""
    monkeypatch.setattr(strain, "COUNT_S", 0)
    slots = planted.release(places=8)
    everybody = 6
    all_are_in = threading.Barrier(everybody)
    look = Releases.availability

    def meet_and_look(*arguments, **named):
        all_are_in.wait(PATIENCE_S)
        return look(*arguments, **named)

    monkeypatch.setattr(Releases, "availability", meet_and_look)
    counted = []
    engine = parts_of(planted).database._reads
    event.listen(engine, "before_cursor_execute", lambda *call: counted.append("count(" in call[2].lower()))
    with ThreadPoolExecutor(everybody) as pool:
        assert list(pool.map(lambda _: planted.free(), range(everybody))) == [8] * everybody
    assert sum(counted) == (everybody * len(slots) if harmed else 0)


@pytest.mark.parametrize(("defects", "harmed"), [("M27", True), ("", False)], ids=["M27", "correct"])
def test_two_who_come_to_the_queue_together(start, defects, harmed):
    """M27: get the same position. Correct: one is first, the other second."""
    service = start(MPASPOR_DEFECTS=defects, MPASPOR_WAITING_ROOM="fifo")
    service.release(places=4)
    positions = [service.person().join_queue().json["position"] for _ in range(2)]
    assert positions == ([1, 1] if harmed else [1, 2])


@pytest.mark.parametrize("harmed", [True, False], ids=["M28", "correct"])
def test_requests_on_two_threads(harmed, monkeypatch):
    """M28: all those of one thread are slow. Correct: none is."""
    slow = []
    monkeypatch.setattr(strain.time, "sleep", lambda seconds: slow.append(threading.get_ident()))
    front = plant(Kinds(), {Defect.M28} if harmed else set()).front
    app = front(lambda _environ, _start_response: [b"answered"])
    workers = [ThreadPoolExecutor(1) for _ in range(2)]
    for _ in range(3):
        for worker in workers:
            assert worker.submit(app, {}, lambda *_: None).result(PATIENCE_S) == [b"answered"]
    for worker in workers:
        worker.shutdown()
    assert len(slow) == (3 if harmed else 0)
    assert len(set(slow)) == (1 if harmed else 0)
