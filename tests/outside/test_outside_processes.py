"""The systems as processes: they start, end cleanly, leave no orphan, and the bank survives a kill."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
import urllib3

ORDER = {"billing_code": "812345678901234", "amount_idr": 350_000, "channel": "atm"}


@pytest.fixture
def environments(tmp_path, gateway):
    return {
        "dukcapil": {},
        "simponi": {
            "SIMPONI_DATABASE_PATH": str(tmp_path / "simponi.db"),
            "SIMPONI_CALLBACK_URL": gateway.url,
            "SIMPONI_CALLBACK_SECRET": "s",
            "SIMPONI_BANK_URL": gateway.url,
        },
        "bank": {"BANK_LEDGER_PATH": str(tmp_path / "ledger.ndjson"), "BANK_SIMPONI_URL": gateway.url},
        "simkim": {
            "SIMKIM_DATABASE_PATH": str(tmp_path / "simkim.db"),
            "SIMKIM_SERVICE_TOKEN": "service",
            "SIMKIM_STAFF_TOKEN": "staff",
            "SIMKIM_STAFF": "auto",
        },
    }


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.mark.parametrize("name", ["dukcapil", "simponi", "bank", "simkim"])
def test_a_system_starts_and_ends_cleanly(run_system, environments, free_port, name):
    """It answers as itself, ends with 0 on SIGTERM, and nobody keeps its port."""
    running = run_system(name, OUTSIDE_INSTANCE="this-run", **environments[name])
    assert running.request("GET", "/healthz").json() == {"name": name, "instance": "this-run"}
    running.process.terminate()
    assert running.process.wait(20) == 0
    assert port_is_free(free_port)


def test_a_second_server_does_not_share_a_port_in_silence(run_system, environments, free_port):
    """The port is taken: exit code 2 and one line."""
    run_system("bank", **environments["bank"])
    argv = [sys.executable, "-m", "mock_mpaspor.outside", "dukcapil", "--port", str(free_port)]
    second = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert str(free_port) in second.stderr


def test_a_bank_killed_between_debit_and_answer_finishes_the_payment_once(
    run_system, environments, gateway, free_port, eventually
):
    """After kill -9 no worker stays behind; the next bank settles the same debit, and the key finds it paid."""
    taking, released = gateway.reply, threading.Event()
    gateway.reply = lambda seen: released.wait(20) and None
    first = run_system("bank", **environments["bank"])
    payer = threading.Thread(target=pay_and_expect_nothing, args=(first,))
    payer.start()
    eventually(lambda: gateway.seen)
    os.kill(first.process.pid, signal.SIGKILL)
    eventually(lambda: port_is_free(free_port))
    payer.join()
    released.set()

    gateway.reply = taking
    second = run_system("bank", **environments["bank"])
    eventually(lambda: pay(second).status == 201)
    lines = second.request("GET", "/feed/ledger", Authorization="Bearer feed-token").data.splitlines()
    assert [msgspec.json.decode(line)["type"] for line in lines] == ["debited"]
    told = {msgspec.json.decode(seen.body)["ntb"] for seen in gateway.seen}
    assert told == {pay(second).json()["ntb"]}


def pay(bank):
    return bank.request("POST", "/pay", ORDER, Idempotency_Key="key-1")


def pay_and_expect_nothing(bank) -> None:
    # The connection is reset: the person does not know what became of the money.
    with pytest.raises(urllib3.exceptions.HTTPError):
        pay(bank)


def test_bank_and_simponi_agree_about_money(
    run_system, environments, mpaspor, free_port, another_free_port, eventually
):
    """Bill, payment, callback and refund through real processes: both feeds tell the same story."""
    simponi = run_system(
        "simponi",
        **environments["simponi"]
        | {"SIMPONI_CALLBACK_URL": mpaspor.url, "SIMPONI_BANK_URL": f"http://127.0.0.1:{another_free_port}"},
    )
    bank = run_system("bank", port=another_free_port, **environments["bank"] | {"BANK_SIMPONI_URL": simponi.url})
    bill = simponi.request("POST", "/bills", {"reference": "a", "amount_idr": 350_000, "payer": "x"}).json()
    order = ORDER | {"billing_code": bill["billing_code"]}
    paid = bank.request("POST", "/pay", order, Idempotency_Key="key-1").json()
    twice = bank.request("POST", "/pay", order, Idempotency_Key="key-2")
    assert (twice.status, twice.json()["error"]["code"]) == (409, "already_paid")
    eventually(lambda: mpaspor.seen)
    assert msgspec.json.decode(mpaspor.seen[0].body)["ntpn"] == paid["ntpn"]

    refund = simponi.request("POST", f"/bills/{bill['billing_code']}/refund", {"ntpn": paid["ntpn"]})
    assert refund.status == 200
    (row,) = feed(simponi, "/feed/bills")
    entries = feed(bank, "/feed/ledger")
    assert (row["state"], row["ntb"]) == ("refunded", paid["ntb"])
    assert [entry["type"] for entry in entries] == ["debited", "debited", "returned", "refunded"]
    assert [entry["ntb"] for entry in entries if entry["type"] == "refunded"] == [paid["ntb"]]


def feed(system, path: str) -> list[dict[str, object]]:
    lines = system.request("GET", path, Authorization="Bearer feed-token").data.splitlines()
    return [msgspec.json.decode(line) for line in lines]


def test_a_bank_whose_worker_dies_goes_on_with_the_same_ledger(run_system, environments, eventually):
    """The worker is replaced, and the replacement knows what the dead one took."""
    running = run_system("bank", **environments["bank"])
    first = pay(running)
    (worker,) = children(running.process.pid)
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: children(running.process.pid) not in ([], [worker]) and running.answers())
    eventually(lambda: pay(running).status == 201)
    assert pay(running).json() == first.json()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
