"""The one tree of errors of the network's control. `definite` says whether the request certainly had no effect."""


class NetworkError(Exception):
    """The fault engine did not do what it was asked; where not `definite`, it may have done it all the same."""

    def __init__(self, message: str, *, definite: bool) -> None:
        super().__init__(message)
        self.definite = definite


class Unreachable(NetworkError):
    """No answer that could be understood came from the fault engine at `url`."""

    def __init__(self, url: str, reason: str, *, definite: bool) -> None:
        super().__init__(f"no fault engine answers at {url}: {reason}", definite=definite)
        self.url = url


class Refused(NetworkError):
    """The fault engine answered with an HTTP `status` other than success; `message` is its reason."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the fault engine refused ({status}): {message}", definite=400 <= status < 500)
        self.status = status
        self.message = message
