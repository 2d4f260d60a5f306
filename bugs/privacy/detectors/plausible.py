"""Whether the value behind `password=` or `token:` is a secret, or code and prose that speak of one."""

from bugs.privacy.detectors.shapes import Found, compiled

_NO_SECRETS = frozenset(
    b"""
    null none nil undefined true false yes no on off empty required optional invalid incorrect missing wrong expired
    valid string str text int number boolean bool object array function password passwd passphrase pwd pass secret token
    key value hidden redacted filtered removed masked changeme example placeholder unset default unknown error failed
    """.split()
)
# Stands for a value: ${PASSWORD}, {{token}}, <token>, %s, $1, ****, xxxx, ..., MY_API_KEY
_STAND_IN = compiled(
    r"\$\{?[A-Za-z_0-9.]+\}?|\{.*|<.*|%\(?\w*\)?s?|%[A-Za-z_]+%|[*•x.X#_-]+|\[.*|process\.env.*|env\..*"
    r"|(?i:(?:my|your|some|the)[_-]?[a-z_-]*(?:key|token|secret|password|pass|pwd)|[a-z_-]*_(?:here|goes_here))"
    r"|[A-Z_]+_(?:KEY|TOKEN|SECRET|PASSWORD|PWD)",
    is_whole=True,
)
_CODE = compiled(  # this.token, user->token, TOKEN_NAME, accessToken, userID, some-words, android.os.Binder@42a76558
    r"(?:[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+(?:@[0-9a-f]+)?|[A-Z][A-Z_]+|[a-z]+(?:[A-Z][a-z]+)+"
    r"|[a-z]{2,}[A-Z]{2,4}|[a-z]+(?:[_-][a-z]+)*|[A-Z]{0,4}(?:[A-Z][a-z]+)+)[;,.:!?]?",
    is_whole=True,
)
_CALL = compiled(r"^[\w.$>:-]+(?:\(.*\)|\[.*\])?[;,]?$|[;,({\[]$", is_whole=True)
_WHOLE_CODE = compiled(rf"^(?:{_CODE.pattern.decode()})$", is_whole=True)
_OTHERS = compiled(r"""^["'`]|&[\w.%\[\]-]+=|://""", is_whole=True)  # quotes, more of a form, an address
_LETTER_AND_DIGIT = compiled(r"[A-Za-z].*\d|\d.*[A-Za-z]", is_whole=True)
_SIGNS = frozenset(b"!@#$%^&*+=?~")
_RANDOM_MIN, _LONG = 12, 20


def is_stand_in(value: bytes) -> bool:
    return value.lower().strip(b".,;:!?)") in _NO_SECRETS or _STAND_IN.fullmatch(value) is not None


def is_quoted_secret(found: Found) -> bool:
    """Between quotes, behind a name: all but what stands for a value."""
    return len(found.value) >= 3 and not is_stand_in(found.value)


def is_secret(found: Found) -> bool:
    """Without quotes: nothing that could be code or prose."""
    value = found.value
    if len(value) < 4 or is_stand_in(value) or found.after(1) in (b"(", b"["):
        return False
    return _CODE.fullmatch(value) is None and (_LETTER_AND_DIGIT.search(value) is not None or _is_mixed(found))


def is_setting(found: Found) -> bool:
    """All behind `password=` to the end of the line, with any signs; but no call and no look-up."""
    value = found.value
    if is_stand_in(value) or any(pattern.search(value) is not None for pattern in (_WHOLE_CODE, _CALL, _OTHERS)):
        return False
    return _LETTER_AND_DIGIT.search(value) is not None or any(byte in _SIGNS for byte in value)


def is_parameter(found: Found) -> bool:
    """In a query or a form: any value."""
    return len(found.value) >= 3 and not is_stand_in(found.value)


def is_random(found: Found) -> bool:
    """Behind a word that prose has too: long, of letters of both cases or of digits and letters."""
    value = found.value
    if len(value) >= _LONG and _LETTER_AND_DIGIT.search(value) is not None:
        return True
    return len(value) >= _RANDOM_MIN and value.lower() != value and is_secret(found)


def _is_mixed(found: Found) -> bool:
    """Digits, but no small number; signs among letters; or both cases in no order that code has."""
    value = found.value
    if value.isdigit():
        return len(value) >= 6
    if any(byte in _SIGNS for byte in value):
        return True
    enough = 6 if found.cue.endswith(b"=") else 16
    return value.isalpha() and len(value) >= enough and value not in (value.lower(), value.upper())
