"""The list of live connections: what each has carried, what is held of it, and by whom."""


def test_each_connection_tells_what_it_carries(engine, upstream, connect, until):
    """Received, sent and held bytes each way, the toxics that touch it, in the order of arrival."""
    address = engine.proxy(upstream().address)
    first, second = connect(address), connect(address)
    first.sendall(b"hello")
    assert first.recv(5) == b"hello"
    engine.toxic("latency", name="slow", attributes={"latency": 600_000}, stream="upstream")
    second.sendall(b"wait")

    def shown():
        return engine.get("/proxies/link/connections")

    until(lambda: shown()["connections"][1]["upstream"]["held_bytes"] == 4, "four bytes are held")
    told = shown()
    assert told["open"] == 2
    one, other = told["connections"]
    assert one["client"] == "{}:{}".format(*first.getsockname())
    assert one["upstream"] == {"received_bytes": 5, "sent_bytes": 5, "held_bytes": 0}
    assert one["downstream"] == {"received_bytes": 5, "sent_bytes": 5, "held_bytes": 0}
    assert other["upstream"] == {"received_bytes": 4, "sent_bytes": 0, "held_bytes": 4}
    assert other["toxics"] == ["slow"]
    assert one["connection"] < other["connection"]
    assert engine.call("GET", "/proxies/none/connections")[0] == 404
