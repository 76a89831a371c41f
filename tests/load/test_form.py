"""Forms with a document in them."""

from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.load.form import BOUNDARY, Document, form

WORDS = st.text("abc é-", max_size=8)


def parsed(made):
    """As another implementation reads it: field, file name and content of each part."""
    whole = made.body + b"".join(made.rest)
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: " + made.content_type.encode() + b"\r\n\r\n" + whole)
    return [
        (part.get_param("name", header="content-disposition"), part.get_filename(), part.get_payload(decode=True))
        for part in message.iter_parts()
    ]


@given(fields=st.dictionaries(st.sampled_from(["kind", "side"]), WORDS), content=st.binary(max_size=50))
def test_a_form_is_read_back_as_it_was_made(fields, content):
    """By Python's own parser."""
    document = Document("scan", "ktp.jpg", "application/octet-stream", b"\xff" + content + b"\xff")
    wanted = [(name, None, value.encode()) for name, value in fields.items()]
    assert parsed(form(document, fields)) == [*wanted, ("scan", "ktp.jpg", document.content)]


def test_the_document_is_not_copied():
    """The very same object goes to the socket."""
    scan = b"\xff" * 100_000
    assert any(piece is scan for piece in form(Document("scan", "a", "image/jpeg", scan)).rest)


def test_a_document_that_holds_the_boundary_gets_another():
    """Else it would end in the middle."""
    scan = f"\r\n--{BOUNDARY}--\r\n--{BOUNDARY}-1".encode()
    made = form(Document("scan", "a", "application/octet-stream", scan))
    assert parsed(made) == [("scan", "a", scan)]


@pytest.mark.parametrize("name", ['a"b', "a\r\nb"])
def test_a_name_that_would_break_the_form_is_refused(name):
    """Rather than sent as something else."""
    with pytest.raises(ValueError, match="cannot carry"):
        form(Document(name, "a", "image/jpeg", b""))
