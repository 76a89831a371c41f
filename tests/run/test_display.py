"""What the terminal shows: plain lines in a pipe, and no trouble with readers who leave."""

import io
import os

import pytest

from loket.run.display import Display, Terminal


def test_a_pipe_gets_plain_lines_without_escape_codes() -> None:
    """One line now and then, as it is, brackets and all."""
    out = io.StringIO()
    display = Display(Terminal(file=out, highlight=False), clock=lambda: 100.0)
    display.tell("[bold]title[/bold]")
    display.show("rush", "first")
    display.show("rush", "too soon after it")
    display.show("healing the network")
    display.close()
    assert out.getvalue() == "[bold]title[/bold]\nfirst\nhealing the network\n"


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal with NO_COLOR set no colour is sent."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    display = Display(Terminal(file=out, highlight=False, force_terminal=True))
    display.show("starting")
    display.close()
    assert "starting" in out.getvalue()
    assert "\x1b[3" not in out.getvalue()


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that cannot move its cursor is written to as a pipe is."""
    monkeypatch.setenv("TERM", "dumb")
    out = io.StringIO()
    display = Display(Terminal(file=out, highlight=False, force_terminal=True))
    display.show("starting")
    assert out.getvalue() == "starting\n"


def test_a_reader_who_left_does_not_stop_the_run() -> None:
    """`2>&1 | head -1`: the lines after it go nowhere, and nothing is raised."""
    reading, writing = os.pipe()
    os.close(reading)
    with io.TextIOWrapper(io.FileIO(writing, "w"), write_through=True) as pipe:
        display = Display(Terminal(file=pipe, highlight=False))
        display.tell("nobody reads this")
        display.tell("nor this")
