"""Frames of compiled and other languages: what compilers, runtimes and generators add to names is dropped. Pure."""

import re

_UNNAMED = frozenset({"", "?", "???", "<unknown>", "<redacted>", "(Missing)", "<anonymous>", "unknown", "null"})
_RULES = (
    (re.compile(r"</?(?:br|p|em|strong|li|pre|code)\s?/?>?$"), ""),  # traces that were pasted into a page
    (
        re.compile(r"(?<=[\w\])])(?:\s|(?=\+))\+\s?(?:(?:0x[0-9a-f]{1,16}|\d{1,20})\b.*)?$"),
        "",
    ),  # offset into the function
    (re.compile(r"\s\((?:in |[^()\s]+:\d)[^()]*\)$"), ""),  # (in libfoo.dylib), (Foo.m:12)
    (re.compile(r"^(?:block|closure|rescue|ensure|anonymous fn)\b.* in (?=\S+$)"), ""),  # Ruby, Swift, Elixir
    (re.compile(r"^_{1,3}\d+(?=[-+]\[)"), ""),  # __24-[Foo bar]_block_invoke
    (re.compile(r"_block_invoke(?:[._]?\d+)*$"), ""),
    (re.compile(r"(?:\.(?:cold|isra|part|constprop|llvm|lto_priv)(?:\.\d+)*)+$"), ""),
    (re.compile(r"::h[0-9a-f]{16}$"), ""),  # Rust
    (re.compile(r"\$\$.*$"), ""),  # Foo$$Lambda$14/0x0008, Foo$$EnhancerBySpringCGLIB$$1a2b
    (re.compile(r"\$\d+"), ""),  # lambda$3, access$100, Foo$1
    (re.compile(r"(?<=Accessor)\d+$|(?<=Proxy)\d+$"), ""),
    (re.compile(r"<(\w*)>[a-z]__\w*(?:\|\w+)?"), r"\1"),  # C#: <PayAsync>d__3
    (re.compile(r"`\d+"), ""),  # C#: List`1
    (re.compile(r"\.func\d+(?:\.\d+)*"), ".func"),  # Go
    (re.compile(r"0x[0-9a-fA-F]+"), "<hex>"),
)
_ARGUMENTS = re.compile(r"(?<=[\w>\]~])(?<!\boperator)\s?\(.*$|(?<=\boperator\(\))\(.*$", re.DOTALL)
_NUMBERED = re.compile(r"(?<![A-Za-z])\d+(?![A-Za-z])|(?<![0-9a-zA-Z])(?=[a-f]*\d)[0-9a-f]{7,}(?![0-9a-zA-Z])")


def function(text: str) -> str:
    """Without offsets, arguments, numbers of closures, hashes; empty when it has no name."""
    if text.isalpha():
        return "" if text in _UNNAMED else text
    if text in _UNNAMED or text.startswith("0x"):
        return ""
    return _clean(text)


def place(module: str, filename: str) -> str:
    """The module, else the last two parts of the path, which folder a release was put into aside."""
    if module and module not in _UNNAMED:
        name = _clean(module)
        return _tail(name) if "/" in name else name
    return "" if filename in _UNNAMED else _tail(filename)


def _clean(text: str) -> str:
    if text.replace(".", "").isalpha():
        return text
    for pattern, stand_in in _RULES:
        text = pattern.sub(stand_in, text)
    if not text.startswith(("-[", "+[")):
        text = _ARGUMENTS.sub("", text, count=1)
    return text.strip()


def _tail(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(_NUMBERED.sub("<n>", part) for part in parts[-2:])
