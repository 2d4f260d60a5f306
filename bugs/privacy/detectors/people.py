"""Names of people behind words that say so; a name alone looks like any other words with capitals."""

from bugs.privacy.detectors.shapes import CAPITAL, LETTER, Found, Shape

_PART = rf"[{CAPITAL}][{LETTER}'’-]{{0,30}}\.?"
_FULL = rf"{_PART}(?:[ \t]{_PART}){{1,3}}"
_ROLE = r"(?:customer|client|colleague|coworker|co-worker|teammate|tester|patient|employee|reporter|manager|boss)"
# Words with capitals that follow such cues and are no names.
_NO_NAMES = frozenset(
    b"""
    the a an this that app application titanium studio sdk api android ios iphone ipad mobile web user users account accounts kitchen
    sink support team service services portal center case ticket cases view window project platform server client desktop id name
    email dashboard settings success error android appcelerator alloy module test sample demo issue bug new steps actual expected
    result results description note notes reports report report's
    """.split()
)


def _is_name(found: Found) -> bool:
    words = found.value.lower().replace(b"\t", b" ").split(b" ")
    return not any(word.strip(b".") in _NO_NAMES for word in words) and any(len(word) > 2 for word in words)


def _is_whole_value(found: Found) -> bool:
    value = found.value.strip().lower()
    return value not in _GENERIC and not value.isdigit() and b"%" not in value and b"{" not in value


_GENERIC = frozenset(
    b"""
    demo admin administrator root guest test tester user username anonymous system name null none undefined string true false me foo bar
    first last full display value john jane
    """.split()
) | {b"first name", b"last name", b"full name", b"user name", b"your name"}
_FIELDS = (
    r"(?:display|first|last|middle|full|real|given|family|sur|nick|customer|contact|author|owner|reporter|employee|patient|card[_ -]?holder"
    r"|recipient|billing|shipping)[_ -]?name"
)
PEOPLE = (
    Shape(
        kind="name",
        pattern=rf"""(?i:\b{_FIELDS})(?:\\{{0,3}}["'])\]?\s{{0,4}}(?:=>|[:=])\s{{0,4}}\\{{0,3}}["']([^"'\\<>\x00\r\n]{{2,80}})\\{{0,3}}["']""",
        trigger=rf"(?i:{_FIELDS})",
        check=_is_whole_value,
    ),
    Shape(
        kind="name",
        pattern=(
            rf"(?i:(?:^|[\r\n])[ \t>*]{{0,4}}(?:(?:best|kind|warm|many) )?(?:regards|cheers|thanks|thank you|thx|sincerely|yours truly|best wishes"
            rf"|mvh|mfg|gruß|grüße|saludos|cordialement)[ \w]{{0,20}}[,.!]{{0,3}})[ \t]*\r?\n(?:[ \t>-]*\r?\n)?[ \t>-]*({_PART}(?:[ \t]{_PART}){{0,3}})[ \t]*(?:\r?\n|$|\x00)"
        ),
        trigger=r"(?i:regards|cheers|thanks|thank you|thx|sincerely|truly|wishes|mvh|mfg|gruß|grüße|saludos|cordialement)[ \w]{0,20}[,.!]{0,3}[ \t]*\r?\n",
        check=_is_name,
    ),
    Shape(
        kind="name",
        pattern=rf"(?:(?i:\b{_ROLE})|\b(?i:(?:reported|raised|found|requested|filed|written|created|sent|submitted) by)),? ({_FULL})",
        trigger=rf"(?i:\b{_ROLE}|(?:reported|raised|found|requested|filed|written|created|sent|submitted) by),? [{CAPITAL}]",
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
        pattern=(
            r"(?i:(?:^|[\r\n])[ \t>*#-]{0,6}(?:name|user|customer|author|reporter|reported by|assignee|owner|contact|from|signed-off-by|co-authored-by"
            rf"|reviewed-by))[ \t]{{0,3}}:[ \t]{{0,3}}({_FULL})[ \t]*(?:[<(,\r\n\x00]|$)"
        ),
        trigger=rf"(?i:name|user|customer|author|reporter|reported by|assignee|owner|contact|from|-by)[ \t]{{0,3}}:[ \t]{{0,3}}[{CAPITAL}]",
        check=_is_name,
    ),
    Shape(
        kind="name",
        pattern=rf"({_FULL}) (?:<|\(|&lt;)[\w.+-]{{1,64}}@",
        trigger=rf"[{LETTER}] (?:<|\(|&lt;)[\w.+-]{{1,64}}@",
    ),
)
ADDRESS = Shape(
    kind="address",
    pattern=rf"\d{{1,6}} [{CAPITAL}][{LETTER}'.-]{{1,30}}(?: [{LETTER}0-9#][{LETTER}0-9'.-]{{0,30}}){{0,6}}, [{CAPITAL}][{LETTER}'. -]{{1,40}}, [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?",
    trigger=r", [A-Z]{2} \d{5}",
)
