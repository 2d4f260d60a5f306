"""Frames of JavaScript: every browser names functions its own way, every build names files anew. Pure."""

import re
from itertools import pairwise

_EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".bundle", ".jsbundle")
_SCHEMES = ("http:", "https:", "webpack", "app:", "file:", "node:", "capacitor:", "blob:", "chrome-extension:")
_NATIVE = frozenset({"<anonymous>", "[native code]", "native", "<native>", "native code"})
_UNNAMED = frozenset(
    {"", "?", "anonymous", "Anonymous function", "anonymous function", "<anonymous>", "<computed>", "<unknown>"}
    | {"global code", "Global code", "eval code", "module code", "eval", "null", "undefined"}
)
_KEYWORDS = ("async ", "new ", "get ", "set ", "static ", "function ")
_PARTS = re.compile(r"([.\-_~])")
_DIGITS, _HEX = re.compile(r"\d+"), re.compile(r"[0-9a-fA-F]+")
_WINDOW = re.compile(r"[-.]([A-Za-z0-9_-]{8})$")


def is_script(filename: str) -> bool:
    return filename.startswith(_SCHEMES) or _path(filename).endswith(_EXTENSIONS)


def frame(module: str, function: str, filename: str) -> tuple[str, str]:
    """Place and function; both empty for the browser's own frames, which not every browser shows."""
    if filename in _NATIVE or (not filename and not module and function in _UNNAMED):
        return "", ""
    return file(filename) if filename else module, identifier(function)


def file(filename: str) -> str:
    """The file's own name without folders, query, version and the hash of a build."""
    base = _path(filename).rstrip("/").rpartition("/")[2]
    stem, dot, extension = base.rpartition(".")
    if not dot or not extension.isalpha():
        stem, extension = base, ""
    kept = _without_hashes(stem)
    return ".".join(part for part in (kept or "<n>", extension) if part)


def identifier(function: str) -> str:
    """The last identifier: `Object.shop.pay [as onclick]`, `async*pay`, `Cart.prototype.pay` are all `pay`."""
    if function.isalpha():
        return "" if function in _UNNAMED else function
    text = function.partition(" [as ")[0].rpartition("*")[2]
    while text.startswith(_KEYWORDS):
        text = text.partition(" ")[2]
    text = text.partition("(")[0].rstrip()
    if text.endswith(("<", "</", "<anonymous>", "<computed>", "]")) or text in _UNNAMED:
        return ""
    last = text.rpartition("/")[2].rpartition(".")[2].rpartition("~")[2]
    return "" if last.isdigit() or last in _UNNAMED or text.endswith(_EXTENSIONS) else last


def _path(filename: str) -> str:
    return filename.partition("?")[0].partition("#")[0]


def _without_hashes(stem: str) -> str:
    if (window := _WINDOW.search(stem)) and (_is_hash(window[1]) or _is_jumbled(window[1])):
        stem = stem[: window.start()]
    first, *rest = _PARTS.split(stem)  # part, separator, part, ...
    kept = "" if _is_build(first) else first
    for separator, part in zip(rest[::2], rest[1::2], strict=True):
        if part and not _is_build(part):
            kept = f"{kept}{separator}{part}" if kept else part
    return kept


def _is_build(part: str) -> bool:
    return part.isdigit() or _is_hash(part)


def _is_hash(part: str) -> bool:
    """Hexadecimal, or with digits in several places; `i18next`, `base64url` and `decade` are names."""
    places = len(_DIGITS.findall(part))
    if _HEX.fullmatch(part):
        return len(part) >= (6 if places else 8)
    return len(part) >= 8 and places >= 2


def _is_jumbled(part: str) -> bool:
    """Both cases mixed as no name has them."""
    return sum(one.islower() and other.isupper() for one, other in pairwise(part)) >= 2
