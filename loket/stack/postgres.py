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
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psycopg

from loket.stack.keeper import Keeper

USER = "mpaspor"
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


class PostgresError(Exception):
    """There is no PostgreSQL here that starts; one sentence."""


class _Owner(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


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


class Postgres:
    """A running server; `stop` ends it and removes its folder. A runner that vanishes takes it along."""

    def __init__(self, programs: Programs, settings: Mapping[str, str] = SETTINGS, port: int | None = None) -> None:
        """Raises PostgresError, with nothing left behind."""
        self.folder = Path(tempfile.mkdtemp(prefix="loket-postgres-"))
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = Keeper(self.folder / "keeper.log")
        try:
            owner = self._own_folder()
            self._run([programs.initdb, *_INITDB, "-D", self.folder / "data"], owner)
            self._process = self._start(programs, settings, owner)
            self._keeper.watch(self._process.pid)
            self._await()
        except BaseException:
            self.stop()
            raise

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of one of its databases."""
        if self.port is not None:
            return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    @property
    def pid(self) -> int:
        """The server's first process."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """End every session, then the server, then its folder."""
        if self._process is not None:
            # A fast shutdown: sessions are ended, not waited for.
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._keeper.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own_folder(self) -> _Owner:
        if os.geteuid() != 0:
            return {}
        for name in UNPRIVILEGED:
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        raise PostgresError("PostgreSQL does not run as root, and there is no user with fewer rights")

    def _run(self, command: list[str | Path], owner: _Owner) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder, **owner)
        if done.returncode:
            raise PostgresError(f"initdb failed: {_last_line(done.stderr)}")

    def _start(self, programs: Programs, settings: Mapping[str, str], owner: _Owner) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [programs.postgres, "-D", self.folder / "data", "-k", self.folder]
        command += ["-h", "127.0.0.1" if self.port is not None else "", "-p", str(self.port or 5432)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C is for the runner, which ends the server when nobody needs it any more.
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **owner)

    def _await(self) -> None:
        assert self._process is not None
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline_s:
                    raise PostgresError(f"PostgreSQL did not start: {_last_line(self._log.read_text())}") from None
                time.sleep(0.02)
            else:
                return

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"


_INITDB = ("--no-sync", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-locale")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
