"""Cards, bank accounts and social security numbers, each with the check that its number carries."""

from bugs.privacy.detectors.shapes import DIGITS, WORD, Found, Shape, compiled

_ALONE = WORD | frozenset(b".-")
_CARD_CUE = compiled(
    r"(?i)card|visa|master|amex|american express|discover|maestro|diners|jcb|unionpay|\bcc\b|\bpan\b"
    r"|credit|debit|paid|payment",
    is_whole=True,
)
_BRANDS = compiled(  # by first digits and length
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}",
    is_whole=True,
)
_RARER = compiled(  # these look like other numbers, so a word or groups of digits must say card
    r"4\d{12}(?:\d{6})?|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|62\d{14,17}|(?:5[0678]|6\d|06)\d{10,17}|(?:1800|2131)\d{11}",
    is_whole=True,
)
_GROUPED = r"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{3,4}(?:[ -]\d{3})?|\d{4}[ -]\d{6}[ -]\d{4,5}"
_GROUPS = compiled(_GROUPED, is_whole=True)
_FOUR_BEFORE = compiled(r"(?:^|\D)\d{4}[ -]$", is_whole=True)
_FOUR_BEHIND = compiled(r"^[ -]\d{4}(?:$|\D)", is_whole=True)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# Length of an account number by country.
_IBAN = """
    AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DJ:27
    DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22
    IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19
    MN:20 MR:27 MT:31 MU:30 NI:28 NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 RU:33 SA:24 SC:31
    SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20 YE:30
"""
_LENGTHS = {country: int(length) for country, length in (pair.split(":") for pair in _IBAN.split())}


def luhn(digits: bytes) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += _DOUBLED[digit - 48] if place % 2 else digit - 48
    return total % 10 == 0


def _is_card(found: Found) -> bool:
    digits = bytes(byte for byte in found.value if byte in DIGITS)
    if not luhn(digits) or len(set(digits)) == 1:
        return False
    if _BRANDS.fullmatch(digits) is not None:
        return digits == found.value or _says_card(found) or (_is_grouped(found) and not _is_in_row(found))
    return _RARER.fullmatch(digits) is not None and _says_card(found)


def _is_grouped(found: Found) -> bool:
    return _GROUPS.fullmatch(found.value) is not None


def _is_in_row(found: Found) -> bool:
    """Another group of four digits beside it: a table of numbers."""
    return _FOUR_BEFORE.search(found.before(6)) is not None or _FOUR_BEHIND.search(found.after(6)) is not None


def _says_card(found: Found) -> bool:
    return _CARD_CUE.search(found.before(60)) is not None


def _account(found: Found) -> bool | tuple[int, int]:
    """Only as many letters as the country's numbers have, and mod 97 is 1."""
    length = _LENGTHS.get(found.value[:2].decode().upper(), 0)
    letters = [place for place, byte in enumerate(found.value) if byte in WORD]
    if not length or len(letters) < length:
        return False
    end = letters[length - 1] + 1
    value = bytes(found.value[place] for place in letters[:length]).upper()
    if len(letters) > length and found.value[end : end + 1] not in (b" ", b"-"):
        return False
    number = "".join(str(int(chr(byte), 36)) for byte in value[4:] + value[:4])
    return (found.start, found.start + end) if int(number) % 97 == 1 else False


def _is_ssn(found: Found) -> bool:
    digits = bytes(byte for byte in found.value if byte in DIGITS)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in (b"000", b"666") and area < b"900" and group != b"00" and serial != b"0000"


CARD = tuple(
    Shape(
        kind="card",
        pattern=pattern,
        trigger=r"\d{4}[ -]?\d{4,6}[ -]?\d{3}",
        check=_is_card,
        before=_ALONE,
        after=WORD | frozenset(b"-"),
    )
    # As its digits stand together; and among other numbers: behind an amount, before its month and its code.
    for pattern in (r"\b\d(?:[ -]?\d){11,18}\b", rf"\b(?:\d{{12,19}}|{_GROUPED})\b")
)
IBAN = (
    Shape(
        kind="iban",
        pattern=r"[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?",
        trigger=r"[A-Z]{2}\d\d[ -]?[A-Z0-9]{4}[ -]?[A-Z0-9]{4}",
        check=_account,
        before=WORD,
    ),
    Shape(
        kind="iban",
        pattern=r"(?i:iban)[^\x00\n0-9]{0,12}\b(?i:([A-Z]{2}\d\d(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?))",
        trigger=r"(?i:iban)[^\n0-9]{0,14}\d\d",
        check=_account,
    ),
)
SSN = (
    Shape(
        kind="ssn",
        pattern=r"\d{3}-\d\d-\d{4}",
        trigger=r"\d{3}-\d\d-\d{4}",
        check=_is_ssn,
        before=_ALONE,
        after=WORD | frozenset(b"-"),
    ),
    Shape(
        kind="ssn",
        pattern=r"(?i:\bssn|social security)[^\x00\n0-9]{0,20}(\d{3}[ -]?\d\d[ -]?\d{4})",
        trigger=r"(?i:\bssn|social security)[^\n0-9]{0,20}\d{3}",
        check=_is_ssn,
        after=WORD | frozenset(b"-"),
    ),
)
