"""Healing is guaranteed: a hundred runs die at random moments, in every way, and traffic says that nothing is left."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median

import pytest

from chaos.control import Network
from chaos.errors import Refused, Unreachable
from chaos.faults import Fault
from loket.run.fault_player import FaultPlayer
from tests.chaos.campaign import Campaign, Death, answered, engine_again
from tests.chaos.conftest import running_engine
from tests.chaos.deaths import Way
from tests.chaos.doomed import LINK, Mistake, Outlived, experiment_of, run

SEED = 20230130
DEATHS = 100
AT_LEAST = 15
AT_ONCE = 6


def drawn_ways(rng: Random) -> list[Way]:
    """A hundred, each way often enough and the rest as it falls, in any order."""
    ways = list(Way) * AT_LEAST
    ways += rng.choices(list(Way), k=DEATHS - len(ways))
    rng.shuffle(ways)
    return ways


@pytest.mark.slow
def test_a_hundred_deaths_at_random_moments_leave_nothing(echo: str, tmp_path: Path) -> None:
    """Whatever stood, whatever was being asked: within two seconds of the lease the link carries as if nothing was.

    Ctrl-C, SIGTERM and an exception heal without the lease. A killed engine's link refuses at once, and the engine that
    takes its place carries nothing of what stood.
    """
    rng = Random(SEED)
    ways = drawn_ways(rng)
    campaigns = [
        Campaign(tmp_path / str(lane), echo, ways[lane::AT_ONCE], Random(rng.random())) for lane in range(AT_ONCE)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        deaths = [death for found in pool.map(Campaign.deaths, campaigns) for death in found]
    assert len(deaths) == DEATHS
    assert min(Counter(death.way for death in deaths)[way] for way in Way) >= AT_LEAST
    # Most of them died while something stood, of each way some: or else nothing was tried.
    stood = Counter(death.way for death in deaths if death.stood)
    assert stood.total() > DEATHS / 2
    assert all(stood[way] for way in Way), stood
    sys.stdout.writelines(f"{line}\n" for line in ["", *told(deaths)])


def told(deaths: Sequence[Death]) -> list[str]:
    """A line for each way: how often, and the seconds from the blow to the first good answer where something stood."""
    lines = []
    for way in Way:
        healed = sorted(death.healed_s for death in deaths if death.way is way and death.stood)
        lines.append(
            f"{way:22}: {sum(death.way is way for death in deaths):3} deaths, {len(healed):3} with a fault under way; "
            f"seconds to the first good answer: {healed[0]:.3f} at least, {median(healed):.3f} in the middle, "
            f"{healed[int(len(healed) * 0.9)]:.3f} for nine of ten, {healed[-1]:.3f} at most"
        )
    return lines


def test_an_error_while_the_faults_are_begun_heals_them_too(
    own_engine: tuple[str, subprocess.Popen[bytes]],
    echo: str,
    tmp_path: Path,
    until: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was begun before something else could not be started is taken back, though its lease has a minute left."""
    stage = Outlived(Network(own_engine[0], "run", lease_ttl_s=60), echo)
    start = FaultPlayer.start

    def start_and_fail(player: FaultPlayer) -> None:
        start(player)
        until(lambda: bool(player.active()))
        assert not answered(stage.link)
        raise Mistake

    monkeypatch.setattr(FaultPlayer, "start", start_and_fail)
    silence = {"name": "silence", "link": LINK, "at": "0s", "for": "1m", "timeout": {}}
    with pytest.raises(Mistake):
        run(tmp_path / "run", experiment_of(echo, [silence]), stage)
    assert answered(stage.link)


def test_an_engine_in_the_place_of_a_dead_one_knows_nothing_of_its_faults(
    own_engine: tuple[str, subprocess.Popen[bytes]], echo: str, tmp_path: Path, make_fault: Callable[..., Fault]
) -> None:
    """It carries what its config file says; whoever held faults on the dead one is told so at the next change."""
    url, engine = own_engine
    port = url.rpartition(":")[2]
    network = Network(url, "run")
    link = network.open_link(LINK, echo)
    silence, more = make_fault(name="silence", link=LINK), make_fault(name="more", link=LINK)
    network.apply(silence)
    assert not answered(link)
    engine.kill()
    engine.wait()
    with pytest.raises(Unreachable, match=f"^no fault engine answers at {url}: connection refused$") as dead:
        network.apply(more)
    assert dead.value.definite
    with running_engine(tmp_path, "--port", port), pytest.raises(Refused, match=r"refused \(404\): proxy not found"):
        network.apply(more)
    with engine_again(tmp_path, int(port), link, echo):
        assert answered(link)
        assert network.lost() == ["silence"]
        assert not network.renew()
        network.heal(silence)
        assert network.lost() == []
