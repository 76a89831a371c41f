"""What the runner itself saw, beside what the parts wrote: `facts.json`, so that any verb can judge the directory."""

from pathlib import Path

import msgspec

from loket.run_directory import write_whole

FILE_NAME = "facts.json"


class Death(msgspec.Struct, kw_only=True, frozen=True):
    """A part that ended by itself: which, in which second of the run, and how."""

    part: str
    second: float
    ending: str


class Halted(msgspec.Struct, kw_only=True, frozen=True):
    """A stop condition was met: which, by what figure, in which second of the run."""

    condition: str
    figure: str
    second: float


class Facts(msgspec.Struct, kw_only=True):
    """One run as its runner saw it; times are UTC or seconds.

    `unfinished` until the runner has reached its end. `deaths` are parts of the stack, `losses` processes of the load.
    `missing_sources` are feeds not read to their end; `not_offered` those that a service of one's own does not have,
    or gave no token for.
    """

    started_at: str
    duration_s: float = 0.0
    unfinished: bool = False
    interrupted_by: str | None = None
    halted: Halted | None = None
    quiesced_at_unix_ns: int | None = None
    still_pending: dict[str, int] = {}
    missing_sources: dict[str, str] = {}
    not_offered: list[str] = []
    deaths: list[Death] = []
    losses: list[Death] = []
    unhealed: list[str] = []
    trouble: list[str] = []
    overhead_s: dict[str, float] = {}

    def write(self, root: Path) -> None:
        write_whole(root / FILE_NAME, msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def read(cls, root: Path) -> "Facts":
        """The facts of the run in `root`. Raises FileNotFoundError or msgspec.DecodeError."""
        return msgspec.json.decode((root / FILE_NAME).read_bytes(), type=cls)
