"""What the bytes of a file say, and what is left of its name."""

import gzip
import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import filetypes


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("page.html", "<script>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        ("a.JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "image/jpeg"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00", "image/gif"),
        ("a.webp", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.avif", b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1", "image/avif"),
        ("a.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
        ("a.zip", zipped(), "application/zip"),
        ("a.log.gz", gzip.compress(b"x", mtime=0), "application/gzip"),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42isom", "video/mp4"),
        (
            "a.webm",
            b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
            "video/webm",
        ),
        ("a.mov", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
        ("a.txt", b"hello", "text/plain"),
        ("a", b"hello", "text/plain"),
        ("a.log.1", b"\x1b[31mred\x1b[0m\tlog", "text/plain"),
        ("a.log", "Größe".encode("latin-1"), "text/plain"),
        ("a.log", "Größe".encode("utf-16"), "text/plain"),
        ("a.log", b"BMW does not start", "text/plain"),
        ("a.log", b"<14>Jan 1 host app: up", "text/plain"),
        ("a.log", b'{"level": "info"}\n{"level": "error"}', "text/plain"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("a.har", b'{"log": {"version": "1.2"}}', "application/har+json"),
    ],
)
def test_files_are_what_their_bytes_say(name: str, content: bytes, kind: str) -> None:
    assert filetypes.kind_of(content, name=name, declared="application/octet-stream") == kind


@pytest.mark.parametrize("declared", ["text/plain; charset=utf-8", "TEXT/PLAIN", "text/csv", ""])
def test_a_declared_type_may_have_parameters_and_other_names(declared: str) -> None:
    assert filetypes.kind_of(b"a,b", name="a.csv", declared=declared) == "text/plain"


def test_an_office_file_is_not_a_zip_file() -> None:
    with pytest.raises(filetypes.Mismatch):
        filetypes.kind_of(zipped(), name="a.docx", declared="")


def test_a_har_without_a_log_is_a_lie() -> None:
    with pytest.raises(filetypes.Mismatch):
        filetypes.kind_of(b'{"a": 1}', name="a.har", declared="")


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_any_bytes_are_something_taken_or_refused(content: bytes, name: str, declared: str) -> None:
    try:
        kind = filetypes.kind_of(content, name=filetypes.clean_name(name), declared=declared)
    except (filetypes.Unsupported, filetypes.Mismatch):
        return
    assert kind in {each.content_type for each in (*filetypes.BINARY, filetypes.HAR, filetypes.JSON, filetypes.TEXT)}


@given(st.text(max_size=400))
def test_a_clean_name_is_short_plain_and_stays_as_it_is(name: str) -> None:
    clean = filetypes.clean_name(name)
    assert 0 < len(clean) <= filetypes.MAX_NAME
    assert not {"/", "\\"} & set(clean)
    assert not {unicodedata.category(one) for one in clean} & {"Cc", "Cf", "Cs"}
    assert filetypes.clean_name(clean) == clean


def test_a_long_name_keeps_its_extension() -> None:
    clean = filetypes.clean_name("x" * 300 + ".png")
    assert (len(clean), clean[-4:]) == (filetypes.MAX_NAME, ".png")
