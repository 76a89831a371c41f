"""The built-in experiments of chaos/experiments and the scenarios of locustfiles: what can be named without a path."""

from importlib.util import find_spec
from pathlib import Path

from loket.experiment.problems import ExperimentError, Problem
from loket.experiment.source import Source
from loket.gate.vocabulary import listing, suggestion


def built_in() -> dict[str, str]:
    """Name → title of each built-in experiment, sorted by name."""
    return {path.stem: str(Source.read(path).data.get("title", "")) for path in _files()}


def locate(path_or_name: str | Path) -> Path:
    """The file of a built-in experiment, or the path itself where it is one.

    Raises ExperimentError, with the nearest name, for what is neither.
    """
    path = Path(path_or_name)
    files = {file.stem: file for file in _files()}
    if str(path_or_name) in files:
        return files[str(path_or_name)]
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    near = suggestion(str(path_or_name), files)
    known = f"expected a YAML file or a built-in experiment ({listing(files)})"
    raise ExperimentError([Problem(str(path_or_name), f"found no such experiment, {known}{near}")])


def runnable_scenarios() -> tuple[str, ...]:
    """The scenarios that can be run: the files of locustfiles, helpers (`_name.py`) left out; sorted."""
    return tuple(sorted(path.stem for path in _folder("locustfiles").glob("*.py") if not path.stem.startswith("_")))


def _files() -> list[Path]:
    return sorted((_folder("chaos") / "experiments").glob("*.yaml"))


def _folder(package: str) -> Path:
    """Where the package lies; it is found, not imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package} is not installed", name=package)
    return Path(spec.submodule_search_locations[0])
