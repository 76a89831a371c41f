"""Reads a gate: `hold_slot.p95[rush] < 800ms`, `billing_code.missing == 0`, `recovery(simponi_slow) < 30s`.

gate    = figure comparison number [unit]
figure  = "recovery" "(" fault ")" | step ["." measure] "." stat [window] | "billing_code" ".wait." stat [window] | …
window  = "[" (name | time ".." time) "]"
"""

from collections.abc import Iterable
from decimal import Decimal

from loket.gate.threshold import (
    OPERATORS,
    UNITS,
    WHOLE_STEP,
    CodeWait,
    Dimension,
    Gate,
    Measure,
    MissingCodes,
    NamedWindow,
    Percentile,
    Recovery,
    Stat,
    StepFigure,
    Subject,
    TimeWindow,
    Unit,
    Window,
)
from loket.gate.tokens import GateError, Kind, Token, tokenize
from loket.gate.vocabulary import FAULT_WINDOWS, SYNONYMS, Vocabulary, listing, suggestion

_LOWEST_RANK, _HIGHEST_RANK = Decimal(50), Decimal("99.9")
_STATS = tuple(stat.value for stat in Stat)
_LATENCIES = (Stat.MEAN, Stat.MAX)
_EXAMPLE_UNIT = {Dimension.TIME: "ms or s", Dimension.SHARE: "% or nothing", Dimension.RATE: "/s"}


def parse(text: str, vocabulary: Vocabulary) -> Gate:
    """The gate that `text` says. Raises GateError, which points at the character that cannot be right."""
    return _Reader(text, vocabulary).gate()


