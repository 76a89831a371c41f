"""A run whose service keeps its books in a PostgreSQL that the run starts, behind a link of its own."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loket.experiment import Experiment
from loket.run.staging import require_programs
from loket.stack import postgres
from tests.run.conftest import TINY

pytestmark = pytest.mark.slow
ON_POSTGRESQL = TINY.replace("service: {", "service: {database: postgresql, ")
CUT_OFF = "  - {name: cut, link: database, at: opens+500ms, for: 1s, down: true}\n"


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for clusters, of a short name: a socket's path may have 107 characters. Other users may look into it."""
    with tempfile.TemporaryDirectory(prefix="lk-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def programs() -> postgres.Programs:
    """Skips where there is no PostgreSQL."""
    try:
        return postgres.find_programs(os.environ)
    except postgres.PostgresError as error:
        pytest.skip(str(error))


def test_the_books_are_kept_in_postgresql_and_survive_being_cut_off(programs, start, tiny, short: Path) -> None:
    """The fault touches the service (or the run were invalid) and breaks no invariant; the cluster's folder is gone."""
    run = start(tiny(ON_POSTGRESQL + CUT_OFF), environ={"TMPDIR": str(short)})
    code = run.end()
    assert code in (0, 1), run.out.read_text()
    assert not (run.root / "state" / "mpaspor.db").exists()
    assert "database system is ready" in (run.root / "logs" / "postgresql.log").read_text()
    held = [row for row in _rows(run.root / "events.ndjson") if row["type"] == "held"]
    assert len(held) >= 6
    assert list(short.iterdir()) == []
    run.assert_whole()


def test_a_machine_without_postgresql_is_told_before_anything_starts(
    tiny: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs that are neither on PATH nor where Debian keeps them are not there."""
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    experiment = Experiment.read(tiny(ON_POSTGRESQL))
    with pytest.raises(postgres.PostgresError, match="not on this machine"):
        require_programs(experiment, {"PATH": str(tmp_path)})
    require_programs(Experiment.read(tiny(TINY)), {"PATH": str(tmp_path)})


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
