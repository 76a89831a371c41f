"""The network's control, judged by traffic: on the project's engine, and on a real Toxiproxy where there is one."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from chaos.control import Network
from chaos.errors import Refused
from chaos.faults import Fault
from chaos.profiles import PROFILES, Profile

Answers = Callable[[str], bool]
MakeFault = Callable[..., Fault]


@pytest.fixture
def simponi(network: Network, echo: str) -> str:
    """Where callers find the link `simponi`, which leads to the echo."""
    return network.open_link("simponi", echo)


def test_an_open_link_carries_traffic(network: Network, simponi: str, answers: Answers) -> None:
    """The address is on loopback, and what is sent to it comes back."""
    assert simponi.startswith("127.0.0.1:")
    assert answers(simponi)
    assert network.version()


def test_latency_delays_the_answer(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """No answer comes sooner than the delay."""
    network.apply(make_fault(latency={"ms": 200}))
    caller = call(simponi)
    sent_s = time.monotonic()
    assert caller.exchange() == b"ping"
    assert time.monotonic() - sent_s >= 0.199


def test_timeout_swallows_the_answer(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """With a time the connection closes, and nothing came back."""
    network.apply(make_fault(timeout={"ms": 50}))
    assert call(simponi).exchange() == b""


def test_a_timeout_of_zero_stays_silent(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """Neither an answer nor an end of the connection, until healed; then the next connection is answered."""
    fault = make_fault(timeout={})
    network.apply(fault)
    caller = call(simponi)
    assert caller.exchange(patience_s=0.3) == b""
    caller.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        caller.socket.recv(1)
    network.heal(fault)
    assert call(simponi).exchange() == b"ping"


def test_bandwidth_lets_bytes_trickle(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """6000 bytes at 10 KB/s do not arrive within half of the time that they need, and all arrive."""
    network.apply(make_fault(bandwidth={"kbps": 10}))
    caller, payload = call(simponi), b"x" * 6000
    sent_s = time.monotonic()
    assert caller.exchange(payload) == payload
    assert time.monotonic() - sent_s >= 0.3


def test_reset_breaks_the_connection(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """The caller's system reports a reset, not an end."""
    network.apply(make_fault(reset={}))
    with pytest.raises(ConnectionResetError):
        call(simponi).exchange()


def test_down_refuses_connections(network: Network, simponi: str, make_fault: MakeFault, call: Callable) -> None:
    """Nobody listens any more, and connections that stood are gone."""
    caller = call(simponi)
    assert caller.exchange() == b"ping"
    network.apply(make_fault(down=True))
    with pytest.raises(ConnectionRefusedError):
        call(simponi)
    with suppress(ConnectionError):
        assert caller.exchange() == b""


@pytest.mark.parametrize("disturbance", [{"latency": {"ms": 60_000}}, {"timeout": {}}, {"reset": {}}, {"down": True}])
def test_healing_restores_traffic(
    network: Network, simponi: str, make_fault: MakeFault, answers: Answers, disturbance: dict[str, object]
) -> None:
    """A fault is seen by traffic and by verify_healed; healed, it is gone for both. Healing twice is no error."""
    fault = make_fault(**disturbance)
    network.apply(fault)
    assert not answers(simponi)
    expected = "link simponi is down" if fault.down else "fault_silence on link simponi"
    assert network.verify_healed() == [expected]
    network.heal(fault)
    network.heal(fault)
    assert answers(simponi)
    assert network.verify_healed() == []


def test_faults_on_one_link_overlap(network: Network, simponi: str, make_fault: MakeFault, answers: Answers) -> None:
    """Healing one leaves the other, of whatever kind it is."""
    silence, other = make_fault(name="silence", timeout={}), make_fault(name="other", latency={"ms": 60_000})
    network.apply(silence)
    network.apply(other)
    network.heal(silence)
    assert not answers(simponi)
    network.heal(other)
    assert answers(simponi)


def test_a_link_taken_down_twice_comes_back_once(
    network: Network, simponi: str, make_fault: MakeFault, answers: Answers
) -> None:
    """While one of two overlapping faults keeps the link down, healing the other does not bring it back."""
    first, second = make_fault(name="first", down=True), make_fault(name="second", down=True)
    network.apply(first)
    network.apply(second)
    network.heal(first)
    assert not answers(simponi)
    network.heal(second)
    assert answers(simponi)


def test_a_fault_disturbs_its_own_link_alone(
    network: Network, simponi: str, echo: str, make_fault: MakeFault, answers: Answers
) -> None:
    """Another link to the same server keeps answering."""
    bank = network.open_link("bank", echo)
    network.apply(make_fault(link="simponi"))
    assert not answers(simponi)
    assert answers(bank)


