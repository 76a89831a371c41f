"""A form with a document in it (multipart/form-data, RFC 7578), whose document is sent from where it lies.

A crowd sends the same scan thousands of times: to copy it into each request would cost more than the request itself.
"""

from collections.abc import Mapping
from typing import NamedTuple

BOUNDARY = "loket-form"


class Document(NamedTuple):
    """A file as a browser would send it: the field it is for, its name, its type, and the bytes."""

    field: str
    filename: str
    content_type: str
    content: bytes


class Form(NamedTuple):
    """A body ready for a `Call`: its `content_type`, its `body`, and the `rest` that follows."""

    content_type: str
    body: bytes
    rest: tuple[bytes, ...]


def form(document: Document, fields: Mapping[str, str] = {}) -> Form:
    """The form of these fields and the document, in this order. Raises ValueError for a name that no form can carry.

    >>> form(Document("scan", "ktp.jpg", "image/jpeg", b"..."), {"kind": "ktp"}).content_type
    'multipart/form-data; boundary=loket-form'
    """
    boundary = _absent_from(document.content, *(value.encode() for value in fields.values()))
    parts = [f"--{boundary}\r\n{_about(name)}\r\n\r\n{value}\r\n" for name, value in fields.items()]
    about = f"{_about(document.field)}; filename={_quoted(document.filename)}\r\ncontent-type: {document.content_type}"
    parts.append(f"--{boundary}\r\n{about}\r\n\r\n")
    end = f"\r\n--{boundary}--\r\n".encode()
    return Form(f"multipart/form-data; boundary={boundary}", "".join(parts).encode(), (document.content, end))


def _absent_from(*contents: bytes) -> str:
    """A boundary that stands in none of them."""
    boundary, tries = BOUNDARY, 0
    while any(boundary.encode() in content for content in contents):
        tries += 1
        boundary = f"{BOUNDARY}-{tries}"
    return boundary


def _about(name: str) -> str:
    return f"content-disposition: form-data; name={_quoted(name)}"


def _quoted(name: str) -> str:
    if any(character in name for character in '"\r\n'):
        raise ValueError(f"a form cannot carry the name {name!r}")
    return f'"{name}"'
