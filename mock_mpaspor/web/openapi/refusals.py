"""What a route may be refused for: the codes that its view declares, and those that follow from what it asks for."""

from collections.abc import Sequence

from mock_mpaspor.domain.errors import ERRORS, ErrorCode
from mock_mpaspor.web.operations import Door, Operation

EVERYWHERE = (ErrorCode.INVALID, ErrorCode.TOO_LARGE, ErrorCode.BUSY, ErrorCode.INTERNAL)
BY_DOOR: dict[Door, tuple[ErrorCode, ...]] = {
    Door.OPEN: (),
    Door.SESSION: (ErrorCode.UNAUTHENTICATED,),
    Door.ADMIN: (ErrorCode.WRONG_TOKEN,),
    Door.AUDIT: (ErrorCode.WRONG_TOKEN,),
    Door.OFFICE: (ErrorCode.WRONG_TOKEN,),
    Door.SIGNATURE: (ErrorCode.BAD_SIGNATURE,),
}


def refusals(path: str, promised: Operation) -> dict[int, list[ErrorCode]]:
    """The codes that a call of this route may be refused with, by HTTP status; `path` is as the document has it."""
    codes = {*EVERYWHERE, *BY_DOOR[promised.door], *promised.refusals, *_by_path(path, promised)}
    if promised.keyed:
        codes.add(ErrorCode.KEY_REUSED)
    return _by_status(sorted(codes))


def is_for_people(path: str) -> bool:
    """Whether people use this route, who may be told to come back; systems and operators are never refused."""
    return path.startswith("/v1/") and not path.startswith("/v1/callbacks/")


def _by_path(path: str, promised: Operation) -> set[ErrorCode]:
    codes = set()
    if is_for_people(path):
        codes.add(ErrorCode.OVERLOADED)
    if "{" in path:
        # A value with a slash in it makes a path that no route has.
        codes.add(ErrorCode.UNKNOWN_ROUTE)
    if "{application_id}" in path and promised.door is Door.SESSION:
        codes.add(ErrorCode.UNKNOWN_APPLICATION)
    return codes


def _by_status(codes: Sequence[ErrorCode]) -> dict[int, list[ErrorCode]]:
    found: dict[int, list[ErrorCode]] = {}
    for code in codes:
        found.setdefault(ERRORS[code].status, []).append(code)
    return dict(sorted(found.items()))
