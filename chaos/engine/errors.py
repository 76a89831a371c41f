"""Everything the engine refuses, one class a row: the status and the words Toxiproxy answers with."""


class Refusal(Exception):
    """A request the engine does not carry out. `status` is its HTTP status, `str()` the text of its error body."""

    status = 500


class BadBody(Refusal):
    """The body is no JSON, or a field has the wrong type."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"bad request body: {reason}")


class MissingField(Refusal):
    status = 400

    def __init__(self, field: str) -> None:
        super().__init__(f"missing required field: {field}")


class InvalidAttribute(Refusal):
    """A toxic's attribute that Toxiproxy would accept and then stumble over."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid attribute: {reason}")


class InvalidStream(Refusal):
    status = 400

    def __init__(self) -> None:
        super().__init__("stream was invalid, can be either upstream or downstream")


class InvalidToxicType(Refusal):
    status = 400

    def __init__(self) -> None:
        super().__init__("invalid toxic type")


class ProxyNotFound(Refusal):
    status = 404

    def __init__(self) -> None:
        super().__init__("proxy not found")


class ToxicNotFound(Refusal):
    status = 404

    def __init__(self) -> None:
        super().__init__("toxic not found")


class LeaseNotFound(Refusal):
    status = 404

    def __init__(self) -> None:
        super().__init__("lease not found")


class ProxyExists(Refusal):
    status = 409

    def __init__(self) -> None:
        super().__init__("proxy already exists")


class ToxicExists(Refusal):
    status = 409

    def __init__(self) -> None:
        super().__init__("toxic already exists")


class CannotListen(Refusal):
    """The address cannot be bound, or is none."""

    status = 500
