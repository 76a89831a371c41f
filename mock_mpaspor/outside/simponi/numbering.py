"""Reference numbers that are unique because of how they are made, not because they were checked."""

from dataclasses import dataclass
from math import gcd

DIGITS = "0123456789"
ALPHANUMERICS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Numbering:
    """Turns 1, 2, 3, … into fixed-length numbers that look random, no two alike.

    n ↦ (n · stride + offset) mod size is one-to-one while stride and size share no factor; the offset keeps
    the numbers of two books apart.

    >>> codes = Numbering(DIGITS, length=14, offset=7, prefix="8")
    >>> codes.nth(1), codes.nth(2)
    ('861803398874996', '823606797749985')
    """

    alphabet: str
    length: int
    offset: int
    prefix: str = ""

    @property
    def size(self) -> int:
        return int(len(self.alphabet) ** self.length)

    def nth(self, n: int) -> str:
        """The n-th number, for 1 ≤ n ≤ size."""
        value = (n * _stride(self.size) + self.offset) % self.size
        symbols = []
        for _ in range(self.length):
            value, symbol = divmod(value, len(self.alphabet))
            symbols.append(self.alphabet[symbol])
        return self.prefix + "".join(reversed(symbols))


def _stride(size: int) -> int:
    """The first number from the golden section of `size` on that shares no factor with it: neighbours lie far apart."""
    stride = size * 61803398874989 // 10**14
    while gcd(stride, size) != 1:
        stride += 1
    return stride
