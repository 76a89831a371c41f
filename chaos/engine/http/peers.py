"""The peers that the control API has. A newcomer is never turned away: whoever was silent longest makes room."""

from typing import Protocol

# Far more than controllers there are; each may make the engine keep the bytes of one request.
PEERS_LIMIT = 64


class Peer(Protocol):
    """A control connection."""

    def close(self) -> None: ...


class Peers:
    """At most `limit` at once, in the order in which they were last heard."""

    def __init__(self, limit: int = PEERS_LIMIT) -> None:
        self._limit = limit
        self._peers: dict[Peer, None] = {}

    def add(self, peer: Peer) -> None:
        """Let it in. With the limit reached, the one that was silent longest is closed."""
        if len(self._peers) >= self._limit:
            silent = next(iter(self._peers))
            self.remove(silent)
            silent.close()
        self._peers[peer] = None

    def heard(self, peer: Peer) -> None:
        """It has sent a whole request."""
        if peer in self._peers:
            del self._peers[peer]
            self._peers[peer] = None

    def remove(self, peer: Peer) -> None:
        """It is gone, whether or not that was known."""
        self._peers.pop(peer, None)

    def close_all(self) -> None:
        for peer in list(self._peers):
            peer.close()
