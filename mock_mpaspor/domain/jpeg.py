"""Whether bytes are a picture: decoded by a JPEG decoder and no other, within bounds that no upload can stretch."""

from io import BytesIO

from PIL.JpegImagePlugin import JpegImageFile

# Assumption: the best telephones take fifty million pixels, all in one scan, which a decoder reads line by line.
MOST_PIXELS = 50_000_000
# A picture in several scans is held whole until the last of them, six bytes a pixel, and each is a pass over it. Who
# saves pictures so, saves them for a page: the usual ten scans, and no more pixels than a document needs.
MOST_SCANS = 12
MOST_PIXELS_IN_SCANS = 8_000_000

_SCAN, _END = 0xDA, 0xD9
_FIRST_SCAN = b"\xff\xda"
# After 0xFF: a byte of the data itself, a restart, a filling byte.
_NO_MARKER = frozenset({0x00, 0xFF, *range(0xD0, 0xD8)})
_EXIF, _UNREAD = b"Exif\0", b"exif\0"


def is_jpeg(content: bytes) -> bool:
    """Whether `content` holds a whole JPEG picture that can be decoded.

    >>> is_jpeg(bytes.fromhex("ffd8ffe0")), is_jpeg(b"GIF89a")
    (False, False)
    """
    try:
        # What a camera wrote about itself is of no interest, so that block is made one the decoder skips.
        with JpegImageFile(BytesIO(content.replace(_EXIF, _UNREAD))) as picture:
            # A camera's preview has scans of its own, in blocks of the head: the head ends behind the first real one.
            head = len(content) if picture.fp is None else picture.fp.tell()
            if not _is_decodable(picture, content, content.rfind(_FIRST_SCAN, 0, head)):
                return False
            # At an eighth of the size all of the data is read, for a fraction of the time and the memory.
            picture.draft("L", (1, 1))
            picture.load()
    except (SyntaxError, OSError):
        return False
    return True


def _is_decodable(picture: JpegImageFile, content: bytes, first: int) -> bool:
    """Whether what the decoder would have to do is within bounds; the first scan is at `first`."""
    width, height = picture.size
    if content[first + 4 : first + 5] == bytes([picture.layers]) and not picture.info.get("progressive"):
        return width * height <= MOST_PIXELS
    return width * height <= MOST_PIXELS_IN_SCANS and _scans(content, first) <= MOST_SCANS


def _scans(content: bytes, first: int) -> int:
    """How many scans there are from this one on, at most one more than are read."""
    scans, at = 0, first
    while scans <= MOST_SCANS and 0 <= at < len(content) - 3 and (marker := content[at + 1]) != _END:
        if marker in _NO_MARKER:
            at += 1
        else:
            scans += marker == _SCAN
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        at = content.find(b"\xff", at)
    return scans
