"""Leases: a fault lives as long as its holder says so, and no longer."""

import json
import socket
import subprocess
import sys

import pytest

from chaos.engine.errors import LeaseNotFound
from chaos.engine.leases import Claim, Leases

HOLDER = """
import sys, time, urllib.request
url = sys.argv[1]
def send(method, path, body):
    urllib.request.urlopen(urllib.request.Request(url + path, data=body, method=method), timeout=10).read()
send("POST", "/proxies/slow/toxics",
     b'{"type": "latency", "attributes": {"latency": 60000}, "lease": {"holder": "run-1", "ttl_ms": 400}}')
send("POST", "/proxies/down", b'{"enabled": false, "lease": {"holder": "run-1", "ttl_ms": 400}}')
print("held", flush=True)
while True:
    send("PUT", "/leases/run-1", b'{"ttl_ms": 400}')
    time.sleep(0.05)
"""


@pytest.fixture
def expired():
    return []


@pytest.fixture
def leases(clock, expired):
    return Leases(clock, expired.append)


def test_a_lease_that_runs_out_gives_up_all_it_holds(leases, clock, expired):
    """At its deadline, not before, with every toxic and proxy that was claimed."""
    leases.claim_toxic(Claim("a", 2.0), "p", "t")
    leases.claim_proxy(Claim("a", 2.0), "q", True)
    clock.advance(1.99)
    assert expired == []
    clock.advance(0.02)
    assert [(list(lease.toxics), lease.proxies) for lease in expired] == [([("p", "t")], {"q": True})]
    assert leases.all() == []


def test_renewal_moves_the_deadline(leases, clock, expired):
    """From now on, by the time to live given."""
    leases.claim_toxic(Claim("a", 2.0), "p", "t")
    clock.advance(1.5)
    leases.renew(Claim("a", 2.0))
    clock.advance(1.5)
    assert expired == []
    clock.advance(0.6)
    assert len(expired) == 1


def test_renewing_nothing_is_refused(leases):
    """Whoever holds nothing is told so."""
    with pytest.raises(LeaseNotFound):
        leases.renew(Claim("nobody", 1.0))


def test_a_claim_by_another_holder_takes_over(leases, clock, expired):
    """One holder a fault; the state to go back to is the one before the first claim."""
    leases.claim_proxy(Claim("a", 1.0), "q", True)
    leases.claim_proxy(Claim("b", 5.0), "q", False)
    clock.advance(2)
    assert expired == []
    clock.advance(4)
    assert [(lease.holder, lease.proxies) for lease in expired] == [("b", {"q": True})]


def test_a_released_fault_no_longer_hangs_on_the_lease(leases, clock, expired):
    """A lease with nothing left is gone, without being called expired."""
    leases.claim_toxic(Claim("a", 1.0), "p", "t")
    leases.release_toxic("p", "t")
    clock.advance(5)
    assert (expired, leases.all()) == ([], [])


def test_faults_heal_when_their_holder_is_killed(engine, upstream, connect, until):
    """`kill -9` of the holder: what it had slowed and what it had switched off work again by themselves."""
    server = upstream()
    slow, down = engine.proxy(server.address, "slow"), engine.proxy(server.address, "down")
    client = connect(slow)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, engine.url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConnectionRefusedError):
            connect(down)
        client.sendall(b"late")
        assert engine.get("/leases")["run-1"]["toxics"] == ["slow/latency_downstream"]
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert client.recv(10) == b"late"
    until(lambda: engine.get("/proxies/down")["enabled"], "the proxy enabled again")
    again = connect(down)
    again.sendall(b"up")
    assert again.recv(10) == b"up"
    assert engine.get("/proxies/slow")["toxics"] == []


def test_a_lease_is_ended_on_request(engine, upstream, connect):
    """`DELETE` heals at once; a second one finds nothing."""
    address = engine.proxy(upstream().address)
    lease = {"holder": "run 2", "ttl_ms": 60_000}
    engine.toxic("timeout", lease=lease)
    engine.call("PATCH", "/proxies/link", {"enabled": False, "lease": lease})
    status, body = engine.call("PUT", "/leases/run%202", {"ttl_ms": 30_000})
    assert status == 200
    renewed = json.loads(body)
    assert renewed.pop("expires_in_ms") <= 30_000
    assert renewed == {"holder": "run 2", "toxics": ["link/timeout_downstream"], "proxies": ["link"]}
    assert engine.call("DELETE", "/leases/run%202") == (204, "")
    client = connect(address)
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    assert engine.call("DELETE", "/leases/run%202")[0] == 404


def test_a_state_set_without_a_lease_outlives_the_lease(engine, upstream, until):
    """Who says `enabled` without a lease takes the proxy out of it."""
    engine.proxy(upstream().address)
    lease = {"holder": "run-3", "ttl_ms": 150}
    engine.toxic("noop", lease=lease)
    engine.call("PATCH", "/proxies/link", {"enabled": False, "lease": lease})
    engine.call("PATCH", "/proxies/link", {"enabled": False})
    until(lambda: engine.get("/leases") == {}, "the lease run out")
    assert engine.get("/proxies/link")["enabled"] is False
    assert engine.get("/proxies/link")["toxics"] == []


@pytest.mark.parametrize(
    "lease", [{}, {"holder": "a"}, {"holder": "", "ttl_ms": 5}, {"holder": "a", "ttl_ms": 0}, "a", {"ttl_ms": 5}]
)
def test_a_lease_without_holder_or_time_is_refused(engine, upstream, lease):
    """And the toxic is not added."""
    engine.proxy(upstream().address)
    assert engine.call("POST", "/proxies/link/toxics", {"type": "noop", "lease": lease})[0] == 400
    assert engine.get("/proxies/link")["toxics"] == []


def test_a_claim_while_the_port_is_still_taken_heals_to_enabled(engine, upstream, until):
    """What a lease goes back to is what was there before the first fault, healed yet or not."""
    host, port = engine.proxy(upstream().address)
    lease = {"holder": "run-4", "ttl_ms": 60_000}
    engine.call("PATCH", "/proxies/link", {"enabled": False, "lease": lease})
    with socket.create_server((host, port)):
        assert engine.call("DELETE", "/leases/run-4")[0] == 204
        assert engine.get("/proxies/link")["enabled"] is False
        engine.call("PATCH", "/proxies/link", {"enabled": False, "lease": lease})
    assert engine.get("/proxies/link")["enabled"] is False
    assert engine.call("DELETE", "/leases/run-4")[0] == 204
    until(lambda: engine.get("/proxies/link")["enabled"], "the proxy enabled again")


def test_a_lease_that_waits_for_its_port_gives_way_to_a_decision(engine, upstream, until):
    """Disabled for good while its heal is tried again and again, the proxy stays disabled when the port is free."""
    host, port = engine.proxy(upstream().address)
    lease = {"holder": "run-5", "ttl_ms": 60_000}
    engine.call("PATCH", "/proxies/link", {"enabled": False, "lease": lease})
    with socket.create_server((host, port)):
        engine.call("DELETE", "/leases/run-5")
        engine.call("PATCH", "/proxies/link", {"lease": lease})
        engine.call("DELETE", "/leases/run-5")
        engine.call("PATCH", "/proxies/link", {"enabled": False})
    engine.toxic("noop", lease={"holder": "longer than the pause between two tries", "ttl_ms": 300})
    until(lambda: engine.get("/leases") == {}, "the lease run out")
    assert engine.get("/proxies/link")["enabled"] is False
