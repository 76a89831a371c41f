"""Documents: which ones an application needs, what counts as a picture, and when none is missing any more."""

import threading
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_mpaspor.domain.applications import Kind, Replaced
from mock_mpaspor.domain.documents import PROOFS_OF_BIRTH, DocumentKind, requirements
from mock_mpaspor.domain.jpeg import MOST_PIXELS_IN_SCANS, MOST_SCANS, is_jpeg
from mock_mpaspor.web.parts import EXTENSION
from tests.service.person import JPEG, in_scans, picture
from tests.service.routes import refused

ADULT = ["ktp", "kk"]
MINOR = ["kk", "parent_ktp", "parent_passport", "parent_marriage_book"]
CHILD = {"nik": "9971014203150001", "birth_date": "2015-03-02"}


@pytest.mark.parametrize(
    ("query", "required", "in_person"),
    [
        ("kind=NEW", ADULT, False),
        ("kind=NEW&minor=true", MINOR, False),
        ("kind=REPLACEMENT&replaced=expired", [*ADULT, "old_passport"], False),
        ("kind=REPLACEMENT&replaced=full&minor=false", [*ADULT, "old_passport"], False),
        ("kind=REPLACEMENT&replaced=lost", [*ADULT, "police_report"], True),
        ("kind=REPLACEMENT&replaced=damaged", [*ADULT, "old_passport"], True),
        ("kind=REPLACEMENT&replaced=lost&minor=1", [*MINOR, "police_report"], True),
        ("kind=DATA_CHANGE", [*ADULT, "old_passport"], True),
    ],
)
def test_anybody_may_ask_what_is_needed(service, query, required, in_person):
    """By kind, reason and age, without logging in."""
    answer = service.app.test_client().get(f"/v1/requirements?{query}")
    proofs = ["birth_certificate", "marriage_certificate", "baptism_certificate", "diploma"]
    assert answer.json == {"required": required, "one_of": proofs, "in_person": in_person}


@pytest.mark.parametrize(
    "query", ["", "kind=new", "kind=NEW&replaced=lost", "kind=REPLACEMENT", "kind=NEW&minor=perhaps"]
)
def test_a_question_that_makes_no_sense_is_refused(service, query):
    """No kind, no such kind, a reason out of place or missing, an age that is none."""
    answer = service.app.test_client().get(f"/v1/requirements?{query}")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


@given(
    asked=st.sampled_from([(Kind.NEW, None), (Kind.DATA_CHANGE, None), *[(Kind.REPLACEMENT, r) for r in Replaced]]),
    minor=st.booleans(),
    stored=st.sets(st.sampled_from(DocumentKind)),
)
def test_nothing_is_missing_exactly_when_all_is_there(asked, minor, stored):
    """All of the required and one of the alternatives; what is missing was asked for, and completes the file."""
    needed = requirements(*asked, minor)
    missing = needed.missing(stored)
    complete = set(needed.required) <= stored and bool(stored & set(PROOFS_OF_BIRTH))
    assert (not missing) == complete
    assert not set(missing) & stored
    assert needed.missing({*stored, *missing}) == ()
    assert not (minor and DocumentKind.KTP in needed.required)


def test_an_application_moves_on_once_nothing_is_missing(service):
    """Each upload says what is still missing; the last one completes the file, once."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    steps = [person.upload(application, kind=kind).json for kind in ("kk", "diploma", "ktp", "birth_certificate")]
    assert [(step["state"], step["label"], step["missing"]) for step in steps] == [
        ("NIK_VERIFIED", "Draft", ["ktp", "birth_certificate"]),
        ("NIK_VERIFIED", "Draft", ["ktp"]),
        ("DOCS_UPLOADED", "Draft", []),
        ("DOCS_UPLOADED", "Draft", []),
    ]
    assert len(service.events("document_stored")) == 4
    assert len(service.events("documents_complete")) == 1


def test_a_minor_brings_the_parents_papers(service):
    """An identity card is not asked of a child, and does not help."""
    person = service.person()
    application = person.apply(validity_years=5)
    assert person.identify(application, **CHILD).status_code == 200
    person.upload(application, kind="ktp")
    assert person.missing(application) == [*MINOR, "birth_certificate"]
    person.complete(application)
    assert person.status(application)["state"] == "DOCS_UPLOADED"


def test_the_same_kind_again_replaces_the_first(service):
    """One document of each kind; the list shows the last, with its size and when it came."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    first = person.upload(application).json["document_id"]
    service.clock.pass_s(60)
    larger = picture(64, 64)
    second = person.upload(application, larger).json["document_id"]
    listed = person.call("GET", f"/v1/applications/{application}/documents").json
    assert first != second
    assert listed["documents"] == [
        {
            "document_id": second,
            "kind": "ktp",
            "bytes": len(larger),
            "stored_at": "2025-02-03T09:01:00.000+07:00",
        }
    ]
    assert listed["missing"] == ["kk", "birth_certificate"]


