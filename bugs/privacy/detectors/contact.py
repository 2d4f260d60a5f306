"""E-mail addresses, as they are and the ways they are written to pass as something else."""

import binascii

from bugs.privacy.detectors.shapes import LETTER, LETTERS, WORD, Found, Shape, compiled

_FILES = frozenset(
    b"""
    png jpg jpeg gif svg webp ico bmp js mjs cjs ts tsx jsx css scss less json map html htm xml txt pdf java dll
    apk dex jar exe
    """.split()
)
_SERVICES = frozenset((b"git", b"hg", b"svn"))  # whose addresses are those of repositories: git@host:path
_LOCAL = rf"[{LETTER}0-9_+-](?:[{LETTER}0-9_.+-]*)"
_DOMAIN = rf"(?:[{LETTER}0-9](?:[{LETTER}0-9-]*[{LETTER}0-9])?\.)+(?:xn--[a-z0-9-]+|[{LETTER}]{{2,24}})"
_PLAIN = compiled(r"[A-Za-z0-9_.+-]@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}", is_whole=True)
# Base64 of an @, by its place among three bytes; the other letters are those of what may stand beside it.
_BASE64_AT = r"(?:Q[C-H]|[A-Za-z0-9+/_-][EUk0][AB]|[A-Za-z0-9+/_-]{2}[BFJNRVZdhlptx159]A)"
_BASE64_MAX = 4096


def _is_address(found: Found) -> bool:
    local, _, domain = found.value.rpartition(b"@")
    labels = (domain or found.value).lower().split(b".")
    if labels[-1] in _FILES or (labels[0].isdigit() and labels[1][:1].isdigit()):
        return False  # icon@2x.png, package@1.0.0-beta.next
    return not (local.lower() in _SERVICES and found.after(1) in (b":", b"/"))


def _hides_address(found: Found) -> bool:
    """Base64 of a text with an address in it."""
    value = found.value.rstrip(b"=")[:_BASE64_MAX]
    value = value[: len(value) - (len(value) % 4 == 1)]
    try:
        decoded = binascii.a2b_base64(value.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(value) % 4))
    except binascii.Error:
        return False
    return decoded.isascii() and _PLAIN.search(decoded) is not None


EMAIL = (
    Shape(
        kind="email",
        pattern=rf"{_LOCAL}@{_DOMAIN}",
        trigger="@",
        check=_is_address,
        after=WORD - {ord("_")},
    ),
    Shape(
        kind="email",
        pattern=rf"[A-Za-z0-9](?:[A-Za-z0-9_.+-]|%2[Bb])*(?:%(?:25)?40|\\{{1,4}}u0040|&#64;|&#x40;){_DOMAIN}",
        trigger=r"%(?:25)?40|\\{1,4}u0040|&#64;|&#x40;",
        check=_is_address,
        after=LETTERS,
    ),
    Shape(
        kind="email",
        pattern=(
            rf"(?i:{_LOCAL} ?[\[({{]at[\])}}] ?[{LETTER}0-9-]+"
            rf"(?: ?(?:\.|[\[({{]dot[\])}}]) ?[{LETTER}0-9-]+){{1,4}})"
        ),
        trigger=r"(?i:[\[({]at[\])}])",
    ),
    Shape(
        kind="email",
        pattern=rf"(?:[A-Za-z0-9+/_-]{{4}})+{_BASE64_AT}[A-Za-z0-9+/_-]*={{0,2}}",
        trigger=rf"(?:^|[^A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{{4}})+{_BASE64_AT}",
        check=_hides_address,
        before=WORD | frozenset(b"+/-"),
    ),
    Shape(  # the same as a part of a path, where a slash is none of its letters
        kind="email",
        pattern=rf"(?:[A-Za-z0-9+_-]{{4}})+{_BASE64_AT.replace('/', '')}[A-Za-z0-9+_-]*={{0,2}}",
        trigger=rf"/(?:[A-Za-z0-9+_-]{{4}})+{_BASE64_AT.replace('/', '')}",
        check=_hides_address,
        before=WORD | frozenset(b"+-"),
    ),
)
