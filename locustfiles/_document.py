"""The scan that people upload: a whole grey JPEG of eight by eight pixels, padded to the size of a small photo."""

from functools import cache
from struct import pack


@cache
def jpeg(size_bytes: int) -> bytes:
    """A valid baseline JPEG of about `size_bytes`; never less than the 200 or so bytes of the image itself.

    >>> image = jpeg(20_000)
    >>> (image[:3].hex(), image[-2:].hex(), len(image))
    ('ffd8ff', 'ffd9', 20000)
    """
    image = (
        _segment(0xE0, b"JFIF\0" + bytes((1, 1, 0, 0, 1, 0, 1, 0, 0)))
        + _segment(0xDB, b"\0" + bytes([1] * 64))  # quantisation: all ones
        + _segment(0xC0, pack(">BHHB", 8, 8, 8, 1) + bytes((1, 0x11, 0)))  # 8 by 8, one component
        + _segment(0xC4, b"\x00" + bytes([1] + [0] * 15) + b"\0")  # the DC table knows one code, "no difference"
        + _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")  # the AC table knows one, "end of block"
        + _segment(0xDA, bytes((1, 1, 0, 0, 63, 0)))
        + b"\x3f"  # both codes, then ones to fill the byte
    )
    padding = b""
    while (missing := size_bytes - len(image) - len(padding) - 4) > 4:
        padding += _segment(0xFE, bytes(min(missing - 4, 65_000)))  # a comment
    return b"\xff\xd8" + padding + image + b"\xff\xd9"


def _segment(marker: int, content: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(content) + 2) + content