def test_heal_all_heals_every_fault_and_no_profile(
    network: Network, simponi: str, echo: str, make_fault: MakeFault, answers: Answers, call: Callable
) -> None:
    """The client network is the run's base condition: it stays, and does not count as unhealed."""
    edge = network.open_link("edge", echo)
    network.set_profile("edge", Profile("far", 200, 0, 5000, 5000, 0.0))
    network.apply(make_fault(name="a"))
    network.apply(make_fault(name="b", link="edge", down=True))
    assert not answers(simponi)
    assert not answers(edge)
    network.heal_all()
    assert network.verify_healed() == []
    assert answers(simponi)
    caller = call(edge)
    sent_s = time.monotonic()
    assert caller.exchange() == b"ping"
    assert time.monotonic() - sent_s >= 0.199


def test_a_profile_replaces_the_one_before(network: Network, echo: str, call: Callable) -> None:
    """Setting a second profile, or the same again, leaves one: its latency is not added to the first's."""
    edge = network.open_link("edge", echo)
    network.set_profile("edge", Profile("moon", 120_000, 0, 5000, 5000, 0.0))
    assert call(edge).exchange(patience_s=0.2) == b""
    network.set_profile("edge", PROFILES["java_4g"])
    network.set_profile("edge", PROFILES["java_4g"])
    assert call(edge).exchange() == b"ping"


def test_what_the_server_refuses_is_raised(network: Network, make_fault: MakeFault, echo: str) -> None:
    """A fault on a link that is not open, a link opened twice: refused, with the server's reason, and not held."""
    with pytest.raises(Refused, match="proxy not found"):
        network.apply(make_fault(link="bank"))
    assert network.lost() == []
    network.open_link("bank", echo)
    with pytest.raises(Refused, match="proxy already exists"):
        network.open_link("bank", echo)
    with pytest.raises(ValueError, match="expected a link"):
        network.open_link("moon", echo)


def test_closed_links_can_be_opened_again(network: Network, simponi: str, echo: str, answers: Answers) -> None:
    """A run leaves no proxies behind on a Toxiproxy that outlives it."""
    network.close_links()
    assert not answers(simponi)
    assert answers(network.open_link("simponi", echo))


def test_a_fault_that_another_hand_removed_is_lost(
    network: Network, simponi: str, make_fault: MakeFault, open_network: Callable[..., Network]
) -> None:
    """The network knows what it applied, and says so when the server has it no longer."""
    silence, outage = make_fault(name="silence"), make_fault(name="outage", down=True)
    network.apply(silence)
    network.apply(outage)
    assert network.lost() == []
    open_network(network.url, "another").heal(silence)
    open_network(network.url, "another").heal(outage)
    assert network.lost() == ["silence", "outage"]


def test_leases_are_renewed_where_the_engine_knows_them(
    engine_url: str, open_network: Callable[..., Network], echo: str, make_fault: MakeFault
) -> None:
    """With nothing held there is nothing to renew, which is not the same as not knowing leases."""
    network = open_network(engine_url)
    network.open_link("simponi", echo)
    assert network.leases_supported is None
    assert not network.renew()
    assert network.leases_supported is True
    network.apply(make_fault())
    assert network.renew()


def test_a_real_toxiproxy_is_known_to_have_no_leases(
    toxiproxy_url: str, open_network: Callable[..., Network], echo: str, make_fault: MakeFault
) -> None:
    """Its 404 is remembered, and is no error."""
    network = open_network(toxiproxy_url)
    network.open_link("simponi", echo)
    network.apply(make_fault())
    assert not network.renew()
    assert network.leases_supported is False


@pytest.fixture
def branches(network: Network, echo: str) -> dict[str, str]:
    """The link `edge` and its branches for two networks; where the callers of each find it."""
    whole = network.open_link("edge", echo)
    return {"": whole} | {name: network.open_branch("edge", name, echo) for name in ("java_4g", "kepri_island")}


@pytest.mark.parametrize("disturbance", [{"timeout": {}}, {"down": True}])
def test_a_fault_of_a_link_is_on_all_of_its_branches(
    network: Network,
    branches: dict[str, str],
    make_fault: MakeFault,
    answers: Answers,
    disturbance: dict[str, object],
) -> None:
    """And healed on all; one for a profile is on that branch alone, and both are seen when they are lost."""
    everybody = make_fault(name="all", link="edge", **disturbance)
    some = make_fault(name="some", link="edge", profile="java_4g", **disturbance)
    network.apply(everybody)
    assert not any(answers(listens) for listens in branches.values())
    network.apply(some)
    network.heal(everybody)
    assert {name for name, listens in branches.items() if answers(listens)} == {"", "kepri_island"}
    assert len(network.verify_healed()) == 1
    assert network.lost() == []
    network.heal_all()
    assert all(answers(listens) for listens in branches.values())
    assert network.verify_healed() == []
    network.close_links()
    assert network.proxy_names() == []


def test_a_branch_has_a_profile_of_its_own(network: Network, branches: dict[str, str], call: Callable) -> None:
    """Those on the others do not feel it."""
    network.set_profile("edge.java_4g", Profile("slow", 300, 0, 1000, 1000, 0.0))
    sent_s = time.monotonic()
    assert call(branches["java_4g"]).exchange() == b"ping"
    assert time.monotonic() - sent_s >= 0.299
    assert call(branches["kepri_island"]).exchange(patience_s=0.25) == b"ping"