def test_documents_come_after_the_identity_and_before_the_place(service):
    """A draft takes none, nor does an application that holds a place."""
    (slot,) = service.release(places=1)
    person = service.person()
    assert person.upload(person.apply()).json["error"]["code"] == "wrong_state"
    application = person.prepare()
    person.hold(application, slot)
    assert person.upload(application).json["error"]["code"] == "wrong_state"


def test_two_last_documents_at_once_complete_the_file_once(service):
    """Uploads of one application follow each other: none is blind to the other, neither completes it again."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    person.upload(application, kind="kk")
    start = threading.Barrier(2)

    def send(kind):
        start.wait()
        person.upload(application, kind=kind)

    threads = [threading.Thread(target=send, args=(kind,)) for kind in ("ktp", "diploma")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert person.status(application)["state"] == "DOCS_UPLOADED"
    assert len(service.events("documents_complete")) == 1


SCANS = in_scans(16, 16)

NOT_PICTURES = {
    "nothing": b"",
    "text": b"a photo, honestly",
    "another format": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "the ends of one": b"\xff\xd8\xff\xe0 a small picture \xff\xd9",
    "a cut one": picture(64, 64)[:-40],
    "one without its end": picture(64, 64)[:-2],
    "one of which only the head is left": JPEG[: JPEG.index(b"\xff\xda")] + b"\xff\xd9",
    "more pixels than any camera has": JPEG.replace(b"\x00\x10\x00\x10", b"\xff\xdc\xff\xdc"),
    "more scans than any picture has": SCANS[:-2] + SCANS[SCANS.rindex(b"\xff\xda") : -2] * MOST_SCANS + b"\xff\xd9",
    "several scans of more pixels than are kept in memory": in_scans(MOST_PIXELS_IN_SCANS // 1000 + 1, 1000),
}


@pytest.mark.parametrize("content", NOT_PICTURES.values(), ids=NOT_PICTURES)
def test_only_what_can_be_decoded_is_a_picture(service, content):
    """Whatever it is called and however it begins and ends; nothing is stored."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    answer = person.upload(application, content)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "not_a_jpeg")
    assert service.events("document_stored") == []


@pytest.mark.parametrize("mimetype", ["image/png", "application/octet-stream", "text/html", ""])
def test_a_document_says_that_it_is_a_jpeg(service, mimetype):
    """By its media type, before its content is looked at."""
    person = service.person()
    application = person.prepare()
    assert person.upload(application, mimetype=mimetype).status_code == 415


def test_a_document_has_a_largest_size(start):
    """The very limit is taken, one byte more is not."""
    service = start(MPASPOR_DOCUMENT_BYTES=str(len(JPEG)))
    person = service.person()
    application = person.apply()
    person.identify(application)
    assert person.upload(application).status_code == 201
    answer = person.upload(application, JPEG + b"\0")
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")


def test_what_a_camera_adds_does_no_harm():
    """Bytes after the end, and a block about the camera that is broken."""
    broken_exif = b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff"
    assert is_jpeg(JPEG + b"maker's trailer")
    assert is_jpeg(JPEG[:2] + broken_exif + JPEG[2:])


def test_a_picture_may_come_in_scans_and_a_camera_adds_a_preview():
    """What a page would show first coarse, then fine; and a preview's scans, in the head, count for nothing."""
    preview = SCANS * 2
    block = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    assert is_jpeg(SCANS)
    assert is_jpeg(JPEG[:2] + block + JPEG[2:])
    assert is_jpeg(SCANS[:2] + block + SCANS[2:])


def test_a_document_that_is_not_due_is_not_even_read(service):
    """Before the identity is known the answer does not depend on what was sent."""
    person = service.person()
    application = person.apply()
    assert refused(person.upload(application, b"no picture")) == (409, "wrong_state")


def test_two_pictures_are_decoded_at_once_and_the_next_waits_its_turn(service):
    """Whoever waits too long is told so, and may come again."""
    person = service.person()
    application = person.apply()
    person.identify(application)
    decoders = service.app.extensions[EXTENSION].entrances.decoders
    with decoders.place():
        assert person.upload(application).status_code == 201
        with decoders.place():
            assert refused(person.upload(application)) == (503, "busy")
    assert person.upload(application).status_code == 201


@given(seed=st.integers(0, 2**32))
def test_any_bytes_are_a_picture_or_not(seed):
    """Damage at random places never raises anything."""
    rng = Random(seed)
    content = bytearray(JPEG)
    for _ in range(rng.randint(1, 8)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    assert is_jpeg(bytes(content)) in (True, False)


def test_of_a_picture_only_size_and_digest_are_kept(service, tmp_path):
    """No file appears beside the database, and the database has not got the picture."""
    before = {path.name for path in tmp_path.iterdir()}
    content = picture(64, 64)
    person = service.person()
    application = person.apply()
    person.identify(application)
    assert person.upload(application, content).status_code == 201
    assert {path.name for path in tmp_path.iterdir()} <= before | {"mpaspor.db-wal", "mpaspor.db-shm"}
    assert not any(content[:64] in path.read_bytes() for path in tmp_path.iterdir())
