"""The words of the gate language, each with the place where it stands, so that an error can point at it."""

import re
from dataclasses import dataclass
from enum import StrEnum


class GateError(ValueError):
    """A gate that cannot be read: what is wrong, and at which character (from 0) of its text."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset
        self.message = message

    @property
    def pointer(self) -> str:
        """The gate, and below it a caret under the character."""
        return f"{self.text}\n{' ' * self.offset}^"


class Kind(StrEnum):
    """Kinds of words; the value is how a message calls one."""

    PERCENTILE = "a percentile"
    NAME = "a name"
    NUMBER = "a number"
    RANGE = "'..'"
    OPERATOR = "a comparison"
    SIGN = "a sign"
    END = "the end"


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    offset: int

    def __str__(self) -> str:
        return "the end of the gate" if self.kind is Kind.END else f"'{self.text}'"


_WORD = re.compile(
    r"""(?P<PERCENTILE>p\d+(?:\.\d+)?(?![\w]))
      | (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<NUMBER>\d+(?:\.\d+)?)
      | (?P<RANGE>\.\.)
      | (?P<OPERATOR>[<>=!]+)
      | (?P<SIGN>[.()\[\]%/-])
      | (?P<SPACE>[ \t]+)""",
    re.VERBOSE | re.ASCII,
)


def tokenize(text: str) -> list[Token]:
    """The words of `text` and an END after them. Raises GateError at the first character of no word."""
    tokens = []
    offset = 0
    while offset < len(text):
        word = _WORD.match(text, offset)
        if word is None:
            raise GateError(text, offset, f"{text[offset]!r} is not part of the gate language")
        if word.lastgroup != "SPACE":
            tokens.append(Token(Kind[str(word.lastgroup)], word.group(), offset))
        offset = word.end()
    tokens.append(Token(Kind.END, "", len(text.rstrip())))
    return tokens