class _Reader:
    """Goes through the words of one gate from left to right, one word ahead."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self._tokens = tokenize(text)
        self._next = 0

    def gate(self) -> Gate:
        subject = self._subject()
        comparison = self._operator()
        number = self._take(Kind.NUMBER, "a number")
        unit = self._unit(subject.dimension)
        if self._ahead.kind is not Kind.END:
            raise self._error(self._ahead, f"found {self._ahead} after the end of the gate")
        return Gate(subject, comparison, Decimal(number.text), unit, text=self._text)

    def _subject(self) -> Subject:
        name = self._take(Kind.NAME, f"a step, '{WHOLE_STEP}' or 'recovery(…)'")
        if name.text == "recovery" and self._at("("):
            return self._recovery()
        self._known(name, (*self._vocabulary.steps, WHOLE_STEP), "step")
        self._sign(".", "'.' and a statistic")
        if name.text == "billing_code" and self._ahead.text == "missing":
            self._advance()
            if self._at("["):
                raise self._error(self._ahead, "billing_code.missing is counted over the whole run, without a window")
            return MissingCodes()
        if name.text == "billing_code" and self._ahead.text == "wait":
            self._advance()
            self._sign(".", "'.' and a statistic of the wait")
            return CodeWait(self._latency("billing_code.wait"), self._window())
        return self._step_figure(name.text)

    def _step_figure(self, step: str) -> StepFigure:
        if self._ahead.text in tuple(Measure):
            measure = Measure(self._advance().text)
            self._sign(".", "'.' and a statistic")
            return StepFigure(step, self._latency(f"{step}.{measure}"), measure, self._window())
        return StepFigure(step, self._stat(), Measure.RESPONSE, self._window())

    def _recovery(self) -> Recovery:
        self._sign("(", "'('")
        name = self._take(Kind.NAME, "the name of a fault")
        self._known(name, self._vocabulary.faults, "fault")
        self._sign(")", "')'")
        return Recovery(name.text)

    def _stat(self) -> Percentile | Stat:
        word = self._advance()
        if word.kind is Kind.PERCENTILE:
            rank = Decimal(word.text[1:])
            if not _LOWEST_RANK <= rank <= _HIGHEST_RANK:
                raise self._error(word, f"{word} is not a percentile from p50 to p99.9")
            return Percentile(rank)
        if word.text not in _STATS:
            known = ("p50 … p99.9", *_STATS)
            hint = suggestion(word.text, _STATS)
            raise self._error(word, f"{word} is no statistic; known are {listing(known)}{hint}")
        return Stat(word.text)

    def _latency(self, of: str) -> Percentile | Stat:
        word = self._ahead
        stat = self._stat()
        if isinstance(stat, Stat) and stat not in _LATENCIES:
            raise self._error(word, f"{of} is a time and has percentiles, mean and max, but no {stat}")
        return stat

    def _window(self) -> Window | None:
        if not self._at("["):
            return None
        self._advance()
        window: Window = self._times() if self._ahead.kind is Kind.NUMBER else self._named_window()
        self._sign("]", "']'")
        return window

    def _named_window(self) -> NamedWindow:
        name = self._take(Kind.NAME, "a window")
        if name.text in FAULT_WINDOWS and not self._vocabulary.faults:
            raise self._error(name, f"the window '{name.text}' needs a fault, and this experiment has none")
        self._known(name, self._vocabulary.windows, "window")
        return NamedWindow(SYNONYMS.get(name.text, name.text))

    def _times(self) -> TimeWindow:
        first = self._ahead
        start_s = self._time()
        self._take(Kind.RANGE, "'..' and the end of the window")
        end_s = self._time()
        if start_s >= end_s:
            raise self._error(first, "the window ends before it begins")
        if start_s >= self._vocabulary.ends_s:
            ends = f"{self._vocabulary.ends_s:g}s"
            raise self._error(first, f"the window begins after the run's load has ended ({ends})")
        return TimeWindow(start_s, end_s)

    def _time(self) -> Decimal:
        number = self._take(Kind.NUMBER, "a time such as 10s")
        unit = self._unit(Dimension.TIME)
        return Decimal(number.text) * unit.worth

    def _operator(self) -> str:
        word = self._take(Kind.OPERATOR, f"a comparison ({' '.join(OPERATORS)})")
        if word.text not in OPERATORS:
            raise self._error(word, f"{word} is no comparison; known are {' '.join(OPERATORS)}")
        return word.text

    def _unit(self, dimension: Dimension) -> Unit:
        """The unit after a number, and no unit where no word of a unit follows."""
        word = self._ahead
        text = ""
        if word.kind is Kind.NAME or self._at("%"):
            text = self._advance().text
        elif self._at("/"):
            self._advance()
            text = f"/{self._take(Kind.NAME, 's').text}"
        unit = UNITS.get(text)
        if unit is None or dimension not in unit.dimensions:
            found = f"found '{text}'" if text else "found no unit"
            expected = _EXAMPLE_UNIT.get(dimension, "no unit")
            raise self._error(word, f"{found}, but {dimension} takes {expected}")
        return unit

    @property
    def _ahead(self) -> Token:
        return self._tokens[self._next]

    def _at(self, sign: str) -> bool:
        return self._ahead.kind is Kind.SIGN and self._ahead.text == sign

    def _advance(self) -> Token:
        token = self._ahead
        if token.kind is not Kind.END:
            self._next += 1
        return token

    def _take(self, kind: Kind, expected: str) -> Token:
        if self._ahead.kind is not kind:
            raise self._error(self._ahead, f"found {self._ahead}, expected {expected}")
        return self._advance()

    def _sign(self, sign: str, expected: str) -> None:
        if not self._at(sign):
            raise self._error(self._ahead, f"found {self._ahead}, expected {expected}")
        self._advance()

    def _known(self, word: Token, known: Iterable[str], what: str) -> None:
        names = tuple(known)
        if word.text not in names:
            hint = suggestion(word.text, names)
            raise self._error(word, f"{word} is no {what}; known are {listing(names)}{hint}")

    def _error(self, token: Token, message: str) -> GateError:
        return GateError(self._text, token.offset, message)
