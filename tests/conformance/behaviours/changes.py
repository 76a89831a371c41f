"""What a change made through the control API does to connections that are open, and to those that come."""

from socket import create_server

from tests.conformance.behaviour import Behaviour, better, compatible
from tests.conformance.bench import Bench, Link
from tests.conformance.ends import LOCALHOST, address_of, hear, hear_out


def serves(link: Link) -> str:
    """Whether a new connection is accepted and carries data."""
    try:
        link.live()
    except ConnectionRefusedError:
        return "refuses"
    return "serves"


def toxic_on_a_live_connection(bench: Bench) -> str:
    """A `latency` of a minute is added while a connection is open."""
    link = bench.link()
    pair = link.live()
    link.add("latency", latency=60_000)
    return "takes hold" if pair.reply().data == b"" else "spares it"


def toxic_that_is_changed(bench: Bench) -> str:
    """A `latency` of nothing becomes one of a minute while a connection is open."""
    link = bench.link()
    link.add("latency", latency=0)
    pair = link.live()
    link.change("latency", latency=60_000)
    return "takes hold" if pair.reply().data == b"" else "spares it"


def disabled_proxy(bench: Bench) -> str:
    """A proxy with an open connection is disabled."""
    link = bench.link()
    pair = link.live()
    assert link.update(enabled=False) == 200
    return f"the client is {hear_out(pair.client).end}, the proxy {serves(link)}"


def enabled_proxy(bench: Bench) -> str:
    """A disabled proxy is enabled again; a connection to the port it had."""
    link = bench.link()
    link.update(enabled=False)
    assert link.update(enabled=True) == 200
    return serves(link)


def changed_upstream(bench: Bench) -> str:
    """The upstream of a proxy with an open connection is changed."""
    link, other = bench.link(), bench.link()
    pair = link.live()
    assert link.update(upstream=other.upstream) == 200
    end = hear_out(pair.client).end
    link.client()
    other.accept().close()
    return f"the client is {end}, the next goes to the new upstream"


def deleted_proxy(bench: Bench) -> str:
    """A proxy with an open connection is deleted, and made anew with the same name."""
    link = bench.link()
    pair = link.live()
    link.add("timeout")
    assert bench.call("DELETE", f"/proxies/{link.name}") == 204
    end, gone = hear_out(pair.client).end, serves(link)
    wanted = {"name": link.name, "listen": link.address, "upstream": link.upstream}
    assert bench.call("POST", "/proxies", wanted) == 201
    return f"the client is {end}, the port {gone}; made anew it {serves(link)} without toxics"


def reset_of_everything(bench: Bench) -> str:
    """One proxy is disabled, another has a `limit_data` of 0; then everything is reset."""
    disabled, limited = bench.link(), bench.link()
    disabled.update(enabled=False)
    limited.add("limit_data", bytes=0)
    assert bench.call("POST", "/reset") == 204
    return f"one {serves(disabled)}, the other {serves(limited)}"


def populate_with_the_same(bench: Bench) -> str:
    """A proxy with an open connection is populated again with the addresses that it has."""
    link = bench.link()
    pair = link.live()
    body = [{"name": link.name, "listen": link.address, "upstream": link.upstream}]
    assert bench.call("POST", "/populate", body) == 201
    return "the connection lives" if pair.reply(b"still").data == b"still" else "the connection is gone"


def populate_with_another_upstream(bench: Bench) -> str:
    """A proxy with an open connection is populated again with another upstream."""
    link, other = bench.link(), bench.link()
    pair = link.live()
    body = [{"name": link.name, "listen": link.address, "upstream": other.upstream}]
    assert bench.call("POST", "/populate", body) == 201
    return f"the connection is {hear_out(pair.client).end}"


def address_that_is_taken(bench: Bench) -> str:
    """A proxy shall listen where somebody else does; whether it still serves where it was."""
    link = bench.link()
    with create_server((LOCALHOST, 0)) as taken:
        status = link.update(listen=address_of(taken))
    return f"status {status}, and it {serves(link)}"


def another_host_on_the_same_port(bench: Bench) -> str:
    """A proxy on 127.0.0.1 shall listen on every interface, on the same port; whether it serves."""
    link = bench.link()
    status = link.update(listen=f"0.0.0.0:{link.port}")
    return f"status {status}, and it {serves(link)}"


def connection_that_nothing_happens_to(bench: Bench) -> str:
    """Toxics come and go on the other stream of an open connection."""
    link = bench.link()
    pair = link.live()
    link.add("latency", stream="upstream", latency=1)
    link.remove("latency")
    pair.exchange()
    return hear(pair.client).end


CHANGES = (
    Behaviour(toxic_on_a_live_connection, "takes hold"),
    Behaviour(toxic_that_is_changed, "takes hold"),
    Behaviour(connection_that_nothing_happens_to, "left open"),
    Behaviour(disabled_proxy, "the client is closed, the proxy refuses"),
    Behaviour(enabled_proxy, "serves"),
    Behaviour(changed_upstream, "the client is closed, the next goes to the new upstream"),
    Behaviour(deleted_proxy, "the client is closed, the port refuses; made anew it serves without toxics"),
    Behaviour(reset_of_everything, "one serves, the other serves"),
    Behaviour(populate_with_the_same, "the connection lives"),
    Behaviour(populate_with_another_upstream, "the connection is closed"),
    Behaviour(
        address_that_is_taken,
        "status 500, and it refuses",
        better("status 500, and it serves", "a change that fails changes nothing"),
    ),
    Behaviour(
        another_host_on_the_same_port,
        "status 200, and it serves",
        compatible("status 500, and it serves", "the new address is held before the old one is given up"),
    ),
)
