"""Which files may stand beside a bug, told by their bytes: a name or a declared type that disagrees is a lie. Pure."""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

import puremagic

HEAD = 8 * 1024  # bytes that are looked at
MAX_NAME = 200
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Unsupported(ValueError):
    """Files of this kind are not taken."""


class Mismatch(ValueError):
    """The name or the declared type says something else than the bytes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """content_type: what it is kept as. extensions: what its names may end in. aliases: other names of its type."""

    content_type: str
    extensions: frozenset[str]
    aliases: frozenset[str] = frozenset()

    def fits(self, extension: str, declared: str) -> bool:
        is_declared = declared in _GENERIC or declared == self.content_type or declared in self.aliases
        return is_declared and (not extension or extension.isdigit() or extension in self.extensions)


def _kind(content_type: str, extensions: str, aliases: str = "") -> Kind:
    return Kind(content_type, frozenset(extensions.split()), frozenset(aliases.split()))


# Everything that is taken. Nothing that a browser would run is here: no SVG, no HTML, no XML, no script.
HAR = _kind("application/har+json", "har", "application/json application/x-har+json text/plain")
JSON = _kind("application/json", "json", "text/json text/plain")
TEXT = _kind(
    "text/plain",
    "txt log out err trace md rst csv tsv json jsonl ndjson yaml yml toml ini cfg conf properties env diff patch "
    "py rb go rs java kt swift c h cc cpp hpp cs ts tsx jsx sql stacktrace lock",
    "text/x-log text/markdown text/csv text/tab-separated-values text/x-diff text/x-patch text/x-python text/yaml "
    "text/x-yaml application/yaml application/x-yaml application/toml application/x-ndjson application/jsonl "
    "application/x-log application/sql video/mp2t text/x-typescript application/typescript",
)
PDF = _kind("application/pdf", "pdf", "application/x-pdf")
BINARY = (
    _kind("image/png", "png", "image/x-png"),
    _kind("image/jpeg", "jpg jpeg jpe jfif", "image/jpg image/pjpeg"),
    _kind("image/gif", "gif"),
    _kind("image/webp", "webp"),
    _kind("image/avif", "avif"),
    _kind("image/heic", "heic heif", "image/heif"),
    _kind("image/bmp", "bmp", "image/x-ms-bmp image/x-bmp"),
    PDF,
    _kind("application/zip", "zip", "application/x-zip-compressed application/x-zip"),
    _kind("application/gzip", "gz tgz", "application/x-gzip application/x-tgz"),
    _kind("video/mp4", "mp4 m4v", "video/x-m4v"),
    _kind("video/webm", "webm"),
    _kind("video/quicktime", "mov qt"),
)
_MARKUP = re.compile(r"<[A-Za-z!?/]")
_HAR = re.compile(r'\{\s*"log"\s*:')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # a log may have tabs, form feeds and colours


def kind_of(head: bytes, *, name: str, declared: str) -> str:
    """The type of a file by its first HEAD bytes; raises Unsupported or Mismatch.

    declared: the content type that its sender gave, with or without parameters.
    """
    extension = PurePosixPath(name).suffix[1:].lower()
    said = declared.partition(";")[0].strip().lower()
    possible = _possible(head[:HEAD])
    if not possible:
        raise Unsupported
    for kind in possible:
        if kind.fits(extension, said):
            return kind.content_type
    raise Mismatch(possible[0].content_type)


def clean_name(name: str) -> str:
    """The last part of a path without control, format (bidi overrides, zero widths) and surrogate characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    kept = " ".join(kept.split()).strip(". ")
    stem, dot, extension = kept.rpartition(".")
    if len(kept) > MAX_NAME and dot and len(extension) < 20:
        kept = f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"
    return kept[:MAX_NAME] or "file"


def _possible(head: bytes) -> list[Kind]:
    text = _as_text(head)
    if text is None:
        return _by_magic(head)
    if head.startswith(b"%PDF-"):
        return [PDF]
    start = text.lstrip("\ufeff \t\r\n\f")
    if _MARKUP.match(start):
        return []
    if start[:1] in ("{", "["):
        return [*([HAR] if _HAR.match(start) else []), JSON, TEXT]
    return [TEXT]


def _as_text(head: bytes) -> str | None:
    """The beginning of a text file; None when it is none. UTF-8, UTF-16 with its mark, or an old 8-bit encoding."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = codecs.getincrementaldecoder("utf-16")("replace").decode(head)
    else:
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            text = head.decode("latin-1")
            if head[:1] >= b"\x7f" or _by_magic(head):
                return None
    return None if _CONTROL.search(text) else text


def _by_magic(head: bytes) -> list[Kind]:
    try:
        said = {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return []
    return [kind for kind in BINARY if kind.content_type in said or kind.aliases & said]
