"""What two hosts must have in common to make the same people: the same Loket, to the letter, on the same Python.

A version's number is not enough: a worker whose sources differ would send other people, and nobody would notice.
"""

import platform
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from loket import __version__

# What decides who comes and what they do: the load's own rooms, and the words that it writes down.
PACKAGES = ("locustfiles", "loket.load")
MODULES = ("loket.records",)


class Edition(msgspec.Struct, kw_only=True, frozen=True):
    """Of one host. `sources` is a digest of the load's files, `faker` the library that names people."""

    loket: str
    sources: str
    python: str
    faker: str
    locust: str

    def difference(self, other: "Edition") -> str | None:
        """The first thing in which the other differs, as "locust 2.47.0, here 2.48.1"; None where there is none."""
        for name in self.__struct_fields__:
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                return f"{name} {theirs}, here {ours}"
        return None


def own_edition() -> Edition:
    """This host's."""
    major, minor, _ = platform.python_version_tuple()
    return Edition(
        loket=__version__,
        sources=_digest(),
        python=f"{major}.{minor}",
        faker=version("faker"),
        locust=version("locust"),
    )


def _digest() -> str:
    digest = sha256()
    for name, path in sorted(_files().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _files() -> dict[str, Path]:
    """Name → file; the names do not depend on where Loket is installed."""
    files = {name: Path(spec.origin) for name in MODULES if (spec := find_spec(name)) and spec.origin}
    for package in PACKAGES:
        for folder in _folders(package):
            files |= {f"{package}/{path.relative_to(folder)}": path for path in folder.rglob("*.py")}
    return files


def _folders(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations if spec else None) or ()]
