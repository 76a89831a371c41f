"""One of many processes of the service, each with people of its own who all want the same few places."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from mock_mpaspor.app import create_app
from mock_mpaspor.settings import read_settings
from mock_mpaspor.web.parts import EXTENSION
from tests.service.cast import FakeDukcapil, FakeSimponi, HandClock

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Seeker:
    """Somebody with applications that are ready: one that is to last, and some to hold a place for a moment."""

    token: str
    application: str
    passing: tuple[str, ...]


def crowd(environ: dict[str, str], seekers: Sequence[Seeker], slots: Sequence[str], gun: Barrier) -> list[int]:
    """Run a service of this process's own on the shared database; the status of every answer of every person."""
    clock = HandClock()
    app = create_app(read_settings(environ), clock.unix_ns, FakeDukcapil(), FakeSimponi())
    here = threading.Barrier(len(seekers), action=lambda: gun.wait(PATIENCE_S))

    def seek(seeker: Seeker) -> list[int]:
        client, statuses = app.test_client(), []

        def post(application: str, verb: str, key: str, **arguments: object) -> int:
            headers = {"Authorization": f"Bearer {seeker.token}", "Idempotency-Key": key}
            answer = client.post(f"/v1/applications/{application}/{verb}", headers=headers, **arguments)
            statuses.append(answer.status_code)
            return answer.status_code

        here.wait(PATIENCE_S)
        for number, application in enumerate(seeker.passing):
            slot = slots[number % len(slots)]
            post(application, "hold", f"hold-{application}", json={"slot": slot})
            post(application, "cancel", f"cancel-{application}")
        for slot in slots:
            # Each request twice, as a phone does that got no answer: the key makes them one.
            for _ in range(2):
                post(seeker.application, "hold", f"hold-{seeker.application}-{slot}", json={"slot": slot})
        return statuses

    try:
        with ThreadPoolExecutor(len(seekers)) as threads:
            return [status for statuses in threads.map(seek, seekers) for status in statuses]
    finally:
        app.extensions[EXTENSION].database.close()
