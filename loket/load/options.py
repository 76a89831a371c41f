"""Locust's command line and web form for a load: a plan from a file, or one put together from the fields."""

import argparse
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from locust.argument_parser import LocustArgumentParser

from loket.load.plan import LoadPlan
from loket.load.remote.post import ROOM_BYTES
from loket.load.target import ForbiddenTarget, check_targets


class BadPlan(Exception):
    """No load can be run from these options; the message is one sentence for whoever gave them."""


def add_options(parser: LocustArgumentParser, environ: Mapping[str, str]) -> None:
    """Add the load's options. A plan file that cannot be used ends the process with code 2 and one sentence."""

    def usable_plan(path: str) -> str:
        try:
            check_targets(read_plan(Path(path)))
        except (BadPlan, ForbiddenTarget) as error:
            parser.exit(2, f"{path}: {error}\n")
        return path

    group = parser.add_argument_group("Loket", "The rush. With --loket-plan the other options are not looked at.")
    group.add_argument("--loket-plan", type=usable_plan, metavar="PATH", help="the plan of a run started by loket")
    group.add_argument(
        "--loket-remote-workers", type=int, default=0, metavar="N", help="a master's: so many come from other hosts"
    )
    group.add_argument("--loket-ticket", default="", metavar="TICKET", help="a remote worker's place; from the master")
    group.add_argument(
        "--loket-buffer-mib", type=float, default=ROOM_BYTES / 2**20, help="a remote worker's room for unsent records"
    )
    group.add_argument("--people", type=int, default=200, help="how many come in all")
    group.add_argument("--places", type=int, default=40, help="places of the release")
    group.add_argument("--days", type=int, default=2, help="days that the places are spread over")
    group.add_argument("--office", default="belakang_padang", help="whose quota opens")
    group.add_argument("--opens-at", type=float, default=20.0, help="second of the run at which the quota opens")
    group.add_argument("--rush", type=float, default=40.0, help="seconds after the opening in which people come")
    group.add_argument("--drain", type=float, default=60.0, help="seconds more for those still inside")
    group.add_argument("--patience", type=float, default=60.0, help="seconds until a person gives up")
    group.add_argument("--payment-deadline", type=float, default=60.0, help="the service's own, in seconds")
    group.add_argument("--seed", type=int, default=0, help="one seed, one crowd; 0 draws a new one")
    group.add_argument("--bank", default="http://127.0.0.1:8003", help="URL of the bank")
    group.add_argument("--direct", default="", help="URL for the administration; the host where empty")
    group.add_argument("--runs", default="runs", help="folder that run directories are made in")
    group.add_argument("--admin-token", default=environ.get("MPASPOR_ADMIN_TOKEN", ""), help="opens the release")


def read_plan(path: Path) -> LoadPlan:
    """The plan in the file. Raises BadPlan."""
    try:
        return LoadPlan.read(path)
    except OSError as error:
        raise BadPlan(f"the plan cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadPlan(f"the plan is not as it should be: {error}.") from error


def plan_of(options: argparse.Namespace, host: str | None, scenario: str, now: datetime) -> LoadPlan:
    """The load that the options ask for. Raises BadPlan or ForbiddenTarget."""
    if options.loket_plan:
        plan = read_plan(Path(options.loket_plan))
    elif not host:
        raise BadPlan("--host is missing: the URL of the service.")
    else:
        plan = LoadPlan(
            scenario=scenario,
            # The same people come to the same service only once: it knows them, and their applications, afterwards.
            seed=options.seed or int(now.timestamp()),
            office=options.office,
            people=options.people,
            places=options.places,
            days=options.days,
            opens_at_s=options.opens_at,
            rush_s=options.rush,
            drain_s=options.drain,
            patience_s=options.patience,
            payment_deadline_s=options.payment_deadline,
            profile=None,
            service_url=host,
            bank_url=options.bank,
            direct_url=options.direct or host,
            admin_token=options.admin_token,
            run_directory=str(Path(options.runs) / f"{now:%Y%m%dT%H%M%S.%f}-{scenario}"),
        )
    check_targets(plan)
    return plan
