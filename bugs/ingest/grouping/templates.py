"""What a message says without what differs from one report to the next. Pure, without memory, in linear time.

One pass over at most READ_MAX characters. Every alternative starts at a word's edge or has a bounded length, so no text
makes the search go back over what it has read. The order is the meaning: the first mask that fits a place wins.
"""

import re

from bugs.privacy import placeholders

READ_MAX, TEMPLATE_MAX = 1000, 300
_EDGE = r"(?<![A-Za-z0-9_])"
_DATE = r"\d{4}[-/]\d\d?[-/]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4}"
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp][Mm]\b)?(?:Z\b|\s?(?:UTC|GMT)\b|\s?[+-]\d\d:?\d\d\b)?"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s{1,2})?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_TOP = (
    "com|net|org|edu|gov|io|dev|cloud|local|internal|lan|eu|de|uk|fr|nl|at|ch|it|es|pl|se|ru|cn|jp|hk|kr|in|br|au|ca|us"
)
_MASKS = (
    ("url", _EDGE + r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s'\"<>]+"),
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"),
    ("uuid", _EDGE + r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![A-Za-z0-9_])"),
    ("date", rf"(?<!\d)(?:(?:{_DATE})(?:[T ]{_CLOCK})?|{_CLOCK})(?!\d)"),
    ("date", rf"{_EDGE}{_DAY}\d\d?[ -]{_MONTH}[ -]\d{{4}}(?:[ :]{_CLOCK})?\b"),
    ("date", rf"{_EDGE}{_DAY}{_MONTH}\s{{1,2}}\d\d?(?:,?\s\d{{4}})?(?:\s{_CLOCK})?(?:\s\d{{4}})?\b"),
    ("host", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\.\d)"),
    ("host", rf"(?<![\w.-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,8}}(?:{_TOP})(?::\d{{1,5}})?(?![\w-]|\.\w)"),
    ("host", r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}|:)(?:(?::[0-9a-fA-F]{1,4}){0,5})(?![\w:])"),
    ("hex", _EDGE + r"0[xX][0-9a-fA-F]+"),
    ("token", _EDGE + r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"),
    ("hex", _EDGE + r"(?=[a-fA-F]{0,64}\d)(?=\d{0,64}[a-fA-F])[0-9a-fA-F]{8,}(?![A-Za-z0-9_])"),
    ("token", _EDGE + r"(?=[A-Za-z]{0,64}\d)(?=\d{0,64}[A-Za-z])[A-Za-z0-9]{16,}(?![A-Za-z0-9_])"),
    ("path", r"(?<![\w/.:<])(?:~|\.\.?)?(?:/[\w.@%+~=-]+){2,}/?"),
    ("path", _EDGE + r"[A-Za-z]:\\[^\s'\"<>|]+"),
    ("quoted", r"(?<![\w\\])(?:'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|`[^`\n]{1,200}`)(?!\w)"),
    ("n", r"(?<![\w.,])-?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?(?:\s?(?:[kKMGT]i?B|[mun]s|secs?|bytes|%))?(?![\w])"),
    ("n", r"(?:(?<=[\s_=:(\[])-)?\d+"),
)
_ANY = re.compile("|".join(f"(?P<_{place}>{pattern})" for place, (_, pattern) in enumerate(_MASKS)))
_STAND_INS = {f"_{place}": f"<{name}>" for place, (name, _) in enumerate(_MASKS)}
_QUOTED = frozenset(name for name, stand_in in _STAND_INS.items() if stand_in == "<quoted>")
# What was redacted is masked as what it stood for: groups are those of the time before.
_SAMPLES = {
    **dict.fromkeys(("user", "name"), "a"),
    "email": "a@example.org",
    "ip": "192.0.2.1",
    "mac": "00:00:00:00:00:00",
    **dict.fromkeys(("phone", "card", "iban", "ssn", "id-number", "birth-date", "address"), "0"),
}
_TOKEN = "eyJhbGciOiJIUzI1NiJ9"  # noqa: S105 - of no one
_LIST = re.compile(r"(<n>|<hex>|<uuid>|<host>|<quoted>)(?:, ?\1)+")
_NAME = re.compile(r"[A-Za-z_$][\w$.\[\]()-]*")


def template(text: str) -> str:
    """The message with stand-ins, on one line."""
    text = text[:READ_MAX]
    if placeholders.BEGIN in text:
        text = placeholders.PLACEHOLDER.sub(lambda found: _SAMPLES.get(placeholders.kind_of(found[0]), _TOKEN), text)
    masked = mask(text)
    if "," in masked:
        masked = _LIST.sub(r"\1", masked)
    return " ".join(masked.split())[:TEMPLATE_MAX].rstrip()


def mask(text: str) -> str:
    """The text with a stand-in for all that looks like a value."""
    return _ANY.sub(_stand_in, text)


def _stand_in(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return _quoted(found[0]) if kind in _QUOTED else _STAND_INS[kind]


def _quoted(text: str) -> str:
    """A quoted name (an attribute, a column, a type) says what went wrong; any other quoted text is a value."""
    inner = text[1:-1]
    return text[0] + mask(inner) + text[0] if _NAME.fullmatch(inner) else "<quoted>"
