"""Whether bytes are a picture: decoded by a JPEG decoder and no other, within bounds that no upload can stretch."""

from io import BytesIO

from PIL.JpegImagePlugin import JpegImageFile

# Assumption: the best telephones take fifty million pixels.
MOST_PIXELS = 50_000_000
# A progressive picture has about ten scans, and each costs a pass over all pixels.
MOST_SCANS = 40

_SCAN = b"\xff\xda"
_EXIF, _UNREAD = b"Exif\0", b"exif\0"


def is_jpeg(content: bytes) -> bool:
    """Whether `content` holds a whole JPEG picture that can be decoded.

    >>> is_jpeg(bytes.fromhex("ffd8ffe0")), is_jpeg(b"GIF89a")
    (False, False)
    """
    if content.count(_SCAN) > MOST_SCANS:
        return False
    try:
        # What a camera wrote about itself is of no interest, so that block is made one the decoder skips.
        with JpegImageFile(BytesIO(content.replace(_EXIF, _UNREAD))) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return False
            # At an eighth of the size all of the data is read, for a fraction of the time and the memory.
            picture.draft("L", (1, 1))
            picture.load()
    except (SyntaxError, OSError):
        return False
    return True
