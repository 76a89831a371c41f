"""The load as Locust runs it: one Locust user a worker, who is a whole crowd, and a shape that ends with it."""

import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from os import environ
from types import FrameType
from typing import ClassVar

import gevent
import locust.log
from locust import LoadTestShape, User, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.event import EventHook, Events
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from loket.load.abandonment import watch_master
from loket.load.conductor import Conductor
from loket.load.options import add_options
from loket.load.remote.worker import Remote
from loket.load.scenario import Scenario
from loket.load.seat import Seat

# Locust warns above 100; there is one user a worker, so all of them come at once.
SPAWN_RATE = 100.0
# A shell's exit code for a process that a signal ended is this much more than the signal's number.
SIGNALLED = 128

logger = logging.getLogger(__name__)


class CrowdUser(User):
    """The crowd of one worker process. A scenario's file makes it concrete by naming its scenario."""

    abstract = True
    scenario: ClassVar[Scenario]
    seat: ClassVar[Seat]

    @task
    def send_the_crowd(self) -> None:
        """Run this worker's share of the people, then leave."""
        self.seat.work()
        raise StopUser


class CrowdShape(LoadTestShape):
    """Has Locust spawn one user a worker and end the run when the conductor says so."""

    conductor: ClassVar[Conductor]

    def tick(self) -> tuple[int, float] | None:
        users = self.conductor.users()
        return None if users is None else (users, SPAWN_RATE)


def bind(events: Events) -> None:
    """Hook the load into Locust. A scenario's file calls this when Locust imports it; twice is as good as once."""
    _listen(events.init_command_line_parser, _add_options)
    _listen(events.init, _set_up)


def _listen(hook: EventHook, listener: Callable[..., None]) -> None:
    with suppress(ValueError):
        hook.remove_listener(listener)  # type: ignore[no-untyped-call]
    hook.add_listener(listener)  # type: ignore[no-untyped-call]


def _add_options(parser: LocustArgumentParser) -> None:
    add_options(parser, environ)


def _set_up(environment: Environment, **_: object) -> None:
    """Give this process its part: master, worker, or both in one."""
    scenario = _only_scenario(environment)
    _listen(environment.events.quitting, _settle_exit_code)
    if not isinstance(environment.runner, WorkerRunner):
        conductor = Conductor(environment, scenario)
        _end_by_signals(environment, conductor)
        CrowdShape.conductor = conductor
        _listen(environment.events.test_start, lambda **_: conductor.start())
        _listen(environment.events.test_stopping, lambda **_: conductor.reset())
        _listen(environment.events.test_stop, lambda **_: conductor.say_where())
    if not isinstance(environment.runner, MasterRunner):
        remote = _remote_of(environment)
        seat = Seat(environment, scenario, remote)
        CrowdUser.seat = seat
        if isinstance(environment.runner, WorkerRunner):
            gevent.spawn(watch_master, environment, environment.runner)
        _listen(environment.events.test_stopping, lambda **_: seat.stop())
        if remote is not None:
            _listen(environment.events.quitting, lambda **_: remote.leave(environment, seat.stop))
            remote.report()


def _remote_of(environment: Environment) -> Remote | None:
    """What a worker of another host than its master's needs; it is the only process that speaks to a terminal."""
    options, runner = environment.parsed_options, environment.runner
    if options is None or not options.loket_ticket or not isinstance(runner, WorkerRunner):
        return None
    speaker = logging.getLogger("loket")
    speaker.addHandler(logging.StreamHandler())
    speaker.setLevel(logging.INFO)
    speaker.propagate = False
    return Remote(runner, options.loket_ticket, round(options.loket_buffer_mib * 2**20))


def _end_by_signals(environment: Environment, conductor: Conductor) -> None:
    """Have SIGTERM and Ctrl-C end the run in order.

    Locust listens for SIGTERM only once it does not wait for a shape any more, and for neither while its workers are
    gathering; there the master simply leaves, and the workers, left alone, follow.
    """

    def end(number: int, _: FrameType | None) -> None:
        if conductor.gathering:
            logger.warning("Stopped before the run began.")
            sys.exit(SIGNALLED + number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    if environment.parsed_options is not None and environment.parsed_options.headless:
        signal.signal(signal.SIGINT, end)


def _only_scenario(environment: Environment) -> Scenario:
    crowds = [user for user in environment.user_classes if issubclass(user, CrowdUser)]
    if len(crowds) != 1 or len(environment.user_classes) != 1:
        names = ", ".join(user.__name__ for user in environment.user_classes)
        sys.exit(f"One scenario a run, please: name one file with -f. Found: {names}.")
    return crowds[0].scenario


def _settle_exit_code(environment: Environment, **_: object) -> None:
    """Refused and failed requests are findings of the run, not failures of this program."""
    if environment.process_exit_code is None:
        environment.process_exit_code = 2 if locust.log.unhandled_greenlet_exception else 0
