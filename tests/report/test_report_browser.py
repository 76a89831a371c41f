"""The page in a real browser, opened from disk: it draws its charts, says what the run says, and asks nobody."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from loket.report.page import write_report
from loket.run_directory import RunDirectory
from loket.verdict import Verdict

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="chromium and chromedriver are not both on PATH"),
]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRAWN_WITHIN_S = 60
INKED = """
    const inked = (canvas) => {
        const {width, height} = canvas;
        if (!width || !height) return false;
        return canvas.getContext("2d").getImageData(0, 0, width, height).data.some((value) => value !== 0);
    };
    const canvases = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
        [...(each.tagName === "CANVAS" ? [each] : []), ...(each.shadowRoot ? canvases(each.shadowRoot) : [])]);
    return Object.fromEntries([...document.querySelectorAll("[data-chart]")].map(
        (chart) => [chart.dataset.chart, canvases(chart).some(inked)]));
"""
SPAN = """
    const plot = Bokeh.documents[0].roots()[0];
    return [plot.x_range.start, plot.x_range.end];
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Chromium without a network, its log of requests and messages kept."""
    options = Options()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Chrome) -> Callable[[Path], Chrome]:
    """Opens a page and waits until its charts are drawn; earlier log entries are gone."""

    def open_page(path: Path) -> Chrome:
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(path.as_uri())
        WebDriverWait(browser, DRAWN_WITHIN_S).until(
            lambda driver: driver.execute_script("return document.documentElement.dataset.charts") == "ready"
        )
        return browser

    return open_page


def _errors(driver: Chrome) -> list[str]:
    """Warnings and errors of the console; `rendering` is the browser's hint on how this test reads the canvases."""
    entries = [entry for entry in driver.get_log("browser") if entry["source"] != "rendering"]
    return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]


def _requested(driver: Chrome) -> set[str]:
    """Schemes of all that the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return {url.split(":", 1)[0] for url in sent}


def _inked(driver: Chrome) -> dict[str, bool]:
    """Whether each chart has drawn anything, by its name."""
    WebDriverWait(driver, DRAWN_WITHIN_S).until(lambda waiting: all(waiting.execute_script(INKED).values()))
    return driver.execute_script(INKED)


def test_the_page_draws_its_charts_and_asks_nobody(opened: Callable[[Path], Chrome], wrong_report: Path) -> None:
    """Every chart has ink, the console is silent, and no request left for anything but a file or data."""
    driver = opened(wrong_report)
    charts = _inked(driver)
    assert {"outcomes", "places", "codes", "strain.late", "strain.cpu", "latency.hold_slot"} <= set(charts)
    assert all(charts.values())
    assert _errors(driver) == []
    assert _requested(driver) <= {"file", "data"}


def test_the_figures_in_the_browser_are_those_of_the_run(opened: Callable[[Path], Chrome], wrong_report: Path) -> None:
    """What is read off the rendered page equals the run's verdict."""
    verdict = msgspec.json.decode((wrong_report.parent / "verdict.json").read_bytes(), type=Verdict)
    driver = opened(wrong_report)
    read = driver.execute_script("""
        const number = (name) => Number(document.querySelector(`[data-figure="${name}"]`).dataset.value);
        return {
            verdict: document.querySelector("main").dataset.verdict,
            shown: document.querySelector(".word").lastChild.textContent.trim(),
            exit_code: Number(document.querySelector("main").dataset.exitCode),
            people: number("people"),
            missing: number("billing_code.missing"),
            gates: [...document.querySelectorAll("[data-gate]")].map((gate) => gate.dataset.gateVerdict),
        };
    """)
    assert read == {
        "verdict": verdict.verdict.value,
        "shown": verdict.verdict.value,
        "exit_code": verdict.exit_code,
        "people": sum(verdict.outcomes.values()),
        "missing": len(verdict.missing_codes),
        "gates": [gate.verdict.value for gate in verdict.gates],
    }


def test_one_button_zooms_every_chart(opened: Callable[[Path], Chrome], wrong_report: Path) -> None:
    """The charts share one range: showing the fault shows it everywhere, and the whole run comes back."""
    driver = opened(wrong_report)
    whole = driver.execute_script(SPAN)
    driver.execute_script("document.querySelector('.zoom button:last-of-type').click()")
    assert driver.execute_script(SPAN) == pytest.approx([20.013, 44.021])
    shared = driver.execute_script("return new Set(Bokeh.documents[0].roots().map((plot) => plot.x_range)).size")
    assert shared == 1
    driver.execute_script("document.querySelector('.zoom button').click()")
    assert driver.execute_script(SPAN) == whole


def test_a_key_hides_and_shows_its_marks(opened: Callable[[Path], Chrome], wrong_report: Path) -> None:
    """The button says whether its marks are shown, and the plot follows."""
    driver = opened(wrong_report)
    visible = "return Bokeh.documents[0].roots().flatMap((plot) => plot.renderers)" + (
        ".filter((mark) => mark.name === 'paid').map((mark) => mark.visible)"
    )
    press = "const b = document.querySelector('[data-series=paid]'); b.click(); return b.getAttribute('aria-pressed')"
    assert driver.execute_script(press) == "false"
    assert driver.execute_script(visible) == [False]
    assert driver.execute_script(press) == "true"
    assert driver.execute_script(visible) == [True]


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_the_page_fits_its_window(opened: Callable[[Path], Chrome], wrong_report: Path, width: int) -> None:
    """From a telephone to a wide screen nothing sticks out to the side."""
    driver = opened(wrong_report)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        fits = "const page = document.documentElement; return page.scrollWidth <= page.clientWidth"
        WebDriverWait(driver, DRAWN_WITHIN_S).until(lambda waiting: waiting.execute_script(fits))
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_half_a_run_draws_what_it_has(opened: Callable[[Path], Chrome], interrupted_run: RunDirectory) -> None:
    """A page made of half-written files is drawn without a complaint in the console."""
    driver = opened(write_report(interrupted_run))
    assert all(_inked(driver).values())
    assert _errors(driver) == []


def test_a_hostile_name_does_nothing(opened: Callable[[Path], Chrome], altered: Callable[..., RunDirectory]) -> None:
    """A name that is a script stays a name, in the page and on the charts."""
    attack = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    verdict = msgspec.json.decode(altered().verdict.read_bytes(), type=Verdict)
    fault = msgspec.structs.replace(verdict.faults[0], fault=attack)
    driver = opened(write_report(altered(title=attack, sentences=(attack,), faults=(fault,))))
    assert all(_inked(driver).values())
    assert driver.title == f"Wrong: {attack}"
    assert driver.execute_script("return document.images.length") == 0
    assert _errors(driver) == []
