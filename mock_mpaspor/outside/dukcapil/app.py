"""Dukcapil over HTTP: one question, answered after as long as the registry takes."""

from datetime import date
from random import Random

import msgspec
from flask import Flask, Response
from prometheus_client import CollectorRegistry, Counter

from mock_mpaspor.outside.clock import Clock
from mock_mpaspor.outside.dukcapil.nik import Sex
from mock_mpaspor.outside.dukcapil.registry import Finding, Identity, Mismatch, Shares, look_up
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.front import answer, open_front, read_body
from mock_mpaspor.outside.settings import DukcapilSettings
from mock_mpaspor.outside.system import System

NAME = "dukcapil"


class Question(msgspec.Struct, frozen=True):
    nik: str
    name: str
    birth_date: date
    sex: Sex


class Confirmation(msgspec.Struct, frozen=True, omit_defaults=True):
    match: bool
    reason: Mismatch | None = None


def create_app(settings: DukcapilSettings, clock: Clock, rng: Random) -> Flask:
    """The registry's app; `rng` draws which calls fail, `clock` waits out the latency in the request's thread."""
    registry = CollectorRegistry()
    app = open_front(NAME, settings.front, registry)
    results = Counter("dukcapil_verifications", "Verifications by result.", ["result"], registry=registry)

    @app.post("/verify")
    def verify() -> Response:
        finding = _find(read_body(Question), settings)
        clock.sleep(finding.latency_s)
        if rng.random() < settings.error_share:
            results.labels("error").inc()
            raise Refusal(Code.REGISTRY_FAILED)
        results.labels(finding.reason or "match").inc()
        return answer(Confirmation(finding.reason is None, finding.reason))

    return app


def open_system(settings: DukcapilSettings, clock: Clock, rng: Random) -> System:
    return System(create_app(settings, clock, rng))


def _find(question: Question, settings: DukcapilSettings) -> Finding:
    identity = Identity(question.nik, question.birth_date, question.sex)
    shares = Shares(settings.not_found_share, settings.mismatch_share, settings.blocked_share)
    return look_up(identity, shares, settings.median_ms / 1000, settings.seed)
