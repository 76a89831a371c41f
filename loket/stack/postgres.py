"""A PostgreSQL of our own: its programs found, a cluster in a temporary folder, and nothing of it left at the end.

It listens on a Unix socket in that folder alone, or on a port of loopback too, and trusts whoever gets there. `initdb`
refuses root: then the cluster belongs to, and runs as, a user with fewer rights.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from loket.stack.keeper import Keeper
from loket.stack.part import Owner, Part, Recipe, StackError, as_owner, await_ready

NAME = "postgresql"
USER = "mpaspor"
DATABASE = "postgres"
PATIENCE_S = 60.0
# Debian keeps the server's programs off PATH, one folder a version.
DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")

# A cluster that lives for one session has nothing to lose in a power cut.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "1h",
}


class PostgresError(StackError):
    """There is no PostgreSQL here of which a cluster can be made; one sentence."""


@dataclass(frozen=True)
class Programs:
    """What a cluster needs."""

    initdb: Path
    postgres: Path


def find_programs(environ: Mapping[str, str]) -> Programs:
    """The server's programs: on PATH, where pg_config says, or where Debian keeps them. Raises PostgresError."""
    path = environ.get("PATH", os.defpath)
    folders = [*path.split(os.pathsep), *_configured(path)]
    folders += [str(folder / "bin") for folder in sorted(DEBIAN.glob("*"), key=_version, reverse=True)]
    for folder in folders:
        # Both from one folder: programs of two versions do not work together.
        initdb, postgres = (shutil.which(name, path=folder) for name in ("initdb", "postgres"))
        if initdb and postgres:
            return Programs(Path(initdb).resolve(), Path(postgres).resolve())
    raise PostgresError("PostgreSQL's programs initdb and postgres are not on this machine")


def _configured(path: str) -> list[str]:
    pg_config = shutil.which("pg_config", path=path)
    if pg_config is None:
        return []
    found = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
    return [found.stdout.strip()] if found.returncode == 0 else []


def _version(folder: Path) -> int:
    return int(folder.name) if folder.name.isdigit() else 0


class Cluster:
    """The folder of a cluster, ready to be served by the part that `recipe` starts; `remove` takes it away."""

    def __init__(self, programs: Programs, settings: Mapping[str, str] = SETTINGS, port: int | None = None) -> None:
        """Raises PostgresError, with nothing left behind."""
        self.folder = Path(tempfile.mkdtemp(prefix="loket-postgres-"))
        self.port = port
        self._programs = programs
        self._settings = settings
        try:
            self._owner = self._own_folder()
            self._make()
        except BaseException:
            self.remove()
            raise

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of one of its databases."""
        if self.port is not None:
            return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def recipe(self) -> Recipe:
        """Its server. A stop is a fast one: sessions are ended, not waited for."""
        argv = [str(self._programs.postgres), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        argv += ["-h", "127.0.0.1" if self.port is not None else "", "-p", str(self.port or 5432)]
        for name, value in self._settings.items():
            argv += ["-c", f"{name}={value}"]
        return Recipe(NAME, argv, ready=self._answers, stop_signal=signal.SIGINT, folder=self.folder, owner=self._owner)

    def remove(self) -> None:
        """The server must have ended."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own_folder(self) -> Owner | None:
        if os.geteuid() != 0:
            return None
        for name in UNPRIVILEGED:
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            return Owner(user.pw_uid, user.pw_gid)
        raise PostgresError("PostgreSQL does not run as root, and there is no user with fewer rights")

    def _make(self) -> None:
        command: list[str | Path] = [self._programs.initdb, *_INITDB, "-D", self.folder / "data"]
        owner = as_owner(self._owner)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder, **owner)
        if done.returncode:
            raise PostgresError(f"initdb failed: {_last_line(done.stderr)}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


class Postgres:
    """A running server of a cluster of its own; `stop` ends both. A runner that vanishes takes the server along."""

    def __init__(self, programs: Programs, settings: Mapping[str, str] = SETTINGS, port: int | None = None) -> None:
        """Raises StackError, with nothing left behind."""
        self._cluster = Cluster(programs, settings, port)
        self.folder, self.port, self.url = self._cluster.folder, port, self._cluster.url
        self._keeper = Keeper(self.folder / "keeper.log")
        self._part = Part(self._cluster.recipe(), self.folder / "server.log", self._keeper)
        try:
            self._part.start()
            await_ready([self._part], PATIENCE_S, lambda: False)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The server's first process."""
        return self._part.pid

    def stop(self) -> None:
        """End every session, then the server, then its folder."""
        self._part.stop(PATIENCE_S)
        self._keeper.dismiss()
        self._cluster.remove()


_INITDB = ("--no-sync", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-locale")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
