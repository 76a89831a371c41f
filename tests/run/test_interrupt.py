"""Ctrl-C as a question: answered on the error stream, whoever is writing there just then."""

import os
import signal

import pytest

from loket.run.interrupt import Interrupt


def test_each_signal_is_answered_and_the_first_is_remembered(capfd: pytest.CaptureFixture[str]) -> None:
    """The first says what is done about it, the next that it is still being done."""
    with Interrupt("healing") as interrupt:
        assert not interrupt.requested()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.wait(0)
    assert interrupt.by == "SIGTERM"
    assert capfd.readouterr().err == "SIGTERM: healing\nstill healing\n"


def test_an_error_stream_that_is_gone_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal is noted although nobody can be told."""

    def gone(descriptor: int, content: bytes) -> int:
        raise BrokenPipeError

    with Interrupt("healing") as interrupt:
        monkeypatch.setattr(os, "write", gone)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.requested()
