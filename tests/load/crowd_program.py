"""Runs the crowd of one worker against a URL, in a process of its own: gevent and mischief stay in it.

People come evenly, or at random, ask so many times with a pause of 0.1 s between, and leave. What goes wrong with the
worker is named by `--mischief`, and happens in second 1 of the run.
"""

import argparse
import time
from pathlib import Path
from time import monotonic, monotonic_ns

import msgspec

# What the wall clock shows, moved by as many seconds; before anybody else takes the functions for themselves.
moved_s = 0.0
true_time, true_time_ns = time.time, time.time_ns
time.time = lambda: true_time() + moved_s
time.time_ns = lambda: true_time_ns() + round(moved_s * 1e9)

from loket.load.answers import Step  # noqa: E402
from loket.load.arrivals import Rates, Wave  # noqa: E402
from loket.load.call import Call  # noqa: E402
from loket.load.crowd import Crowd  # noqa: E402
from loket.load.journal import Journal  # noqa: E402
from loket.load.plan import LoadPlan  # noqa: E402
from loket.load.visitor import Visitor  # noqa: E402
from loket.records import Origin, Outcome  # noqa: E402

ASK = Call(Step("ask", frozenset({200}), read=True), "GET", "/")
MOMENT_S = 1.0
STANDSTILL_S = 0.8


class Asking:
    """The scenario; `mischief` is done by the first person who comes by after its moment."""

    name = "asking"

    def __init__(self, times: int, mischief: str) -> None:
        self._times = times
        self._mischief = mischief

    def curve(self, plan: LoadPlan) -> Rates:
        return Rates.constant(1.0, 0.0, plan.rush_s)

    def prepare(self, plan: LoadPlan, opens_at_unix_ns: int) -> None:
        """Nothing is to be made ready."""

    def warm_up(self) -> None:
        """Nothing is slow the first time."""

    def visit(self, visitor: Visitor) -> Outcome:
        for number in range(self._times):
            if number:
                visitor.pause(0.1)
            self._misbehave(visitor)
            visitor.send(ASK)
        if self._mischief == "at the end" and visitor.index == visitor.plan.people - 1:
            time.sleep(STANDSTILL_S)
        return Outcome.CONFIRMED

    def _misbehave(self, visitor: Visitor) -> None:
        if visitor.now_s >= MOMENT_S:
            mischief, self._mischief = self._mischief, "at the end" if self._mischief == "at the end" else ""
            MISCHIEF[mischief]()


def burn() -> None:
    """Work, and let nobody else do anything meanwhile."""
    until = monotonic() + STANDSTILL_S
    while monotonic() < until:
        pass


def hang_a_tick() -> None:
    """The next row of the shift takes its time on its way to the disk."""
    write = Journal.shift

    def slow(journal: Journal, row: object) -> None:
        Journal.shift = write
        time.sleep(STANDSTILL_S)
        write(journal, row)

    Journal.shift = slow


def move_the_clock() -> None:
    """The wall clock leaps ahead, as when a host that was off for an hour hears what time it is."""
    global moved_s
    moved_s = 3600.0


def turn_the_clock_back() -> None:
    global moved_s
    moved_s = -3600.0


MISCHIEF = {
    "": lambda: None,
    "at the end": lambda: None,
    "blocking call": lambda: time.sleep(STANDSTILL_S),
    "long work": burn,
    "hanging tick": hang_a_tick,
    "clock ahead": move_the_clock,
    "clock back": turn_the_clock_back,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--at-random", action="store_true")
    parser.add_argument("--mischief", choices=list(MISCHIEF), default="")
    options = parser.parse_args()
    rate = options.people / options.seconds
    evenly = Wave(knots=((0.0, rate), (options.seconds, rate)), process="even")
    plan = LoadPlan(
        scenario="asking", seed=3, office="", people=options.people, places=0, days=1, opens_at_s=0.0,
        rush_s=options.seconds, drain_s=10.0, patience_s=10.0, payment_deadline_s=0.0, profile=None,
        service_url=options.url, bank_url=options.url, direct_url=options.url, admin_token="",
        run_directory=str(options.folder), arrivals=(Wave(crowd=options.people) if options.at_random else evenly,),
    )  # fmt: skip
    ahead_ns = 300_000_000
    origin = Origin(mono_ns=monotonic_ns() + ahead_ns, unix_ns=time.time_ns() + ahead_ns, workers=1)
    options.folder.mkdir(parents=True)
    (options.folder / "origin.json").write_bytes(msgspec.json.encode(origin))
    (options.folder / "load.json").write_bytes(msgspec.json.encode(plan))
    scenario = Asking(options.times, options.mischief)
    Crowd(plan=plan, origin=origin, number=0, of=1, scenario=scenario, listener=lambda *_: None).run()


if __name__ == "__main__":
    main()
