"""docs/toxiproxy-compatibility.md says what the tests hold both servers to, and nothing else."""

from tests.conformance.document import DOCUMENT, document


def test_the_document_is_what_the_catalogue_makes_of_it():
    """Whoever adds a behaviour or an exchange makes the page anew: python -m tests.conformance.document."""
    assert DOCUMENT.read_text(encoding="utf-8") == document()
