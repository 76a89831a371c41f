"""The database as it is found at the start: one sentence where it cannot be used, and one set of tables where many
processes come to an empty one at once."""

import io
import multiprocessing
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, inspect, text

from mock_mpaspor.__main__ import main
from mock_mpaspor.defects import Defect, plant
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.store.opening import EXPECTED, DatabaseUnusableError, require_database
from mock_mpaspor.store.schema import METADATA
from tests.service.premises import environment

PROCESSES = 6
PATIENCE_S = 60.0
SECRET = "geheim"


@pytest.mark.parametrize("process", ["serve", "jobs"])
@pytest.mark.parametrize(
    ("url", "shown", "expected"),
    [
        (f"postgresql://u:{SECRET}@127.0.0.1:1/none", "postgresql://u:***@127.0.0.1:1/none", "a PostgreSQL that runs"),
        (f"postgresql://u@127.0.0.1:1/x?password={SECRET}", "postgresql://u@127.0.0.1:1/x ", "a PostgreSQL that runs"),
        ("sqlite:////nowhere/at/all.db", "sqlite:////nowhere/at/all.db", "a file that can be written"),
        (f"mysql://u:{SECRET}@h/x", "mysql://u:***@h/x", EXPECTED),
        (f"postgresql+nodriver://u:{SECRET}@h/x", "postgresql+nodriver://u:***@h/x", EXPECTED),
        (f"postgresql://u:{SECRET}@h:port/x", "no URL", EXPECTED),
        (f"u:{SECRET}@h", "no URL", EXPECTED),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(process: str, url: str, shown: str, expected: str) -> None:
    """What, where without the password, and what was expected; exit code 2, and nothing was started."""
    err = io.StringIO()
    assert main([process, "--port", "1"], environment(url), err) == 2
    (line,) = err.getvalue().splitlines()
    assert line.startswith(f"mock_mpaspor {process}: ")
    assert shown in line
    assert expected in line
    assert SECRET not in line


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """Whatever lies at the path is not overwritten."""
    file = tmp_path / "letter.txt"
    file.write_text("Dear office, " * 100)
    with pytest.raises(DatabaseUnusableError, match="file is not a database"):
        require_database(f"sqlite:///{file}")
    assert file.read_text() == "Dear office, " * 100


@pytest.mark.parametrize("defect", ["M12", "M27", "M29"])
def test_tables_that_keep_other_rules_are_refused(database_url: str, defect: str) -> None:
    """A defect in the tables does not outlive its process unnoticed, nor is it lost on tables that stand."""
    planted, right = plant(Kinds(), [Defect(defect)]).schema, METADATA
    for made, found in ((planted, right), (right, planted)):
        engine = create_engine(database_url)
        METADATA.drop_all(engine)
        engine.dispose()
        require_database(database_url, made)
        require_database(database_url, made)
        with pytest.raises(DatabaseUnusableError, match="unique"):
            require_database(database_url, found)


def test_tables_of_another_version_are_refused(database_url: str) -> None:
    """A column too many or too few is told before anything fails on it."""
    require_database(database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE applications ADD COLUMN shoe_size INTEGER"))
    engine.dispose()
    with pytest.raises(DatabaseUnusableError, match=r"applications: other columns \(shoe_size\)"):
        require_database(database_url)


def test_a_process_says_nothing_but_the_line(tmp_path: Path) -> None:
    """No traceback and no log beside it, also not from a worker."""
    command = [sys.executable, "-m", "mock_mpaspor", "serve", "--port", "1"]
    url = f"sqlite:///{tmp_path / 'no folder' / 'mpaspor.db'}"
    done = subprocess.run(command, env=environment(url), capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def _require(url: str, together: Barrier) -> None:
    together.wait(PATIENCE_S)
    require_database(url)


def test_many_processes_at_an_empty_database_make_its_tables_once(database_url: str) -> None:
    """Whoever comes second finds them made; nobody fails for the others."""
    engine = create_engine(database_url)
    METADATA.drop_all(engine)
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(PROCESSES)
    processes = [spawn.Process(target=_require, args=(database_url, together)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_S)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert set(inspect(engine).get_table_names()) == set(METADATA.tables)
    engine.dispose()


def test_a_user_who_may_not_make_tables_is_told(postgresql_url: str) -> None:
    """The server's own reason stands in the sentence."""
    with psycopg.connect(postgresql_url, autocommit=True) as session:
        session.execute("DROP ROLE IF EXISTS reader")
        session.execute("CREATE ROLE reader LOGIN")
    url = postgresql_url.replace("postgresql://mpaspor@", "postgresql://reader@")
    with pytest.raises(DatabaseUnusableError, match="no schema has been selected to create in"):
        require_database(url, _with_one_more())


def _with_one_more() -> MetaData:
    """Tables of which one is not there yet."""
    more = MetaData()
    Table("one_more", more, Column("id", Integer, primary_key=True))
    return more
