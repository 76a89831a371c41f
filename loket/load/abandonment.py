"""A worker whose master is gone goes too: a load that nobody conducts or judges must not go on.

Locust's own limit for this is a minute. The looks are counted, not the clock: a host that was asleep, or a worker
that stood still, has looked away and not been abandoned.
"""

import logging

import gevent
from locust.env import Environment
from locust.runners import WorkerRunner

LOOK_EVERY_S = 1.0
# The master says that it is there once a second.
SILENT_LOOKS = 8

logger = logging.getLogger(__name__)


def watch_master(environment: Environment, runner: WorkerRunner) -> None:
    """Return when the master has been silent for so many looks in a row, after ending this worker with code 1."""
    heard, silent = runner.last_heartbeat_timestamp, 0
    while silent < SILENT_LOOKS:
        gevent.sleep(LOOK_EVERY_S)
        before, heard = heard, runner.last_heartbeat_timestamp
        silent = silent + 1 if heard == before else 0
    logger.error("The master has been silent for %d s: this worker leaves.", SILENT_LOOKS * LOOK_EVERY_S)
    environment.process_exit_code = 1
    runner.quit()
