"""The master's side of remote workers: who is let in, what time it is, where their rows are written."""

import logging
from collections.abc import Callable
from secrets import token_hex
from time import monotonic, monotonic_ns

import gevent
import msgspec
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.runners import STATE_MISSING, MasterRunner

from loket.load.remote.edition import Edition, own_edition
from loket.load.remote.greeting import (
    ANSWER,
    ASK,
    HELLO,
    HERE,
    RECALL,
    WELCOME,
    Answer,
    Ask,
    Hello,
    Here,
    Welcome,
    from_wire,
    to_wire,
)
from loket.load.remote.hosts import Host, write_hosts
from loket.load.remote.parcel import PARCEL, RECEIPT, Parcel
from loket.load.remote.post_office import PostOffice
from loket.run_directory import RunDirectory

# A place is kept for whoever was welcomed while their process starts.
TICKET_S = 60.0
LIST_EVERY_S = 0.25
# From connecting to being ready to work, which takes the names and the scan of a first person.
READY_S = 5.0

logger = logging.getLogger(__name__)


class Reception:
    """Of one run with `places` remote workers; `is_open` says whether it may still begin."""

    def __init__(
        self, runner: MasterRunner, scenario: str, places: int, directory: RunDirectory, is_open: Callable[[], bool]
    ) -> None:
        self._runner = runner
        self._scenario = scenario
        self._places = places
        self._directory = directory
        self._is_open = is_open
        self._edition: Edition = own_edition()
        self._tickets: dict[str, float] = {}
        self._guests: dict[str, Host] = {}
        self._office = PostOffice(directory)
        for name, listener in ((HELLO, self._hello), (HERE, self._here), (ASK, self._ask), (PARCEL, self._parcel)):
            runner.register_message(name, listener)
        self._listing = gevent.spawn(self._keep_list)

    def await_known(self, workers: list[str]) -> list[str]:
        """Those of the connected workers that were not let in, processes of plain Locust, say; none if all were.

        One that was let in says so as soon as it is ready.
        """
        with gevent.Timeout(READY_S, False):
            while not self._guests.keys() >= set(workers):
                gevent.sleep(0.02)
        return [worker for worker in workers if worker not in self._guests]

    def begin(self, names: dict[str, str]) -> None:
        """The workers have work, each under the name of its files."""
        self._listing.kill()
        self._guests = {
            client: msgspec.structs.replace(self._guests[client], worker=name) for client, name in names.items()
        }
        for name in names.values():
            self._office.open(name)
        self._list()

    def recall(self, workers: list[str]) -> None:
        """Tell the workers to end now, and to send what they have."""
        for worker in workers:
            self._runner.send_message(RECALL, None, client_id=worker)

    def note(self) -> None:
        """Write down how long records took to come, for whoever judges."""
        for client, guest in self._guests.items():
            if guest.worker is not None:
                slowest_ms = self._office.slowest_ms(guest.worker)
                self._guests[client] = msgspec.structs.replace(guest, slowest_ms=slowest_ms)
        self._list()

    def _hello(self, environment: Environment, msg: Message) -> None:
        try:
            theirs = from_wire(msg, Hello).edition
        except msgspec.ValidationError:
            welcome = Welcome(refused=f"the master runs Loket {self._edition.loket}, and did not understand")
        else:
            welcome = self._welcome(theirs)
        self._runner.send_message(WELCOME, to_wire(welcome), client_id=msg.node_id)

    def _welcome(self, theirs: Edition) -> Welcome:
        now = monotonic()
        self._tickets = {ticket: until for ticket, until in self._tickets.items() if until > now}
        if difference := theirs.difference(self._edition):
            return Welcome(refused=f"the master runs another edition of Loket: {difference}")
        if not self._is_open():
            return Welcome(refused="the run has begun already")
        if len(self._present()) + len(self._tickets) >= self._places:
            return Welcome(refused=f"all {self._places} workers of the run have come already")
        ticket = token_hex(8)
        self._tickets[ticket] = now + TICKET_S
        return Welcome(scenario=self._scenario, ticket=ticket)

    def _here(self, environment: Environment, msg: Message) -> None:
        try:
            here = from_wire(msg, Here)
        except msgspec.ValidationError:
            return
        if self._tickets.pop(here.ticket, None) is not None:
            self._guests[msg.node_id] = Host(host=here.host, pid=here.pid)

    def _ask(self, environment: Environment, msg: Message) -> None:
        try:
            asked_ns = from_wire(msg, Ask).asked_ns
        except msgspec.ValidationError:
            return
        answer = Answer(asked_ns=asked_ns, master_ns=monotonic_ns())
        self._runner.send_message(ANSWER, to_wire(answer), client_id=msg.node_id)

    def _parcel(self, environment: Environment, msg: Message) -> None:
        guest = self._guests.get(msg.node_id)
        if guest is None or guest.worker is None:
            return
        try:
            parcel = from_wire(msg, Parcel)
        except msgspec.ValidationError as error:
            logger.error("Worker %s sent what is no parcel: %s", guest.worker, error)
            return
        receipt = self._office.take(guest.worker, parcel, monotonic_ns())
        self._runner.send_message(RECEIPT, to_wire(receipt), client_id=msg.node_id)

    def _present(self) -> list[Host]:
        clients = self._runner.clients
        return [
            guest
            for client, guest in self._guests.items()
            if client in clients and clients[client].state != STATE_MISSING
        ]

    def _keep_list(self) -> None:
        """Whoever waits for the workers reads it: people at a terminal see who has come."""
        listed: list[Host] | None = None
        while True:
            if (present := self._present()) != listed:
                listed = present
                self._directory.create()
                write_hosts(self._directory, listed)
            gevent.sleep(LIST_EVERY_S)

    def _list(self) -> None:
        write_hosts(self._directory, list(self._guests.values()))
