"""Names of people behind words that say so; a name alone looks like any other words with capitals."""

from bugs.privacy.detectors.shapes import CAPITAL, LETTER, WORD, Found, Shape, compiled

_PART = rf"[{CAPITAL}](?:\.|[{LETTER}'’-]{{0,30}}[{LETTER}])?"
_FULL = rf"{_PART}(?:[ \t]{_PART}){{1,3}}"
_ROLE = r"(?:customer|client|colleague|co-?worker|teammate|tester|patient|employee|reporter|manager|boss)"
_DID = r"(?:reported|raised|found|requested|filed|written|created|sent|submitted) by"
_CLOSING = (
    r"regards|cheers|thanks|thank you|thx|sincerely|yours truly|best wishes|mvh|mfg|gruß|grüße|saludos|cordialement"
)
_LABEL = (
    r"name|user|customer|author|reporter|reported by|assignee|owner|contact|from"
    r"|signed-off-by|co-authored-by|reviewed-by"
)
_FIELD = (
    r"(?:display|first|last|middle|full|real|given|family|sur|customer|contact|author|owner|reporter|employee|patient"
    r"|card[_ -]?holder|recipient|billing|shipping)[_ -]?name"
)
_DEVICE = r"(?:iPhone|iPad|iPod|iMac|Mac ?Book|Mac[ -]mini|Apple ?Watch|AirPods|Galaxy|Pixel|Laptop|Desktop|PC)"
_OWNER = rf"[{CAPITAL}][{LETTER}]{{1,30}}(?:[ -][{CAPITAL}][{LETTER}]{{1,30}}){{0,2}}"
# Words that follow such cues with a capital and are no names.
_NO_NAMES = frozenset(
    b"""
    the a an this that app application titanium studio sdk api android ios iphone ipad mobile web user users
    account accounts kitchen sink support team service services portal center case ticket cases view window
    project platform server client desktop id name email dashboard settings success error appcelerator alloy
    module test sample demo issue bug new steps actual expected result results description note notes reports
    report apple google side today here my your his her their our it let what who there
    """.split()
)
_NO_VALUES = frozenset(
    b"""
    demo admin administrator root guest test tester user username anonymous system name null none undefined string true
    false me foo bar first last full display value text varchar
    """.split()
) | {b"first name", b"last name", b"full name", b"user name", b"your name"}
_QUOTED = compiled(r"""["']\]?\s*(?:=>|[:=])""", is_whole=True)


def _is_name(found: Found) -> bool:
    words = found.value.lower().replace(b"\t", b" ").split(b" ")
    return not any(word.strip(b".") in _NO_NAMES for word in words) and any(len(word) > 2 for word in words)


def _is_value(found: Found) -> bool:
    """In quotes behind `firstName`: all but what stands for a name."""
    value = found.value.strip().lower()
    if value in _NO_VALUES or value.isdigit() or any(mark in value for mark in (b"%", b"{", b"$")):
        return False
    return _QUOTED.search(found.cue) is not None or (found.value[:1].isupper() and _is_name(found))  # JSON, or code


PEOPLE = (
    Shape(
        kind="name",
        pattern=(
            rf"""(?i:\b{_FIELD})(?:\\{{0,3}}["']\]?)?\s{{0,4}}(?:=>|[:=])\s{{0,4}}"""
            r"""\\{0,3}["']([^"'\\<>\x00\r\n]{2,80})\\{0,3}["']"""
        ),
        trigger=rf"(?i:\b{_FIELD})",
        check=_is_value,
    ),
    Shape(  # the closing words of a letter, and below them a line with nothing but a name
        kind="name",
        pattern=(
            rf"(?i:(?:^|[\r\n])[ \t>*]*(?:(?:best|kind|warm|many) )?(?:{_CLOSING})[ \w]{{0,20}}[,.!]{{0,3}})"
            rf"[ \t]*\r?\n(?:[ \t>-]*\r?\n)?[ \t>-]*({_PART}(?:[ \t]{_PART}){{0,3}})[ \t]*(?:\r?\n|$)"
        ),
        trigger=rf"(?i:{_CLOSING})[ \w]{{0,20}}[,.!]{{0,3}}[ \t]*\r?\n",
        check=_is_name,
    ),
    Shape(
        kind="name",
        pattern=rf"(?i:\b(?:{_ROLE}|{_DID})),? ({_FULL})",
        trigger=rf"(?i:\b(?:{_ROLE}|{_DID})),? [{CAPITAL}]",
        check=_is_name,
    ),
    Shape(
        kind="name",
        pattern=rf"\b(?:Mr|Mrs|Ms|Dr|Prof)\.? ({_PART}(?:[ \t]{_PART}){{0,3}})",
        trigger=rf"\b(?:Mr|Mrs|Ms|Dr|Prof)\.? [{CAPITAL}]",
        check=_is_name,
    ),
    Shape(
        kind="name",
        pattern=(rf"(?i:(?:^|[\r\n])[ \t>*#-]*(?:{_LABEL}))[ \t]{{0,3}}:[ \t]{{0,3}}({_FULL})[ \t]*(?:[<(,\r\n]|$)"),
        trigger=rf"(?i:{_LABEL})[ \t]{{0,3}}:[ \t]{{0,3}}[{CAPITAL}]",
        check=_is_name,
    ),
    Shape(  # Jane Doe <jane@…>
        kind="name",
        pattern=rf"({_FULL}) (?:<|\(|&lt;)[\w.+-]{{1,64}}@",
        trigger=rf"[{LETTER}] (?:<|\(|&lt;)[\w.+-]+@",
        before=WORD,
    ),
    Shape(  # Jane's iPhone, Janes-MacBook-Pro.local
        kind="name",
        pattern=rf"({_OWNER})(?:(?:'|’|\\u2019)s {_DEVICE}|s-(?:MacBook|iPhone|iPad|iMac|Mac-mini))",
        trigger=rf"(?:'|’|\\u2019)s {_DEVICE}|s-(?:MacBook|iPhone|iPad|iMac|Mac-mini)",
        check=_is_name,
        before=WORD,
    ),
)
ADDRESS = Shape(  # 12 Main Street, Springfield, IL 62701
    kind="address",
    pattern=(
        rf"\d{{1,6}} [{CAPITAL}][{LETTER}'.-]{{1,30}}(?: [{LETTER}0-9#][{LETTER}0-9'.-]{{0,30}}){{0,6}}"
        rf", [{CAPITAL}][{LETTER}'. -]{{1,40}}, [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?"
    ),
    trigger=r", [A-Z]{2} \d{5}",
    before=WORD,
    after=WORD,
)
