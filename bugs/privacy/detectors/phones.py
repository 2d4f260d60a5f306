"""Telephone numbers: by their own shape where it is one of no other thing, else by the words beside them."""

from bugs.privacy.detectors.shapes import DIGITS, WORD, Found, Shape, compiled

_ALONE = WORD | frozenset(b".+-")
_EXTENSION = r"(?: ?(?:x|ext\.?) ?\d{1,6})?"
_NUMBER = rf"\+?\(?\d(?:[ .()/-]{{0,3}}\d){{5,16}}{_EXTENSION}"
_DATE = compiled(
    r"^\D*(?:(?:19|20)\d\d[-/. ]?(?:0[1-9]|1[0-2])[-/. ]?(?:0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d)(?:\D|$)",
    is_whole=True,
)
_GROUPS = compiled(r"\d+", is_whole=True)
_THING = r"(?:tele)?phone|telephon|telefon|tél|whats ?app|msisdn|handy|fax"
_WHOSE = r"(?:my|his|her|their|your|our) (?:[a-z]+ )?(?:number|mobile|cell)"
_PLACE = r"\b(?:mobile|cell|desk|office|home|work|direct|pager)(?: ?(?:no\.?|nr\.?|number))? ?[:#]"
_VERB = (
    r"\b(?:call|ring|text|sms|phone|dial|reach|contact|message)(?:ed|ing)? "
    r"(?:me |us |him |her |them |back |you )?(?:on|at|via|:)"
)
_CUE = (
    rf"(?:{_THING}|{_WHOSE}|(?:mobile|cell|contact|phone) (?:number|phone))"
    r"(?:[ _-]?(?:number|no\.?|nr\.?|num))?(?: is| was|:)?"
    rf"|\btel(?:\.|:| )|{_PLACE}|{_VERB}|\b(?:answering|available|reachable) (?:on|at)"
    r"|\b(?:messages|texts|calls|sms) (?:to|from)|\bregistered(?: number)?"
)
_BEHIND = r"(?i:office|fax|mobile|cell|phone|telephone|desk|home)"


def _plausible(found: Found) -> bool:
    value = found.value.partition(b"x")[0].partition(b"ext")[0]
    groups = [match.group() for match in _GROUPS.finditer(value)]
    digits = b"".join(groups)
    if not 7 <= len(digits) <= 15 or len(set(digits)) == 1 or _DATE.search(value) is not None:
        return False
    if b"." not in value or any(mark in value for mark in b" -()/"):
        return True
    return len(groups) != 2 and (
        value[:1] == b"+" or min(map(len, groups)) > 1
    )  # 145.76430723 is a number, 1.8.0.1234 a version


def _international(found: Found) -> bool:
    """No offset of a time zone with what follows it."""
    value = found.value
    is_offset = value[1:3] <= b"14" and value[3:5] in (b"00", b"30", b"45") and value[5:6] == b" "
    return (
        not is_offset and len([byte for byte in value.partition(b"x")[0] if byte in DIGITS]) >= 8 and _plausible(found)
    )


def _american(found: Found) -> bool:
    """Area and exchange begin with 2 to 9."""
    digits = bytes(byte for byte in found.value.partition(b"x")[0].partition(b"e")[0] if byte in DIGITS)[-10:]
    return digits[0] > ord("1") and digits[3] > ord("1") and len(set(digits)) > 1


def _pairs(found: Found) -> bool:
    """No part of a longer row of pairs."""
    return _ROW.search(found.before(3) + b"|" + found.after(3)) is None


def _behind(found: Found) -> bool:
    """A number without a cue before it has groups, or is long."""
    value = found.value
    return _plausible(found) and (len(value) >= 9 or not value.isdigit())


_ROW = compiled(r"\d[ .:-]\||\|[ .:-]\d", is_whole=True)
PHONE = (
    Shape(
        kind="phone",
        pattern=rf"\+[1-9](?:[ .()/-]{{0,3}}\d){{6,14}}{_EXTENSION}",
        trigger=r"\+[1-9][ .()/-]{0,3}\d[ .()/-]{0,3}\d[ .()/-]{0,3}\d",
        check=_international,
        before=WORD | frozenset(b"+"),
        after=DIGITS,
    ),
    Shape(
        kind="phone",
        pattern=rf"(?:(?:00)?1[ .-])?(?:\(\d{{3}}\) ?|\d{{3}}[-.])\d{{3}}[-. ]\d{{4}}{_EXTENSION}",
        trigger=r"\d{3}(?:\) ?|[-.])\d{3}[-. ]\d{4}",
        check=_american,
        before=_ALONE,
        after=WORD | frozenset(b"-"),
    ),
    Shape(
        kind="phone",
        pattern=r"0[1-9](?:(?: \d\d){4}|(?:\.\d\d){4}|(?:-\d\d){4})",
        trigger=r"0[1-9][ .-]\d\d[ .-]\d\d[ .-]\d\d[ .-]\d\d",
        check=_pairs,
        before=_ALONE,
        after=WORD | frozenset(b"-"),
    ),
)
CUED_PHONE = (
    Shape(
        kind="phone",
        pattern=rf"""(?i:{_CUE})[\s"'\\:=,(<>#]{{0,8}}({_NUMBER})""",
        trigger=rf"""(?i:{_CUE})[\s"'\\:=,(<>#]{{0,8}}\+?\(?\d""",
        check=_plausible,
        before=WORD | frozenset(b"."),
        after=WORD,
    ),
    Shape(
        kind="phone",
        pattern=rf"({_NUMBER}) ?[-,(]? ?{_BEHIND}\b",
        trigger=rf"\d ?[-,(]? ?{_BEHIND}\b",
        check=_behind,
        before=WORD | frozenset(b"."),
    ),
)
